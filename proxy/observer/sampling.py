"""Leads words of sampled answers to those who score them: into the review queue, sealed, and to the judge. Nowhere else.

Both choose by the same hash of the conversation, so that the smaller sample lies within the larger one and what people scored can
be held against what the judge said.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

import msgspec

from proxy.meaning.personal import redacted
from proxy.meaning.spoken import ANSWER, QUESTION, Spoken
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
        self._waiting: deque[Spoken] = deque()
        self._news = asyncio.Event()
        self.kept = Counter({(name, what): 0 for name in queues for what in ("kept", "full", "lost")})

    def hear(self, spoken: Spoken) -> None:
        """Take an answer with its question; never waits."""
        assistant = self._assistants[spoken.assistant]
        if self._clock() - spoken.at > LATE:
            return
        reviewed = spoken.assistant in self._queues and spoken.place < assistant.reviews.share
        judged = spoken.assistant in self._judges and spoken.place < assistant.judge.share
        if not (reviewed or judged):
            return
        clean = msgspec.structs.replace(spoken, question=_clean(spoken.question, QUESTION), answer=_clean(spoken.answer, ANSWER))
        if judged:
            self._judges[spoken.assistant].offer(clean)
        if reviewed:
            if len(self._waiting) >= WAITING:
                self.kept[self._waiting.popleft().assistant, "lost"] += 1
            self._waiting.append(clean if assistant.reviews.redact else spoken)
            self._news.set()

    async def run(self) -> None:
        """Keep what is sampled, for ever."""
        while True:
            await self._news.wait()
            if not self._waiting:
                self._news.clear()
                continue
            spoken = self._waiting.popleft()
            try:
                kept = await self._queues[spoken.assistant].keep(spoken, self._clock())
            except self._away as error:
                log.warning("%s: texts to be scored wait for the store: %s", spoken.assistant, error)
                if len(self._waiting) < WAITING:
                    self._waiting.appendleft(spoken)
                await self._sleep(AWAY)
            else:
                self.kept[spoken.assistant, "kept" if kept else "full"] += 1


def _clean(text: str, limit: int) -> str:
    found = redacted(text)
    return found[:-EDGE] if len(text) >= limit else found
