"""Who was active: per day and group a set of keyed hashes, or a HyperLogLog where they are more than `people.exact`.

Sets are exact and let a person be taken out again; they take some 60 bytes a person and day. A HyperLogLog takes 12 KiB
whatever it holds, and its counts are wrong by 0.81 % (standard error; 1.6 % in 19 of 20 cases), which would be nonsense for
a small department; the 10,000 people of the default take 600 KB. A group becomes wide on the day it first has more, and stays
so. Weeks and months are unions over days, of both kinds: someone whom the directory lists from today on was another kind this
morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from redis.asyncio import Redis
from redis.exceptions import WatchError

from proxy.kpi.groups import WHOLE, Scope
from proxy.store.agreed import Agreed
from proxy.store.connect import as_bytes
from proxy.store.keys import DAYS_KEPT, Keys, Kind, expiry

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

Place = tuple[str, Kind, Scope]
"""A day, whether the directory lists them, and the group."""


def add_people(pipe: Pipeline, keys: Keys, agreed: Agreed, people: Mapping[Place, set[str]]) -> dict[int, Place]:
    """Queue the addition of people. Gives where in the replies the sizes of sets stand."""
    sizes: dict[int, Place] = {}
    for place, users in people.items():
        day, kind, scope = place
        wide = agreed.wide(kind, scope, day)
        key = keys.people(day, kind, scope, wide=wide)
        if wide:
            pipe.pfadd(key, *sorted(users))
        else:
            pipe.sadd(key, *sorted(users))
        pipe.expireat(key, expiry(day, DAYS_KEPT))
        if not wide:
            sizes[len(pipe.command_stack)] = place
            pipe.scard(key)
    return sizes


def too_many(sizes: Mapping[int, Place], replies: Sequence[object], exact: int) -> list[Place]:
    """Say which sets have outgrown what a set is for."""
    return [place for at, place in sizes.items() if isinstance(size := replies[at], int) and size > exact]


async def widen(client: Redis, keys: Keys, places: Iterable[Place]) -> None:
    """Make HyperLogLogs of the sets of some groups, from a day on. Whoever loses a race leaves it to the next commit."""
    for day, kind, scope in places:
        first = date.fromisoformat(day)
        days = [(first + timedelta(days=number)).isoformat() for number in range(DAYS_KEPT)]  # later days may have come before
        async with client.pipeline(transaction=True) as pipe:
            await pipe.watch(keys.agreed)
            agreed = Agreed.read(as_bytes(await pipe.get(keys.agreed)))
            if agreed.wide(kind, scope, day):
                continue
            members = await _members(client, [(each, keys.people(each, kind, scope)) for each in days])
            agreed.widen(kind, scope, first)
            pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
            for each, users in members.items():
                wide = keys.people(each, kind, scope, wide=True)
                pipe.pfadd(wide, *users)
                pipe.expireat(wide, expiry(each, DAYS_KEPT))
                pipe.delete(keys.people(each, kind, scope))
            pipe.set(keys.agreed, agreed.encoded())
            try:
                await pipe.execute()
            except WatchError:
                return


async def _members(client: Redis, keys: Sequence[tuple[str, str]]) -> dict[str, Sequence[bytes]]:
    """Read the sets that exist, by their day."""
    async with client.pipeline(transaction=False) as pipe:
        for _, key in keys:
            pipe.smembers(key)
        return {day: sorted(users) for (day, _), users in zip(keys, await pipe.execute(), strict=True) if users}


class Counting:
    """Counts of people over runs of days. `counts` gives them in the order they were asked for."""

    def __init__(self, client: Redis, keys: Keys, agreed: Agreed) -> None:
        self._client = client
        self._keys = keys
        self._agreed = agreed
        self._asked: list[tuple[list[str], list[str]]] = []

    def ask(self, days: Sequence[date], scope: Scope = WHOLE, *, listed: bool = False) -> None:
        """Ask for the number of distinct people of some days; `listed` for those of the directory alone."""
        sets: list[str] = []
        wides: list[str] = []
        for day in days:
            for kind in _KINDS[:1] if listed else _KINDS:
                wide = self._agreed.wide(kind, scope, day.isoformat())
                (wides if wide else sets).append(self._keys.people(day.isoformat(), kind, scope, wide=wide))
        self._asked.append((sets, wides))

    async def counts(self) -> list[int]:
        """Count; one round trip, two where a run of days has sets and HyperLogLogs."""
        mixed = [at for at, (sets, wides) in enumerate(self._asked) if sets and wides]
        members: dict[int, Sequence[bytes]] = {}
        if mixed:
            async with self._client.pipeline(transaction=False) as pipe:
                for at in mixed:
                    pipe.sunion(self._asked[at][0])
                members = {at: sorted(reply) for at, reply in zip(mixed, await pipe.execute(), strict=True)}
        places: list[int | None] = []
        async with self._client.pipeline(transaction=True) as pipe:
            for at, (sets, wides) in enumerate(self._asked):
                places.append(self._count(pipe, sets, wides, members.get(at, ())))
            pipe.delete(self._keys.union(0))
            replies = await pipe.execute() if places else []
        return [reply if place is not None and isinstance(reply := replies[place], int) else 0 for place in places]

    def _count(self, pipe: Pipeline, sets: list[str], wides: list[str], members: Sequence[bytes]) -> int | None:
        """Queue one count; gives the place of its reply, None for a run without days."""
        # SUNION would send every member; each union is counted, and replaced or dropped, before anyone else can see it.
        union = self._keys.union(0)
        if wides:
            if members:
                pipe.delete(union)
                pipe.pfadd(union, *members)
            place = len(pipe.command_stack)
            pipe.pfcount(*wides, *([union] if members else []))
            return place
        if not sets:
            return None
        if len(sets) == 1:
            pipe.scard(sets[0])
        else:
            pipe.sunionstore(union, sets)
        return len(pipe.command_stack) - 1


_KINDS: Final[tuple[Kind, ...]] = ("e", "p")
