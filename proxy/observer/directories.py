"""The files of people, read again when they change. One that can't be used changes nothing: what was known stays, and it is said.

A file that is still being written is let be: it counts as new when two looks in a row find it the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from proxy.observer.people import Known, PeopleError, Roll, read_people
from proxy.settings.model import Assistant

log = logging.getLogger(__name__)

LOOK: Final = 5.0
"""Seconds between looks: two system calls for each file, and nobody waits for a new colleague to the second."""

Stamp = tuple[tuple[int, int, int] | None, ...]


class Directories:
    """What is known of the people of all assistants. `rolls` is changed in place, who has it sees the news."""

    def __init__(self, assistants: Sequence[Assistant], secret: bytes) -> None:
        self._assistants = assistants
        self._secret = secret
        self.known: dict[str, Known] = {}
        self.rolls: dict[str, Roll] = {}
        self.stale: dict[str, str] = {}  # by assistant, why its newest files are not in use
        self._taken: dict[str, Stamp] = {}
        self._seen: dict[str, Stamp] = {}
        for each in assistants:
            self._taken[each.name] = self._seen[each.name] = _stamp(each)
            try:
                self._put(each, read_people(each, secret))
            except PeopleError as error:
                log.error("%s: adoption is not given: %s", each.name, error)  # noqa: TRY400 - no traceback wanted
                self.stale[each.name] = str(error)
                self._put(each, Known())

    def look(self) -> list[str]:
        """Look at all files, and give the names of the assistants of which something new is known. Blocks on files."""
        news = []
        for each in self._assistants:
            stamp, before = _stamp(each), self._seen[each.name]
            self._seen[each.name] = stamp
            if stamp == self._taken[each.name] or stamp != before:
                continue
            self._taken[each.name] = stamp
            try:
                known = read_people(each, self._secret)
            except PeopleError as error:
                self.stale[each.name] = str(error)
                log.error("%s: the people known before stay: %s", each.name, error)  # noqa: TRY400 - no traceback wanted
                continue
            self.stale.pop(each.name, None)
            self._put(each, known)
            log.info("%s: the people were read again: %d, with %d aliases", each.name, len(known.people), len(known.aliases))
            news.append(each.name)
        return news

    async def watch(self, told: Callable[[str, Known], None]) -> None:
        """Look for ever; `told` is called with what is new."""
        if not any(each.people.directory or each.people.aliases or each.people.absences for each in self._assistants):
            return
        while True:
            await asyncio.sleep(LOOK)
            for name in await asyncio.to_thread(self.look):
                told(name, self.known[name])

    def _put(self, assistant: Assistant, known: Known) -> None:
        self.known[assistant.name] = known
        self.rolls[assistant.name] = Roll(assistant, known.people)


def _stamp(assistant: Assistant) -> Stamp:
    """What changes when a file does: time, size, and the file itself, which editors and ConfigMaps replace."""
    people = assistant.people
    return tuple([_of(name) for name in (people.directory, people.aliases, people.absences) if name is not None])


def _of(name: str) -> tuple[int, int, int] | None:
    try:
        found = Path(name).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
