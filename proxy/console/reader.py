"""Reads for a page, and for the files of it, all that its view is made of: its period and the one before it, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.periods import Period
from proxy.kpi.calendar import hour, monday
from proxy.kpi.groups import PEOPLE, WHOLE, Dimension
from proxy.kpi.report import Breakdown, Cohort, Day, Figures, Rhythm, Stretch
from proxy.kpi.topics import Topics

Grain = Literal["hour", "day", "week", "month"]

BY_DAY: Final = 45
"""Days of a period up to which a chart has a place for each of them; more would be a hedge, and a heavy page, and are weeks."""
BY_WEEK: Final = 200
"""The same for weeks: of a year, months are looked at."""
WEEK: Final = 7
"""Days of a period above which a view of weekly figures is cut into weeks."""


Alone = Literal["unkept", "new"]
"""Why a period stands alone: of the time before not all is kept, or the assistant was not in service for all of it."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is written from. `before` is None where a period stands alone."""

    period: Period
    present: str  # the hour it is for the assistant, as in proxy.kpi.calendar: what lies there may still change
    grain: Grain
    figures: Figures
    points: list[Stretch]
    before: Figures | None = None
    alone: Alone | None = None
    past: list[Stretch] = []
    labels: dict[Dimension, list[str]] = {}
    rhythm: Rhythm | None = None
    cohorts: list[Cohort] = []
    departments: Breakdown | None = None
    channels: Breakdown | None = None
    topics: Topics | None = None

    @property
    def partly(self) -> bool:
        """Whether it is of a day that is not over: what adds up over a day is not comparable with the day before."""
        return self.period.length == 1 and self.period.last.isoformat() == self.present[:10]


async def read(clerk: Clerk, choice: Choice, now: datetime) -> Read:
    """Read a view. Raises a group of `Unavailable`."""
    period = choice.period(now)
    grain, panels, assistant = _grain(choice, period), choice.view.panels, choice.assistant
    present = hour(assistant.time_zone, now.timestamp())
    launched = assistant.launched or ""
    alone: Alone | None = None
    if not period.before.kept(assistant, now):
        alone = "unkept"
    elif period.before.first.isoformat() < launched:
        alone = "new"
    before = period.before if alone is None else None
    async with asyncio.TaskGroup() as group:
        figures = group.create_task(clerk.figures(assistant, period.first, period.last, choice.scope))
        points = group.create_task(_points(clerk, choice, period, grain))
        labels = group.create_task(clerk.labels(assistant))
        then = past = rhythm = cohorts = departments = channels = topics = None
        if before is not None:
            then = group.create_task(clerk.figures(assistant, before.first, before.last, choice.scope))
            past = group.create_task(_points(clerk, choice, before, grain))
        if "rhythm" in panels:
            rhythm = group.create_task(clerk.rhythm(assistant))
        if "cohorts" in panels:
            cohorts = group.create_task(clerk.retention(assistant))
        if "topics" in panels:
            topics = group.create_task(clerk.topics(assistant))
        if "departments" in panels:
            departments = group.create_task(clerk.breakdown(assistant, "department", period.first, period.last))
        if "channels" in panels:
            channels = group.create_task(clerk.breakdown(assistant, "channel", period.first, period.last))
    return Read(
        period=period,
        present=present,
        grain=grain,
        figures=figures.result(),
        points=[each if _in_service(each, launched, present) else _empty(each) for each in points.result()],
        before=then.result() if then else None,
        alone=alone,
        past=past.result() if past else [],
        labels=labels.result().labels,
        rhythm=rhythm.result() if rhythm else None,
        cohorts=cohorts.result().cohorts if cohorts else [],
        departments=departments.result() if departments else None,
        channels=channels.result() if channels else None,
        topics=topics.result() if topics else None,
    )


def _in_service(point: Stretch, launched: str, present: str) -> bool:
    """Whether a place of a chart has something to say: it has come, and is not before the launch."""
    return launched <= point.to and point.from_ <= present


def _empty(point: Stretch) -> Stretch:
    return msgspec.structs.replace(point, kpis={})


def _grain(choice: Choice, period: Period) -> Grain:
    if period.length > BY_WEEK:
        return "month"
    if period.length > BY_DAY or _by_whole_weeks(choice, period):
        return "week"
    return "hour" if period.length == 1 and choice.scope == WHOLE else "day"


def _by_whole_weeks(choice: Choice, period: Period) -> bool:
    """Whether a shorter period is cut into whole weeks, too: days of a group of people are not shown."""
    about_people = any(name in PEOPLE for name, _ in choice.scope)
    return about_people or (choice.view.weekly and period.length > WEEK)


async def _points(clerk: Clerk, choice: Choice, period: Period, grain: Grain) -> list[Stretch]:
    match grain:
        case "hour":
            return (await clerk.hours(choice.assistant, period.first)).hours
        case "week" | "month":
            # Of a group of people there are whole weeks only, and its figures begin with one.
            first = monday(period.first) if grain == "week" and _by_whole_weeks(choice, period) else period.first
            return (await clerk.series(choice.assistant, grain, first, period.last, choice.scope)).series
        case "day":
            found = (await clerk.series(choice.assistant, "day", period.first, period.last, choice.scope)).series
            if choice.scope != WHOLE:
                return found
            # The five of each day know more: sessions still open, and adoption.
            return _with(found, (await clerk.days(choice.assistant, period.first, period.last)).days)


def _with(found: Sequence[Stretch], days: Sequence[Day]) -> list[Stretch]:
    known = {day.date: day.kpis for day in days}
    return [msgspec.structs.replace(each, kpis={**each.kpis, **known.get(each.from_, {})}) for each in found]


def day_of(point: Stretch) -> date:
    """The day on which a place of a chart begins."""
    return date.fromisoformat(point.from_[:10])
