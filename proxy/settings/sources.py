"""What the command line and the environment say, laid over the document of the file.

The command line wins over the environment, the environment over the file. An overlay speaks of one assistant: with
several in the file it would have to guess which, so it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from proxy.settings.problem import Problem
from proxy.settings.written import is_path


class Overlay(msgspec.Struct, frozen=True):
    """One setting that can be given outside of the file: its path, the option and the variable that give it."""

    path: str
    option: str
    variable: str


OVERLAYS: Final = (
    Overlay("assistants[0].upstream", "--upstream", "KPI_PROXY_UPSTREAM"),
    Overlay("assistants[0].listen", "--listen", "KPI_PROXY_LISTEN"),
    Overlay("assistants[0].preset", "--preset", "KPI_PROXY_PRESET"),
    Overlay("console.listen", "--console", "KPI_PROXY_CONSOLE"),
    Overlay("state", "--state", "KPI_PROXY_STATE"),
    Overlay("store.url", "--store", "KPI_PROXY_REDIS_URL"),
    Overlay("workers", "--workers", "KPI_PROXY_WORKERS"),
)
"""Other KPI_PROXY_* variables are no error: Kubernetes sets some for every service, such as KPI_PROXY_PORT."""


class Given(msgspec.Struct, frozen=True):
    """The overlays that are given: values by path, and by path the name under which the operator gave them."""

    values: Mapping[str, str]
    origins: Mapping[str, str]

    def named(self, problem: Problem) -> Problem:
        """A problem of an overlay's value, under the name by which the operator knows it."""
        return msgspec.structs.replace(problem, path=self.origins.get(problem.path, problem.path))


def given(options: Mapping[str, str | None], environ: Mapping[str, str]) -> Given:
    """Collect the overlays. `options` is keyed by option; an empty variable counts as not set."""
    values, origins = {}, {}
    for overlay in OVERLAYS:
        option, variable = options.get(overlay.option), environ.get(overlay.variable)
        if option is not None:
            values[overlay.path], origins[overlay.path] = option, overlay.option
        elif variable:
            values[overlay.path], origins[overlay.path] = variable, overlay.variable
    return Given(values=values, origins=origins)


def overlaid(document: object, over: Given, here: Path) -> tuple[object, list[Problem]]:
    """The document with the overlays in it. Relative paths among them start at `here`, the working directory."""
    if not over.values:
        return document, []
    if document is None:
        document = {}
    if not isinstance(document, dict):
        return document, []  # the walk says so
    laid: dict[Any, Any] = dict(document)
    problems = []
    for path, text in over.values.items():
        value: object = int(text) if path == "workers" and re.fullmatch(r"[0-9]{1,9}", text) else text
        if path == "state" or (path == "assistants[0].preset" and is_path(text)):
            value = str(here / Path(text)) if not text.startswith("~") else text
        if not path.startswith("assistants[0]."):
            _put(laid, path.split("."), value)
            continue
        assistants = laid.get("assistants") or [{}]
        if not isinstance(assistants, list) or not isinstance(assistants[0], dict | None):
            continue  # the walk says so
        if len(assistants) > 1:
            what = f"the file lists {len(assistants)} assistants, and this does not say which is meant"
            problems.append(Problem(over.origins[path], what, "change it in the file"))
            continue
        laid["assistants"] = [(assistants[0] or {}) | {path.removeprefix("assistants[0]."): value}]
    return laid, problems


def _put(document: dict[Any, Any], keys: Iterable[str], value: object) -> None:
    first, *rest = keys
    if not rest:
        document[first] = value
        return
    section = document.get(first)
    if section is None or isinstance(section, dict):  # anything else: the walk says so
        document[first] = dict(section or {})
        _put(document[first], rest, value)
