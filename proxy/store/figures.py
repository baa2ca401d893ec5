"""The ledger's reader: any period's figures from one read of its days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from redis.asyncio import Redis

from proxy.kpi.calendar import days, full_weeks, monday, today
from proxy.kpi.groups import WHOLE, Scope
from proxy.kpi.measures import (
    PeopleCounts,
    completeness,
    csat,
    outcomes,
    people_measures,
    session_measures,
    turn_measures,
)
from proxy.kpi.report import Day, Figures, Measure
from proxy.settings.model import Assistant
from proxy.store.keys import Keys
from proxy.store.people import Counting

MONTH: Final = 28
"""Days of the rolling month: whole weeks, so that months can be compared."""
WEEKS: Final = 4
"""Full weeks over which adoption is averaged, at most, the newest."""
LONGEST: Final = 400
"""Days of one period, the newest: as many as the ledger keeps."""


class Ledger:
    """Reads figures. All methods raise one of `connect.AWAY` when the store can't answer."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def figures(
        self, assistant: Assistant, eligible: int | None, first: date, last: date, now: float, scope: Scope = WHOLE
    ) -> Figures:
        """Give all measures of the days from `first` to `last`, both included; `eligible` people could use the assistant."""
        first = max(first, last - timedelta(days=LONGEST - 1))
        sums = _added(await self._sums(assistant, first, last, scope))
        people = await self._people(assistant, eligible, first, last, today(assistant.time_zone, now), scope)
        targets, assumed = assistant.targets, assistant.session.assumed
        return Figures(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            kpis={
                **session_measures(sums, targets, assumed=assumed, provisional=False),
                **turn_measures(sums, targets),
                "csat": csat(sums, targets),
                **people_measures(people, targets),
            },
            provisional=session_measures(sums, targets, assumed=assumed, provisional=True),
            outcomes=outcomes(sums, "settled"),
            open_sessions=sum(outcomes(sums, "open").values()),
            completeness=completeness(sums),
        )

    async def days(self, assistant: Assistant, eligible: int | None, first: date, last: date, now: float) -> list[Day]:
        """Give the five KPIs of each day, its open sessions at their present outcome; adoption is that of the day's ISO week."""
        first = max(first, last - timedelta(days=LONGEST - 1))
        present = today(assistant.time_zone, now)
        end, over = min(last, present), _over(last, present)
        mondays = sorted({monday(each) for each in days(first, end)})
        async with self._client.pipeline(transaction=True) as pipe:
            counting = Counting(pipe, Keys(assistant.name))
            for begin in mondays:
                counting.ask(_week(begin), eligible=assistant.people.directory is not None)
            weeks = dict(zip(mondays, counting.take(await pipe.execute()), strict=True))
        found = []
        for on, sums in zip(days(first, last), await self._sums(assistant, first, last), strict=True):
            open_ = any(outcomes(sums, "open").values())  # a day whose sessions are all settled changes no more
            sessions = session_measures(sums, assistant.targets, assumed=assistant.session.assumed, provisional=open_)
            begin = monday(on)
            people = _week_people(weeks.get(begin, 0), eligible, full=begin + timedelta(days=6) <= over)
            kpis = {
                "automation_rate": sessions["automation_rate"],
                "response_time": turn_measures(sums, assistant.targets)["response_time"],
                "csat": csat(sums, assistant.targets),
                "adoption": people_measures(people, assistant.targets)["adoption"] if on <= end else _NOT_YET,
                "handover_rate": sessions["handover_rate"],
            }
            found.append(Day(date=on.isoformat(), kpis=kpis))
        return found

    async def _sums(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> list[Mapping[str, int]]:
        keys = Keys(assistant.name)
        async with self._client.pipeline(transaction=False) as pipe:
            for on in days(first, last):
                pipe.hgetall(keys.day(on.isoformat(), scope))
            replies = await pipe.execute()
        return [{name.decode(): int(count) for name, count in reply.items()} for reply in replies]

    async def _people(
        self, assistant: Assistant, eligible: int | None, first: date, last: date, now: date, scope: Scope
    ) -> PeopleCounts:
        """Count people up to the last day of the period that has come."""
        end = min(last, now)
        if end < first:
            return PeopleCounts(eligible=eligible)
        listed = assistant.people.directory is not None
        weeks = [_week(begin) for begin in full_weeks(first, _over(last, now))[-WEEKS:]]
        weeks.append(list(days(max(first, monday(end)), end)))
        async with self._client.pipeline(transaction=True) as pipe:
            counting = Counting(pipe, Keys(assistant.name), scope)
            for each in weeks:
                counting.ask(each, eligible=False)
            for each in weeks:
                counting.ask(each, eligible=listed)
            counting.ask(list(days(end - timedelta(days=MONTH - 1), end)), eligible=False)
            for on in days(first, end):
                counting.ask([on], eligible=False)
            counts = counting.take(await pipe.execute())
        n = len(weeks)
        *active, partial = counts[:n]
        *adopted, adopted_partial = counts[n : 2 * n]
        return PeopleCounts(
            dau=counts[2 * n + 1 :],
            mau=counts[2 * n],
            weeks=active,
            adopted=adopted,
            partial=partial,
            adopted_partial=adopted_partial,
            eligible=eligible,
        )


_NOT_YET = Measure(value=None, reason="no_data")


def _over(last: date, now: date) -> date:
    """Give the last day of a period that is over: a week with the present day in it is not full."""
    return min(last, now - timedelta(days=1))


def _week(begin: date) -> list[date]:
    return list(days(begin, begin + timedelta(days=6)))


def _week_people(active: int, eligible: int | None, *, full: bool) -> PeopleCounts:
    return PeopleCounts(adopted=(active,) if full else (), adopted_partial=active, eligible=eligible)


def _added(each: Sequence[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in each:
        for name, count in one.items():
            sums[name] = sums.get(name, 0) + count
    return sums
