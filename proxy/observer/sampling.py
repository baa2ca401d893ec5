"""Leads words of sampled answers to those who score them: into the review queue, sealed, and to the judge. Nowhere else.

Both choose by the same hash of the conversation, so that the smaller sample lies within the larger one and what people scored can
be held against what the judge said. An answer that comes by another exchange than its question is put together first (halves).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

import msgspec

from proxy.meaning.personal import redacted
from proxy.meaning.spoken import ANSWER, QUESTION, Spoken
from proxy.observer.backlog import Backlog
from proxy.observer.halves import QUIET, Halves
from proxy.settings.model import Assistant

WAITING: Final = 200
"""Answers that wait for the store, of some 100 KB at most each; with more, the oldest is given up."""
LATE: Final = 86400.0
"""Seconds after which an answer is history (an import, a replay, a long outage) and is not sampled."""
AWAY: Final = 5.0
"""Seconds between looks for a store that is away."""
EDGE: Final = 64
"""Characters left off where a text was cut: an address cut in half is not known as one."""

log = logging.getLogger(__name__)


class Keeping(Protocol):
    """The review queue of an assistant."""

    async def keep(self, spoken: Spoken, now: float) -> bool:
        """Keep an answer; says whether there was room."""


class Judging(Protocol):
    """The judge of an assistant."""

    def offer(self, spoken: Spoken) -> None:
        """Take an answer."""


class Sampling:
    """Of one observer. `queues` and `judges` are by assistant; `clock` gives Unix seconds."""

    def __init__(
        self,
        assistants: Mapping[str, Assistant],
        queues: Mapping[str, Keeping],
        judges: Mapping[str, Judging],
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        away: tuple[type[Exception], ...],
    ) -> None:
        self._assistants = assistants
        self._queues = queues
        self._judges = judges
        self._clock = clock
        self._sleep = sleep
        self._away = away
        self._halves = Halves()
        self._answered = asyncio.Event()  # some answer may be whole soon
        self._waiting: Backlog[Spoken] = Backlog(WAITING)
        self.kept = Counter({(name, what): 0 for name in queues for what in ("kept", "full", "lost")})

    def hear(self, spoken: Spoken) -> None:
        """Take what was asked, answered, or both; never waits."""
        now = self._clock()
        if now - spoken.at > LATE:
            return
        if spoken.whole:
            self._take(spoken)
        elif not spoken.question:
            self._halves.answer(spoken, now, early=any(self._wanted(spoken)))
        elif any(self._wanted(spoken)) and (before := self._halves.ask(spoken, now)) is not None:
            self._take(before)
        if self._halves.answered:
            self._answered.set()

    def _wanted(self, spoken: Spoken) -> tuple[bool, bool]:
        """Whether it is in the sample of the queue, and in that of the judge."""
        name, assistant = spoken.assistant, self._assistants[spoken.assistant]
        return (
            name in self._queues and spoken.place < assistant.reviews.share,
            name in self._judges and spoken.place < assistant.judge.share,
        )

    def _take(self, spoken: Spoken) -> None:
        reviewed, judged = self._wanted(spoken)
        if not (reviewed or judged):
            return
        clean = msgspec.structs.replace(spoken, question=_clean(spoken.question, QUESTION), answer=_clean(spoken.answer, ANSWER))
        if judged:
            self._judges[spoken.assistant].offer(clean)
        if reviewed:
            oldest = self._waiting.put(clean if self._assistants[spoken.assistant].reviews.redact else spoken)
            if oldest is not None:
                self.kept[oldest.assistant, "lost"] += 1

    async def run(self) -> None:
        """Keep what is sampled, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep())
            group.create_task(self._join())

    async def _keep(self) -> None:
        while True:
            spoken = await self._waiting.take()
            try:
                kept = await self._queues[spoken.assistant].keep(spoken, self._clock())
            except self._away as error:
                log.warning("%s: texts to be scored wait for the store: %s", spoken.assistant, error)
                self.kept[spoken.assistant, "lost"] += not self._waiting.back(spoken)
                await self._sleep(AWAY)
            else:
                self.kept[spoken.assistant, "kept" if kept else "full"] += 1

    async def _join(self) -> None:
        while True:
            await self._answered.wait()
            self._answered.clear()
            while self._halves.answered:
                await self._sleep(QUIET)
                for spoken in self._halves.whole(self._clock()):
                    self._take(spoken)


def _clean(text: str, limit: int) -> str:
    found = redacted(text)
    return found[:-EDGE] if len(text) >= limit else found
