"""Who was active: per day a set of keyed hashes, unions over weeks and months.

Sets are exact and take some 60 bytes a person and day: right up to some 10,000 people. What is beyond wants HyperLogLog
(PFADD, PFCOUNT over several days), and would change only this file: nobody else knows how a day's people are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from proxy.kpi.groups import WHOLE, Scope
from proxy.store.keys import DAYS_KEPT, Keys, expiry

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline


Place = tuple[str, bool, Scope]
"""A day, whether the directory lists them, and the group."""


def add_people(pipe: Pipeline, keys: Keys, people: Mapping[Place, set[str]]) -> None:
    """Queue the addition of people."""
    for (day, eligible, scope), users in people.items():
        key = keys.people(day, eligible=eligible, scope=scope)
        pipe.sadd(key, *sorted(users))
        pipe.expireat(key, expiry(day, DAYS_KEPT))


class Counting:
    """Counts of people over runs of days, queued on one transaction. `take` gives them in the order they were asked for."""

    def __init__(self, pipe: Pipeline, keys: Keys, scope: Scope = WHOLE) -> None:
        self._pipe = pipe
        self._keys = keys
        self._scope = scope
        self._places: list[int] = []
        self._unions = 0

    def ask(self, days: Sequence[date], *, eligible: bool) -> None:
        """Queue the count of the distinct people of some days."""
        names = [self._keys.people(day.isoformat(), eligible=eligible, scope=self._scope) for day in days]
        self._places.append(len(self._pipe.command_stack))
        if len(names) == 1:
            self._pipe.scard(names[0])
            return
        # SUNION would send every member; the union is made, counted and dropped before anyone else can see it.
        union = self._keys.union(self._unions)
        self._unions += 1
        self._pipe.sunionstore(union, names)
        self._pipe.delete(union)

    def take(self, replies: Sequence[object]) -> list[int]:
        """Read the counts from the transaction's replies."""
        return [reply if isinstance(reply := replies[place], int) else 0 for place in self._places]
