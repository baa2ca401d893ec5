"""Brings together what a report is made from, for whoever can read the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec

from proxy.kpi.calendar import Interval
from proxy.kpi.groups import Dimension
from proxy.kpi.report import Breakdown, Day, Figures, Stretch
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport
from proxy.report.model import Facts
from proxy.report.month import Month
from proxy.settings.model import Assistant


class Ledger(Protocol):
    """Reads figures; dates are in the assistant's time zone, both included."""

    async def figures(self, assistant: Assistant, first: date, last: date) -> Figures:
        """All measures over the period."""

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """The five for each day of it, in order, with sessions that are still open."""

    async def series(self, assistant: Assistant, interval: Interval, first: date, last: date) -> list[Stretch]:
        """The others of each day, week or month."""

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date) -> Breakdown:
        """The same for each group of a dimension, without those that must not be shown."""

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        """Costs and value of the period."""

    async def topics(self, assistant: Assistant) -> Topics:
        """What unanswered questions of the last weeks are about."""


async def gather(ledger: Ledger, assistant: Assistant, month: Month, today: date) -> Facts:
    """Read the month and the one before. Raises what the ledger raises, in a group of one kind."""
    async with asyncio.TaskGroup() as group:
        figures = group.create_task(ledger.figures(assistant, month.first, month.last))
        before = group.create_task(ledger.figures(assistant, month.before.first, month.before.last))
        days = group.create_task(ledger.days(assistant, month.first, month.last))
        series = group.create_task(ledger.series(assistant, "day", month.first, month.last))
        value = group.create_task(ledger.value(assistant, month.first, month.last))
        departments = group.create_task(ledger.breakdown(assistant, "department", *month.weeks))
        topics = group.create_task(ledger.topics(assistant))
    return Facts(
        month=month,
        today=today,
        launched=None if assistant.launched is None else date.fromisoformat(assistant.launched),
        figures=figures.result(),
        before=before.result(),
        days=daily(days.result(), series.result()),
        value=value.result(),
        departments=departments.result(),
        topics=topics.result(),
    )


def daily(five: Sequence[Day], series: Sequence[Stretch]) -> list[Day]:
    """All figures of each day, the five as they know more: sessions that are still open, and adoption."""
    others = {each.from_: each.kpis for each in series}
    return [msgspec.structs.replace(day, kpis={**others.get(day.date, {}), **day.kpis}) for day in five]
