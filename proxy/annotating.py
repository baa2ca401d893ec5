"""`kpi-proxy annotate`: notes in the figures' store what happened to an assistant, lists it, and removes it again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from proxy.settings.checks import NAME, annotation_fault
from proxy.settings.model import Annotation, Assistant, Settings
from proxy.store.annotations import Annotations, FullError
from proxy.store.connect import AWAY, connect
from proxy.store.embedded import Embedded

EMBEDDED = "embedded"
T = TypeVar("T")


class AnnotateError(Exception):
    """It can't be done; the text is for the operator."""


def named(settings: Settings, name: str) -> Settings:
    """Give the settings with their one assistant under another name. Raises `AnnotateError`."""
    if not NAME.fullmatch(name):
        raise AnnotateError(f"{name[:40]!r} is no name of an assistant")
    only = msgspec.structs.replace(settings.assistants[0], name=name)
    return msgspec.structs.replace(settings, assistants=(only,))


def annotate(settings: Settings, assistant: str | None, annotation: Annotation) -> str:
    """Note something; gives its name. Raises `AnnotateError`."""
    if fault := annotation_fault(annotation):
        raise AnnotateError(fault)
    name = _assistant(settings, assistant).name
    return _with(settings, lambda notes: notes.add(name, annotation))


def remove(settings: Settings, assistant: str | None, note: str) -> None:
    """Remove what has a name. Raises `AnnotateError`, also when it is not there."""
    name = _assistant(settings, assistant).name
    if not _with(settings, lambda notes: notes.remove(name, note)):
        raise AnnotateError(f"there is no note {note}")


def listed(settings: Settings, assistant: str | None) -> dict[str, Annotation]:
    """Give what is noted in the store, by name. Raises `AnnotateError`."""
    name = _assistant(settings, assistant).name
    return _with(settings, lambda notes: notes.kept(name))


def _assistant(settings: Settings, name: str | None) -> Assistant:
    names = ", ".join(each.name for each in settings.assistants)
    if name is None and len(settings.assistants) > 1:
        raise AnnotateError(f"there are several assistants; give --assistant, one of: {names}")
    for each in settings.assistants:
        if name in (None, each.name):
            return each
    raise AnnotateError(f"there is no assistant {name}; the names are: {names}")


def _with(settings: Settings, work: Callable[[Annotations], Awaitable[T]]) -> T:
    url = Embedded(Path(settings.state).expanduser()).url if settings.store.url == EMBEDDED else settings.store.url

    async def run() -> T:
        client = connect(url, settings.store)
        try:
            return await work(Annotations(client))
        finally:
            await client.aclose()

    try:
        return asyncio.run(run())
    except FullError as error:
        raise AnnotateError(str(error)) from error
    except AWAY as error:
        running = "; with the embedded store, kpi-proxy has to run" if settings.store.url == EMBEDDED else ""
        raise AnnotateError(f"the store can't be reached: {error}{running}") from error
