"""Writes the report of each month once its sessions have settled, and keeps the files.

A file that is there is never written again: what was handed round stays what it was, though a late rating may still move a
figure in the console. A month that passed while nothing ran is written at the next start, as long as the ledger knows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from proxy.console.unanswered import Unavailable
from proxy.report.compose import compose
from proxy.report.forms import FORMS
from proxy.report.gather import Ledger, gather
from proxy.report.month import Month, of
from proxy.settings.model import Assistant, Reports
from proxy.words.formats import Language

log = logging.getLogger(__name__)

PACE: Final = 3600.0
"""Seconds between two looks at what is due."""
GRACE: Final = timedelta(hours=1)
"""After the last session can have settled: settling takes its turn."""


class Monthly:
    """The reports of all assistants, in a directory for each. `run` in the background; `write` once."""

    def __init__(
        self, assistants: Sequence[Assistant], settings: Reports, ledger: Ledger, folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._assistants = assistants
        self._settings = settings
        self._ledger = ledger
        self._folder = folder
        self._now = now

    async def run(self) -> None:
        """Write what becomes due, for ever."""
        while True:
            with suppress(Unavailable):  # the next look is in an hour, and nothing is lost
                await self.write()
            await asyncio.sleep(PACE)

    async def write(self) -> list[Path]:
        """Write the reports that are due and not there; gives their files. Raises `Unavailable`."""
        return [path for assistant in self._assistants for path in await self._write(assistant)]

    async def _write(self, assistant: Assistant) -> list[Path]:
        today = self._now().astimezone(ZoneInfo(assistant.time_zone))
        month = of(today.date()).before
        if today < self._settled(assistant, month):
            return []
        missing = [(path, language, form) for path, language, form in self._files(assistant, month) if not path.exists()]
        if not missing:
            return []
        try:
            facts = await gather(self._ledger, assistant, month, today.date())
        except* Unavailable as error:
            raise Unavailable("no report can be written now") from error
        turns = facts.figures.kpis.get("turns")
        if turns is None or not turns.value:
            return []  # before the start: an empty report every hour would be no news
        for path, language, form in missing:
            self._put(path, FORMS[form].write(compose(facts, language)))
        self._forget(assistant)
        log.info("%s: the report of %s is in %s", assistant.name, month, missing[0][0].parent)
        return [path for path, _, _ in missing]

    def _settled(self, assistant: Assistant, month: Month) -> datetime:
        end = datetime.combine(month.last + timedelta(days=1), time(), ZoneInfo(assistant.time_zone))
        return end + timedelta(seconds=assistant.session.idle + assistant.session.settle) + GRACE

    def _files(self, assistant: Assistant, month: Month) -> Iterator[tuple[Path, Language, str]]:
        for language in self._settings.languages:
            for form in self._settings.formats:
                yield self._home(assistant) / f"{month}-{language}.{form}", language, form

    def _home(self, assistant: Assistant) -> Path:
        return self._folder / assistant.name

    def _put(self, path: Path, body: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = path.with_suffix(f"{path.suffix}.part")
        try:
            half.write_bytes(body)
            half.replace(path)
        except OSError as error:
            log.warning("the report %s can't be written: %s", path, error)

    def _forget(self, assistant: Assistant) -> None:
        """Remove the oldest months above the number to keep."""
        months = sorted({path.name[:7] for path in self._home(assistant).iterdir()})
        for month in months[: -self._settings.keep]:
            for path in self._home(assistant).glob(f"{month}-*"):
                path.unlink(missing_ok=True)
