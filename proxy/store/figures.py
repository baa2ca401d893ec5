"""The ledger's reader: any period's figures from one read of its days and one count of its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from redis.asyncio import Redis

from proxy.kpi.agreement import agreement_measures
from proxy.kpi.baseline import compared, phased
from proxy.kpi.calendar import Interval, cut_into, days, monday, months_after, today
from proxy.kpi.costs import Spell, spells
from proxy.kpi.groups import DIMENSIONS, WHOLE, Dimension, Scope
from proxy.kpi.handover import handover_measures, handovers
from proxy.kpi.measures import (
    PeopleCounts,
    completeness,
    csat,
    nps,
    outcomes,
    people_measures,
    session_measures,
    turn_measures,
)
from proxy.kpi.opinions import opinion_measures
from proxy.kpi.precision import precision_measures
from proxy.kpi.prices import PriceList, Prices
from proxy.kpi.report import Cohort, Day, Figures, Measure, Rhythm, Stretch
from proxy.kpi.shares import bins
from proxy.kpi.value import ValueReport, Worth, value_report, worth
from proxy.settings.baseline import Contacts
from proxy.settings.model import Assistant
from proxy.store.agreed import Agreed
from proxy.store.annotations import Annotations, within
from proxy.store.connect import as_bytes
from proxy.store.crowd import Crowd, Known, Stored, over, week
from proxy.store.hours import Hours
from proxy.store.keys import PRESENT, Keys, written
from proxy.store.people import Counting
from proxy.store.retention import Retention

LONGEST: Final = 400
"""Days of one period, the newest: as many as the ledger keeps."""
TARGET_AFTER: Final = 3
"""Months after its launch from which an assistant's adoption is held against the target."""

Sums = Mapping[str, int]
ContactsOf = Callable[[Assistant], Contacts]
"""Contacts with humans, before and since the launch, as the operator's file has them."""


class Ledger:
    """Reads figures. All methods raise one of `connect.AWAY` when the store can't answer."""

    def __init__(
        self, client: Redis, listed: PriceList | None = None, contacts: ContactsOf = lambda _: MappingProxyType({})
    ) -> None:
        self._client = client
        self._listed = listed  # published prices, where they are there
        self._contacts = contacts

    async def figures(
        self, assistant: Assistant, eligible: int | None, first: date, last: date, now: float, scope: Scope = WHOLE
    ) -> Figures:
        """Give all measures of the days from `first` to `last`, both included; `eligible` people could use the assistant.

        `scope` narrows them to a group. What is given of a group by department or profile has to pass
        `proxy.store.breakdown` before anyone sees it.
        """
        first = max(first, last - timedelta(days=LONGEST - 1))
        present = today(assistant.time_zone, now)
        crowd = Crowd(assistant, scope, first, last, present)
        agreed, known = await self.read(assistant, scope, first, last, crowd.weeks)
        counting = Counting(self._client, Keys(assistant.name), agreed)
        crowd.ask(counting)
        people = crowd.read(iter(await counting.counts()), known, eligible)
        found = spelled(assistant, known.days, first, last)
        sums = summed(found)
        return Figures(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            kpis=self.measures(assistant, found, people, last, present, scope),
            provisional=session_measures(sums, assistant.targets, assumed=assistant.session.assumed, provisional=True),
            outcomes=outcomes(sums, "settled"),
            open_sessions=sum(outcomes(sums, "open").values()),
            completeness=completeness(sums),
            handovers=handovers(sums),
            response_times=bins(sums, "response"),
        )

    async def series(
        self, assistant: Assistant, eligible: int | None, interval: Interval, first: date, last: date, now: float, scope: Scope
    ) -> list[Stretch]:
        """Give all measures of each day, week or month of a period; of a single day there is no week or month of people."""
        first = max(first, last - timedelta(days=LONGEST - 1))
        present = today(assistant.time_zone, now)
        pieces = cut_into(interval, first, last)
        crowds = [Crowd(assistant, scope, begin, end, present) for begin, end in pieces]
        agreed, known = await self.read(assistant, scope, first, last, sorted({each for c in crowds for each in c.weeks}))
        counting = Counting(self._client, Keys(assistant.name), agreed)
        if interval != "day":
            for crowd in crowds:
                crowd.ask(counting)
        answers = iter(await counting.counts())
        noted = await Annotations(self._client).of(assistant)
        found = []
        for (begin, end), crowd in zip(pieces, crowds, strict=True):
            cut = spelled(assistant, known.days[(begin - first).days : (end - first).days + 1], begin, end)
            people = PeopleCounts(kept=False) if interval == "day" else crowd.read(answers, known, eligible)
            kpis = self.measures(assistant, cut, people, end, present, scope)
            ended = outcomes(summed(cut), "settled")
            notes = within(noted, begin, end)
            found.append(Stretch(from_=begin.isoformat(), to=end.isoformat(), kpis=kpis, notes=notes, outcomes=ended))
        return found

    async def days(self, assistant: Assistant, eligible: int | None, first: date, last: date, now: float) -> list[Day]:
        """Give the five KPIs of each day, its open sessions at their present outcome; adoption is that of the day's ISO week."""
        first = max(first, last - timedelta(days=LONGEST - 1))
        present = today(assistant.time_zone, now)
        end, finished = min(last, present), over(last, present)
        mondays = sorted({monday(each) for each in days(first, end)})
        agreed, known = await self.read(assistant, WHOLE, first, last, mondays)
        counting = Counting(self._client, Keys(assistant.name), agreed)
        for begin in mondays:
            counting.ask(week(begin), listed=assistant.people.directory is not None)
        weeks = dict(zip(mondays, await counting.counts(), strict=True))
        noted = await Annotations(self._client).of(assistant)
        found = []
        for on, stored in zip(days(first, last), known.days, strict=True):
            sums = added([stored])
            open_ = any(outcomes(sums, "open").values())  # a day whose sessions are all settled changes no more
            sessions = session_measures(sums, assistant.targets, assumed=assistant.session.assumed, provisional=open_)
            begin = monday(on)
            full = begin + timedelta(days=6) <= finished
            people = _week_people(weeks.get(begin, 0), known.heads.get(begin, eligible), full=full)
            kpis = {
                "automation_rate": sessions["automation_rate"],
                "response_time": turn_measures(sums, assistant.targets)["response_time"],
                "csat": csat(sums, assistant.targets),
                "adoption": _people(assistant, people, on)["adoption"] if on <= end else _NOT_YET,
                "handover_rate": sessions["handover_rate"],
            }
            found.append(Day(date=on.isoformat(), kpis=kpis, notes=within(noted, on, on)))
        return found

    async def hours(self, assistant: Assistant, on: date) -> list[Stretch]:
        """Give the measures of sessions and turns of each hour of a day, open sessions at their present outcome."""
        found = []
        for name, sums in await Hours(self._client).of(assistant, on):
            open_ = any(outcomes(sums, "open").values())
            sessions = session_measures(sums, assistant.targets, assumed=assistant.session.assumed, provisional=open_)
            kpis = {
                **session_measures(sums, assistant.targets, assumed=assistant.session.assumed, provisional=False),
                **sessions,
                **turn_measures(sums, assistant.targets),
                "csat": csat(sums, assistant.targets),
                **_precision(assistant, sums),
                **_opinions(assistant, sums),
                **handover_measures(sums),
            }
            found.append(Stretch(from_=name, to=name, kpis=kpis, outcomes=outcomes(sums, "settled")))
        return found

    async def rhythm(self, assistant: Assistant, now: float) -> Rhythm:
        """Give the turns of the last four weeks by weekday and hour."""
        return await Hours(self._client).rhythm(assistant, now)

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        """Give the labels that there are groups of."""
        known = (await self.agreed(assistant)).labels
        return {dimension: known.labels(dimension) for dimension in DIMENSIONS}

    async def retention(self, assistant: Assistant, now: float) -> list[Cohort]:
        """Give the cohorts of the weeks that are over, the oldest first."""
        return await Retention(self._client).cohorts(assistant, now)

    async def value(self, assistant: Assistant, first: date, last: date, now: float) -> ValueReport:
        """Give costs and value of a period, with the numbers that they rest on."""
        first = max(first, last - timedelta(days=LONGEST - 1))
        _, known = await self.read(assistant, WHOLE, first, last, ())
        present = today(assistant.time_zone, now)
        found = self._worth(assistant, spelled(assistant, known.days, first, last), present, WHOLE)
        launched = None if assistant.launched is None else date.fromisoformat(assistant.launched)
        contacts = self._contacts(assistant)
        if not contacts:
            return value_report(assistant, first, last, found)
        effects = phased(contacts, assistant.value.phases, present)
        return value_report(assistant, first, last, found, compared(contacts, launched, present), effects)

    def measures(
        self, assistant: Assistant, found: Sequence[Spell], people: PeopleCounts, last: date, present: date, scope: Scope
    ) -> dict[str, Measure]:
        """Give all measures of a period that ends on `last`."""
        targets, sums = assistant.targets, summed(found)
        return {
            **session_measures(sums, targets, assumed=assistant.session.assumed, provisional=False),
            **turn_measures(sums, targets),
            "csat": csat(sums, targets),
            "nps": nps(sums),
            **_precision(assistant, sums),
            **_opinions(assistant, sums),
            **_agreement(assistant, sums),
            **_people(assistant, people, last),
            **handover_measures(sums),
            **self._worth(assistant, found, present, scope).kpis,
        }

    def _worth(self, assistant: Assistant, found: Sequence[Spell], present: date, scope: Scope) -> Worth:
        value = assistant.value
        basis = completeness(summed(found))
        prices = Prices(value, self._listed)
        return worth(value, prices, found, present, basis, assumed=assistant.session.assumed, whole=scope == WHOLE)

    async def agreed(self, assistant: Assistant) -> Agreed:
        """Give what observers agreed on; raises `ForeignLedgerError` for the ledger of a newer version."""
        return Agreed.read(as_bytes(await self._client.get(Keys(assistant.name).agreed)))

    def counting(self, assistant: Assistant, agreed: Agreed) -> Counting:
        """Begin to count people."""
        return Counting(self._client, Keys(assistant.name), agreed)

    async def read(
        self, assistant: Assistant, scope: Scope, first: date, last: date, mondays: Sequence[date]
    ) -> tuple[Agreed, Known]:
        """Read the days and eligible people of a group, in one round trip."""
        keys = Keys(assistant.name)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.get(keys.agreed)
            pipe.zrange(keys.first, 0, 0, withscores=True)
            for on in days(first, last):
                pipe.hgetall(keys.day(on.isoformat(), scope))
            for begin in mondays:
                pipe.hmget(keys.eligible(begin.isoformat()), written(scope), PRESENT + written(scope))
            stored, oldest, *replies = await pipe.execute()
        began = date.fromordinal(int(oldest[0][1])) if oldest else None
        length = (last - first).days + 1
        weeks = list(zip(mondays, replies[length:], strict=True))
        heads, present = [{on: int(each[at]) for on, each in weeks if each[at] is not None} for at in (0, 1)]
        return Agreed.read(as_bytes(stored)), Known(replies[:length], heads, present, began)


_NOT_YET = Measure(value=None, reason="no_data")


def _precision(assistant: Assistant, sums: Sums) -> dict[str, Measure]:
    return precision_measures(sums, reviews=assistant.reviews.on, judge=assistant.judge.on)


def _agreement(assistant: Assistant, sums: Sums) -> dict[str, Measure]:
    reviews = assistant.reviews
    return agreement_measures(sums, judge=reviews.on and assistant.judge.on, second=reviews.on and reviews.reviewers > 1)


def _opinions(assistant: Assistant, sums: Sums) -> dict[str, Measure]:
    return opinion_measures(sums, typed=assistant.opinions.typed, sentiment=assistant.opinions.sentiment)


def _people(assistant: Assistant, people: PeopleCounts, last: date) -> dict[str, Measure]:
    launched = assistant.launched
    due = launched is None or last >= months_after(date.fromisoformat(launched), TARGET_AFTER)
    return people_measures(people, assistant.targets, due=due)


def _week_people(active: int, eligible: int | None, *, full: bool) -> PeopleCounts:
    return PeopleCounts(adopted=(active,) if full else (), adopted_partial=active, eligible=eligible)


def spelled(assistant: Assistant, stored: Sequence[Stored], first: date, last: date) -> list[Spell]:
    """Add up the sums of the days from `first` to `last`, those together on which the same prices and assumptions hold."""
    return [
        Spell(begin, end, added(stored[(begin - first).days : (end - first).days + 1]))
        for begin, end in spells(assistant.value, first, last)
    ]


def summed(found: Sequence[Spell]) -> Sums:
    """Add up spells."""
    if len(found) == 1:
        return found[0].sums
    sums: dict[str, int] = {}
    for each in found:
        for name, count in each.sums.items():
            sums[name] = sums.get(name, 0) + count
    return sums


def added(each: Sequence[Stored]) -> dict[str, int]:
    """Add up the sums of days."""
    sums: dict[bytes, int] = {}
    for one in each:
        for name, count in one.items():
            sums[name] = sums.get(name, 0) + int(count)
    return {name.decode(): count for name, count in sums.items()}
