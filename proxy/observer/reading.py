"""Figures out of the store, for the console and for the gauges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

from proxy.console.unanswered import Unavailable
from proxy.export.gauges import Crowd, Snapshot, Window
from proxy.kpi.calendar import Interval, monday
from proxy.kpi.groups import PEOPLE, WHOLE, Dimension, Scope
from proxy.kpi.report import Breakdown, Cohort, Day, Figures, Group, Rhythm, Stretch
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport, configured
from proxy.settings.model import Assistant
from proxy.store.activity import Activity
from proxy.store.breakdown import Groups, Heads
from proxy.store.connect import AWAY
from proxy.store.figures import Ledger
from proxy.store.topics import Themes

T = TypeVar("T")


class Roll(Protocol):
    """Who may use an assistant."""

    def groups(self, week: date) -> Heads:
        """The people of a week, by its Monday and by group."""


CROWDS: Final = 600.0
"""Seconds between two looks at the people by group: weeks that are over change little, and cost a read of each group."""
WINDOWS: Final[tuple[tuple[Window, int], ...]] = (("7d", 7), ("28d", 28))


class Reading:
    """The ledger as the console knows it: what is eligible filled in, a store that is away said as `Unavailable`."""

    def __init__(
        self, ledger: Ledger, activity: Activity, themes: Themes, rolls: Mapping[str, Roll], clock: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._activity = activity
        self._themes = themes
        self._groups = Groups(ledger)
        self._rolls = rolls
        self._clock = clock
        self._known: dict[str, tuple[float, tuple[Crowd, ...]]] = {}  # when, and what was read of an assistant's groups

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        """All measures over a period, of everything or of a group."""
        heads = self._heads(assistant)
        if _about_people(scope):
            return await self._asked(self._groups.figures(assistant, heads, first, last, self._clock(), scope))
        return await self._asked(self._ledger.figures(assistant, heads.get(scope), first, last, self._clock(), scope))

    async def series(
        self, assistant: Assistant, interval: Interval, first: date, last: date, scope: Scope = WHOLE
    ) -> list[Stretch]:
        """All measures of each day, week or month."""
        heads = self._heads(assistant)
        if _about_people(scope):
            return await self._asked(self._groups.series(assistant, heads, interval, first, last, self._clock(), scope))
        return await self._asked(self._ledger.series(assistant, heads.get(scope), interval, first, last, self._clock(), scope))

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = WHOLE) -> Breakdown:
        """All measures of each group of a dimension."""
        heads = self._heads(assistant)
        return await self._asked(self._groups.breakdown(assistant, heads, by, first, last, self._clock(), within))

    async def retention(self, assistant: Assistant) -> list[Cohort]:
        """The cohorts of the last weeks that are over."""
        return await self._asked(self._ledger.retention(assistant, self._clock()))

    async def hours(self, assistant: Assistant, on: date) -> list[Stretch]:
        """The measures of each hour of a day."""
        return await self._asked(self._ledger.hours(assistant, on))

    async def rhythm(self, assistant: Assistant) -> Rhythm:
        """Turns by weekday and hour."""
        return await self._asked(self._ledger.rhythm(assistant, self._clock()))

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        """The labels that there are groups of."""
        return await self._asked(self._ledger.labels(assistant))

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """The trend of a period."""
        eligible = self._heads(assistant).get(WHOLE)
        return await self._asked(self._ledger.days(assistant, eligible, first, last, self._clock()))

    def _heads(self, assistant: Assistant) -> Heads:
        return self._rolls[assistant.name].groups(monday(self.today(assistant)))

    async def topics(self, assistant: Assistant) -> Topics:
        """What unanswered questions are about."""
        return await self._asked(self._themes.of(assistant, self._clock()))

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        """Costs and value of a period."""
        return await self._asked(self._ledger.value(assistant, first, last, self._clock()))

    async def _asked(self, reading: Awaitable[T]) -> T:
        try:
            return await reading
        except AWAY as error:
            raise Unavailable(str(error)) from error

    def today(self, assistant: Assistant) -> date:
        """The day it is for the assistant."""
        return datetime.fromtimestamp(self._clock(), UTC).astimezone(ZoneInfo(assistant.time_zone)).date()

    async def snapshots(self, assistants: tuple[Assistant, ...]) -> list[Snapshot]:
        """What the gauges show of each assistant."""
        return [await self._snapshot(assistant) for assistant in assistants]

    async def _snapshot(self, assistant: Assistant) -> Snapshot:
        today = self.today(assistant)
        figures = {window: await self.figures(assistant, today - timedelta(days=days - 1), today) for window, days in WINDOWS}
        active = await self._asked(self._activity.active(assistant, self._clock()))
        crowds = await self._crowds(assistant, today)
        value = await self.value(assistant, today - timedelta(days=27), today) if configured(assistant.value) else None
        return Snapshot(figures=figures, active=active, eligible=self._heads(assistant).get(WHOLE), crowds=crowds, value=value)

    async def _crowds(self, assistant: Assistant, today: date) -> tuple[Crowd, ...]:
        """People by department and by profile, of weeks that are over; they seldom change, and are many."""
        read_at, crowds = self._known.get(assistant.name, (float("-inf"), ()))
        if self._clock() - read_at < CROWDS:
            return crowds
        over = monday(today) - timedelta(days=1)
        found = []
        for by in ("department", "profile"):
            weeks = {each.label: each for each in (await self.breakdown(assistant, by, monday(over), over)).groups}
            month = await self.breakdown(assistant, by, over - timedelta(days=27), over)
            found += [_crowd(by, group, weeks.get(group.label)) for group in month.groups if group.label and not group.hidden]
        self._known[assistant.name] = self._clock(), tuple(found)
        return tuple(found)


def _crowd(by: Literal["department", "profile"], month: Group, week: Group | None) -> Crowd:
    active: dict[Literal["last_week", "last_4_weeks"], float] = {}
    if (people := month.kpis["mau"].value) is not None:
        active["last_4_weeks"] = people
    if week is not None and (people := week.kpis["wau"].value) is not None:
        active["last_week"] = people
    return Crowd(dimension=by, label=month.label, active=active, eligible=month.kpis["adoption"].denominator)


def _about_people(scope: Scope) -> bool:
    return any(name in PEOPLE for name, _ in scope)
