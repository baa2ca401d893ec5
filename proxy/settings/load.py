"""From file, environment and command line to `Settings`, or to every fault at once.

Nothing here opens a socket. The order is: read the file, lay environment and options over it, walk the document against
the model, check what no single value shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from proxy.settings import checks, written
from proxy.settings.checks import Known
from proxy.settings.files import known_names
from proxy.settings.model import Settings
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.sources import Given, given, overlaid
from proxy.settings.walk import walk
from proxy.settings.yaml import YamlError, read_yaml

FILE_VARIABLE: Final = "KPI_PROXY_CONFIG"
FILE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of a settings file; a thousand assistants fit. More is another file taken for it."""


def load(options: Mapping[str, str | None], environ: Mapping[str, str], here: Path, known: Known | None = None) -> Settings:
    """Settings of a start; raises `SettingsError` with every problem.

    `options` is keyed by the option as it is typed ("--upstream"), "--config" among them; `here` is the working directory.
    """
    over = given(options, environ)
    name = options.get("--config") or environ.get(FILE_VARIABLE)
    text, base = "", here
    if name:
        file = here / Path(name).expanduser()
        text, base = _text(file), file.parent
    outcome = settings_of(text, name or "settings", over, base=base, here=here, known=known or known_names())
    if not isinstance(outcome, Settings):
        raise SettingsError(outcome)
    return outcome


def settings_of(text: str, name: str, over: Given, *, base: Path, here: Path, known: Known) -> Settings | tuple[Problem, ...]:
    """Settings of a text; `base` is where its relative paths start, `here` where those of the overlays do."""
    try:
        document = read_yaml(text, name)
    except YamlError as error:
        return (Problem("", str(error)),)
    document, problems = overlaid(document, over, here)
    settings, found = walk(Settings, {"assistants": []} if document is None else document, base)
    problems += found
    if document is not None and not isinstance(document, dict):
        return tuple(problems)
    failed = [problem.path for problem in found]
    settings = _resolved(settings, base)
    problems += [problem for problem in checks.check(settings, known) if not _below(problem.path, failed)]
    return tuple(over.named(problem) for problem in problems) or settings


def _resolved(settings: Settings, base: Path) -> Settings:
    """Defaults that are paths, and own presets and marker files, as absolute paths."""
    assistants = [
        msgspec.structs.replace(
            assistant,
            preset=_own(assistant.preset, base)
            if isinstance(assistant.preset, str)
            else tuple([_own(each, base) for each in assistant.preset]),
            markers=msgspec.structs.replace(
                assistant.markers,
                files=tuple(_own(each, base) for each in assistant.markers.files),
                trial=tuple(_own(each, base) for each in assistant.markers.trial),
            ),
        )
        for assistant in settings.assistants
    ]
    return msgspec.structs.replace(settings, state=written.path(settings.state, base), assistants=tuple(assistants))


def _own(name: str, base: Path) -> str:
    """Resolve a path to rules of the operator's own; a name stays."""
    try:
        return written.path(name, base) if written.is_path(name) else name
    except ValueError:  # "~nobody/..." or a NUL: the check finds no such file
        return name


def _below(path: str, failed: Iterable[str]) -> bool:
    """Whether a fault lies at or under a place that could not be read: what stands there now is only a default."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in failed)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > FILE_LIMIT:
            raise SettingsError([Problem("--config", f"{file} is larger than {FILE_LIMIT} bytes")])
        return file.read_text("utf-8")
    except OSError as error:
        raise SettingsError([Problem("--config", f"{file} can't be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([Problem("--config", f"{file} is not UTF-8 (byte {error.start})")]) from error
