"""Who comes back: of the people whose first week it was, how many were active so many weeks later."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from redis.asyncio import Redis

from proxy.kpi.calendar import monday, today
from proxy.kpi.groups import WHOLE
from proxy.kpi.privacy import HIDDEN
from proxy.kpi.report import Cohort, Measure
from proxy.kpi.shares import share
from proxy.settings.model import Assistant
from proxy.store.agreed import Agreed
from proxy.store.connect import as_bytes
from proxy.store.crowd import week
from proxy.store.keys import Keys, Kind

WEEKS: Final = 12
"""Weeks looked back at, the newest that is over included."""


class Retention:
    """Reads cohorts. Raises one of `connect.AWAY`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def cohorts(self, assistant: Assistant, now: float) -> list[Cohort]:
        """Give the cohorts of the weeks that are over, the oldest first; small ones are hidden, as are counts of many."""
        keys = Keys(assistant.name)
        last = monday(today(assistant.time_zone, now)) - timedelta(weeks=1)
        mondays = [last - timedelta(weeks=number) for number in range(WEEKS - 1, -1, -1)]
        agreed = Agreed.read(as_bytes(await self._client.get(keys.agreed)))
        kinds: tuple[Kind, ...] = ("e", "p")
        if any(agreed.wide(kind, WHOLE, (last + timedelta(days=6)).isoformat()) for kind in kinds):
            return [Cohort(week=each.isoformat(), people=Measure(value=None, reason="too_many"), later=[]) for each in mondays]
        cohort, active = keys.union(0), keys.union(1)
        async with self._client.pipeline(transaction=True) as pipe:
            for begin in mondays:
                pipe.zcount(keys.first, begin.toordinal(), begin.toordinal())
                for later in [each for each in mondays if each > begin]:
                    pipe.sunionstore(active, [keys.people(day.isoformat(), kind) for day in week(later) for kind in kinds])
                    pipe.zrangestore(cohort, keys.first, begin.toordinal(), begin.toordinal(), byscore=True)
                    pipe.zintercard(2, [cohort, active])
                    pipe.delete(cohort, active)
            replies = iter(await pipe.execute())
        found = []
        for begin in mondays:
            size = int(next(replies))
            counts = [[next(replies) for _ in range(4)][2] for each in mondays if each > begin]
            small = size < assistant.people.smallest
            people = HIDDEN if small else Measure(value=float(size))
            shares = [HIDDEN if small else share(int(count), size) for count in counts]
            found.append(Cohort(week=begin.isoformat(), people=people, later=shares))
        return found
