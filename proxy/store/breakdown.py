"""Figures by group: read together, since what may be shown of one depends on the others (proxy.kpi.privacy)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from proxy.kpi.calendar import Interval, cut_into, today
from proxy.kpi.costs import Spell
from proxy.kpi.groups import PEOPLE, WHOLE, Dimension, Scope
from proxy.kpi.measures import PeopleCounts
from proxy.kpi.privacy import HIDDEN, coarse, settled_period
from proxy.kpi.report import Breakdown, Completeness, Figures, Group, Handovers, Measure, Stretch
from proxy.settings.model import Assistant
from proxy.store.crowd import Crowd
from proxy.store.figures import LONGEST, Ledger, spelled
from proxy.store.hiding import Hiding, Period

Heads = Mapping[Scope, int]
"""Eligible people by group, as the directory has them now."""


class Groups:
    """Reads breakdowns, and figures of one group of people. Raises one of `connect.AWAY`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def breakdown(
        self, assistant: Assistant, heads: Heads, by: Dimension, first: date, last: date, now: float, within: Scope = WHOLE
    ) -> Breakdown:
        """Give the groups of a dimension; `within` is the department of a breakdown by profile, or the other way round."""
        present = today(assistant.time_zone, now)
        about_people = by in PEOPLE or bool(within)
        period = _period(first, last, present, about_people=about_people)
        if period is None:
            return _breakdown(assistant, by, None, [])
        agreed = await self._ledger.agreed(assistant)
        labels = agreed.labels.labels(by)
        scopes = [_scope(by, label, within) for label in labels]
        hiding = Hiding(self._ledger, assistant, agreed, heads)
        hidden = await hiding.of(period, pairs=bool(within)) if about_people else set[Scope]()
        crowds = [Crowd(assistant, scope, period.first, period.last, present) for scope in scopes]
        weeks = crowds[0].weeks if crowds else ()
        counting = self._ledger.counting(assistant, agreed)
        for crowd in crowds:
            crowd.ask(counting)
        answers = iter(await counting.counts())
        groups = []
        _, total = await self._ledger.read(assistant, within, period.first, period.last, ())
        left = spelled(assistant, total.days, *period.days)
        rest = [dict(each.sums) for each in left]  # what no group has: the sums of what came without a label
        for label, scope, crowd in zip(labels, scopes, crowds, strict=True):
            # One group after the other: the days of all of them at once would be some hundred megabytes.
            _, each = await self._ledger.read(assistant, scope, period.first, period.last, weeks)
            people, found = (
                crowd.read(answers, each, heads.get(scope)),
                spelled(assistant, each.days, *period.days),
            )
            for less, spell in zip(rest, found, strict=True):
                for name, count in spell.sums.items():
                    less[name] = less.get(name, 0) - count
            if any(spell.sums for spell in found) or people.eligible:
                kpis = self._ledger.measures(assistant, found, people, period.last, present, scope)
                groups.append(_group(assistant, label, kpis, about_people=about_people, hidden=scope in hidden, within=within))
        if sum([less.get("turns", 0) for less in rest]) > 0:
            found = [Spell(spell.first, spell.last, less) for spell, less in zip(left, rest, strict=True)]
            scope = _scope(by, "", within)
            kpis = self._ledger.measures(assistant, found, PeopleCounts(kept=False), period.last, present, scope)
            lost = scope in hidden
            groups.append(_group(assistant, "", kpis, about_people=about_people, hidden=lost, within=within))
        return _breakdown(assistant, by, period, groups)

    async def figures(self, assistant: Assistant, heads: Heads, first: date, last: date, now: float, scope: Scope) -> Figures:
        """Give the measures of one group of people, if they may be shown, of the days that may be shown."""
        present = today(assistant.time_zone, now)
        period = _period(first, last, present, about_people=True)
        if period is None:
            return self._nothing(assistant, first, last, "running")
        agreed = await self._ledger.agreed(assistant)
        hiding = Hiding(self._ledger, assistant, agreed, heads)
        if scope in await hiding.of(period, pairs=len(scope) > 1):
            return self._nothing(assistant, period.first, period.last, "small_group")
        found = await self._ledger.figures(assistant, heads.get(scope), period.first, period.last, now, scope)
        kpis = coarse(found.kpis, _least(assistant, scope))
        return msgspec.structs.replace(found, kpis=kpis, provisional={}, open_sessions=0)

    def _nothing(self, assistant: Assistant, first: date, last: date, reason: str) -> Figures:
        names = self._ledger.measures(assistant, (), PeopleCounts(), last, last, WHOLE)
        return Figures(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            kpis=dict.fromkeys(names, Measure(value=None, reason=reason)),
            provisional={},
            outcomes={},
            open_sessions=0,
            completeness=Completeness(captured=None, decoded=None, attributed=None, dropped=0),
            handovers=Handovers(episodes=0, sources={}, reasons={}),
        )

    async def series(
        self, assistant: Assistant, heads: Heads, interval: Interval, first: date, last: date, now: float, scope: Scope
    ) -> list[Stretch]:
        """Give the measures of one group of people for each week or month that is over and whole; no days."""
        present = today(assistant.time_zone, now)
        agreed = await self._ledger.agreed(assistant)
        hiding = Hiding(self._ledger, assistant, agreed, heads)
        found = []
        for begin, end in cut_into(interval, first, last):
            whole = _period(begin, end, present, about_people=True)
            if whole is None or (whole.first, whole.last) != (begin, end):
                continue
            found += await self._ledger.series(assistant, heads.get(scope), interval, begin, end, now, scope)
            hidden = scope in await hiding.of(whole, pairs=len(scope) > 1)
            kpis = dict.fromkeys(found[-1].kpis, HIDDEN) if hidden else coarse(found[-1].kpis, _least(assistant, scope))
            found[-1] = msgspec.structs.replace(found[-1], kpis=kpis, outcomes={} if hidden else found[-1].outcomes)
        return found


def _period(first: date, last: date, present: date, *, about_people: bool) -> Period | None:
    first = max(first, last - timedelta(days=LONGEST - 1))
    if not about_people:
        return Period(first, last)
    shown = settled_period(first, last, present)
    return None if shown is None else Period(*shown)


def _scope(by: Dimension, label: str, within: Scope) -> Scope:
    return tuple(sorted(((by, label), *within)))


def _least(assistant: Assistant, scope: Scope) -> int:
    return assistant.people.smallest_pair if len(scope) > 1 else assistant.people.smallest


def _group(
    assistant: Assistant, label: str, kpis: dict[str, Measure], *, about_people: bool, hidden: bool, within: Scope
) -> Group:
    if hidden:
        return Group(label=label, hidden=True, kpis=dict.fromkeys(kpis, HIDDEN))
    least = assistant.people.smallest_pair if within else assistant.people.smallest
    return Group(label=label, hidden=False, kpis=coarse(kpis, least) if about_people else kpis)


def _breakdown(assistant: Assistant, by: Dimension, period: Period | None, groups: list[Group]) -> Breakdown:
    return Breakdown(
        assistant=assistant.name,
        by=by,
        from_=None if period is None else period.first.isoformat(),
        to=None if period is None else period.last.isoformat(),
        time_zone=assistant.time_zone,
        groups=groups,
        suppressed_groups=sum([group.hidden for group in groups]),
    )
