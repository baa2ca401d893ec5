"""What became of sampled answers: each score once, its count in the ledger, and how often two who scored the same agree.

A score and its counts are one transaction over the record of its answer: whoever comes second, person or judge, finds the first
and counts the pair. Records hold no words. Who looked at texts and when is kept beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from redis.exceptions import WatchError

from proxy.access.looks import Look
from proxy.kpi import agreement
from proxy.kpi.agreement import DECIDED, Score
from proxy.kpi.calendar import hour
from proxy.kpi.groups import NONE
from proxy.kpi.precision import Method, Verdict, cell_of
from proxy.kpi.rules import Rules
from proxy.kpi.usage import Usage
from proxy.kpi.usage import cells as usage_cells
from proxy.settings.model import Assistant
from proxy.store.commit import Commit
from proxy.store.connect import as_hash
from proxy.store.keys import DAYS_KEPT, Keys
from proxy.store.transaction import Client

RECORDS: Final = 92 * 86400
"""Seconds for which it is known who scored an answer how: longer than any text is kept."""
LOOKS: Final = 20_000
"""Entries on who looked at texts, the newest: a year of fifty sessions a day."""
ATTEMPTS: Final = 20

_JUDGE: Final = b"judge"
_REVIEW: Final = b"review:"
_VERDICTS: Final[dict[Score, Verdict]] = {"correct": "correct", "partly": "wrong", "wrong": "wrong", "unsure": "undecided"}
"""Half an answer is not a right one: precision counts answers that may be relied on."""

Taken = Literal["taken", "scored", "enough"]
"""What became of a score: counted; this one had scored the answer before; as many had as are asked for."""


class Scores:
    """The scores of one assistant. All methods raise one of `connect.AWAY`, or WatchError where others write all the time."""

    def __init__(self, client: Client, assistant: Assistant) -> None:
        self._client = client
        self._assistant = assistant
        self._keys = Keys(assistant.name)
        self._rules = Rules.of(assistant)

    async def reviewers(self, turns: Sequence[str]) -> list[frozenset[str]]:
        """Who has scored each of some answers."""
        async with self._client.pipeline(transaction=False) as pipe:
            for turn in turns:
                pipe.hkeys(self._keys.score(turn))
            found = await pipe.execute()
        return [_names(names) for names in found]

    async def review(self, turn: str, at: float, reader: str, score: Score) -> Taken:
        """Count what a person says of an answer (`at`: of its question)."""
        return await self._score(turn, at, _REVIEW + reader.encode(), score)

    async def judged(self, turn: str) -> bool:
        """Say whether the judge has scored an answer: it is asked once, whoever reads a record again."""
        return bool(await self._client.hexists(self._keys.score(turn), _JUDGE))

    async def judge(self, turn: str, at: float, score: Score) -> Taken:
        """Count what the judge says of an answer."""
        return await self._score(turn, at, _JUDGE, score)

    async def _score(self, turn: str, at: float, who: bytes, score: Score) -> Taken:
        key = self._keys.score(turn)
        for attempt in range(ATTEMPTS):
            async with self._client.pipeline(transaction=True) as pipe:
                await pipe.watch(key)
                known = {name: value.decode() for name, value in as_hash(await pipe.hgetall(key)).items()}
                if who in known:
                    return "scored"
                reviews = [value for name, value in known.items() if name.startswith(_REVIEW)]
                if who != _JUDGE and len(reviews) >= self._assistant.reviews.reviewers:
                    return "enough"
                commit = Commit(self._assistant.name, self._keys, self._rules)
                at_hour = hour(self._rules.zone, at)
                for name in _cells(known, reviews, who, score):
                    commit.cells[at_hour, name, NONE] = 1
                pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
                pipe.hset(key, who, score)
                pipe.expire(key, RECORDS)
                commit.write(pipe)
                try:
                    await pipe.execute()
                except WatchError:
                    if attempt == ATTEMPTS - 1:
                        raise
                    continue
                return "taken"
        raise AssertionError("unreachable")

    async def spend(self, usage: Usage, at: float) -> None:
        """Count the judge's tokens as the assistant's own, in the hour at which they were spent."""
        commit = Commit(self._assistant.name, self._keys, self._rules)
        for name, count in usage_cells([usage]):
            commit.cells[hour(self._rules.zone, at), name, NONE] = count
        async with self._client.pipeline(transaction=True) as pipe:
            commit.write(pipe)
            await pipe.execute()

    async def note(self, look: Look) -> None:
        """Keep who looked."""
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.zadd(self._keys.looks, {msgspec.json.encode(look): look.at})
            pipe.zremrangebyrank(self._keys.looks, 0, -LOOKS - 1)
            pipe.zremrangebyscore(self._keys.looks, "-inf", look.at - DAYS_KEPT * 86400)
            pipe.expire(self._keys.looks, DAYS_KEPT * 86400)
            await pipe.execute()

    async def looks(self, most: int) -> list[Look]:
        """Give the newest entries on who looked, the newest first."""
        found = await self._client.zrange(self._keys.looks, 0, most - 1, desc=True)
        return [msgspec.json.decode(each, type=Look) for each in found if isinstance(each, bytes)]


def _names(fields: Sequence[bytes]) -> frozenset[str]:
    return frozenset(name.removeprefix(_REVIEW).decode() for name in fields if name.startswith(_REVIEW))


def _cells(known: dict[bytes, str], reviews: list[str], who: bytes, score: Score) -> list[str]:
    """Name the cells of a new score: its own, where it is the first of its kind, and those of the pairs that it makes."""
    method: Method = "judge" if who == _JUDGE else "review"
    found = [] if reviews and method == "review" else [cell_of(method, _VERDICTS[score])]
    first = msgspec.convert(reviews[0], Score) if reviews else None
    judged = msgspec.convert(known[_JUDGE], Score) if _JUDGE in known else None
    if method == "judge" and first is not None:
        found.append(agreement.cell("judge", score, first))
    elif method == "review" and first is not None:
        found.append(agreement.cell("reviewers", first, score))
    elif judged is not None:
        found.append(agreement.cell("judge", judged, score))
    return [name for name in found if not name.startswith("pair:") or set(name.split(":")[2:]) <= set(DECIDED)]
