"""The review queue as the console knows it: who looks is noted first, and nothing is shown where that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from proxy.access.looks import Look
from proxy.console.unanswered import Unavailable
from proxy.kpi.agreement import Score
from proxy.meaning.spoken import Sample
from proxy.settings.model import Assistant
from proxy.store.connect import AWAY
from proxy.store.samples import Samples
from proxy.store.scores import Scores

SHOWN: Final = 200
"""Entries of who looked, of one answer."""


class Reviewing:
    """Of the assistants that have a queue; raises `Unavailable` while the store is away. `clock` gives Unix seconds."""

    def __init__(self, samples: Mapping[str, Samples], scores: Mapping[str, Scores], clock: Callable[[], float]) -> None:
        self._samples = samples
        self._scores = scores
        self._clock = clock

    async def next(self, assistant: Assistant, reader: str) -> tuple[Sample | None, int]:
        """The oldest session that this reader may score, and how many there are."""
        (samples, kept), now = self._of(assistant), self._clock()
        first: Sample | None = None
        count = 0
        try:
            async for sample in samples.settled(now):
                by = await kept.reviewers([each.turn for each in sample.answers])
                if any(reader not in names and len(names) < assistant.reviews.reviewers for names in by):
                    first, count = first or sample, count + 1
            if first is not None:
                await kept.note(_look("seen", now, reader, first))
        except AWAY as error:
            raise Unavailable(str(error)) from error
        return first, count

    async def score(self, assistant: Assistant, reader: str, session: str, scores: Mapping[str, Score]) -> int | None:
        """Take scores; gives how many counted, None for a session that is no longer kept."""
        (samples, kept), now = self._of(assistant), self._clock()
        try:
            found = await samples.of(session.partition(".")[0], now)
            sample = next((each for each in found if each.id == session), None)
            if sample is None:
                return None
            await kept.note(_look("scored", now, reader, sample))
            taken = [
                await kept.review(each.turn, each.at, reader, scores[each.id]) for each in sample.answers if each.id in scores
            ]
        except AWAY as error:
            raise Unavailable(str(error)) from error
        return taken.count("taken")

    def _of(self, assistant: Assistant) -> tuple[Samples, Scores]:
        samples = self._samples.get(assistant.name)
        if samples is None:
            raise Unavailable("the key that texts are sealed with can't be read")
        return samples, self._scores[assistant.name]

    async def looks(self, assistant: Assistant) -> list[Look]:
        """Who was shown texts lately."""
        try:
            return await self._scores[assistant.name].looks(SHOWN)
        except AWAY as error:
            raise Unavailable(str(error)) from error


def _look(action: Literal["seen", "scored"], at: float, reader: str, sample: Sample) -> Look:
    return Look(at=at, reader=reader, action=action, session=sample.id, answers=len(sample.answers))
