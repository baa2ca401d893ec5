"""Reads of the ledger that end in time: a store that hangs must look like one that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date
from typing import Final, TypeVar

from proxy.console.sources import Ledger
from proxy.console.unanswered import Unavailable
from proxy.kpi.calendar import Interval
from proxy.kpi.groups import WHOLE, Dimension, Scope
from proxy.kpi.report import Breakdown, Cohort, Day, Figures, Rhythm, Stretch
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport
from proxy.settings.model import Assistant

T = TypeVar("T")

PATIENCE: Final = 5.0
"""Seconds for one reading; the budget for 13 months is one."""


class Patient:
    """A ledger whose readings end within PATIENCE."""

    def __init__(self, ledger: Ledger, patience: float = PATIENCE) -> None:
        self._ledger = ledger
        self._patience = patience

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        """All measures over the period, of everything or of a group."""
        return await self._in_time(self._ledger.figures(assistant, first, last, scope))

    async def series(
        self, assistant: Assistant, interval: Interval, first: date, last: date, scope: Scope = WHOLE
    ) -> list[Stretch]:
        """The same for each day, week or month of it."""
        return await self._in_time(self._ledger.series(assistant, interval, first, last, scope))

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = WHOLE) -> Breakdown:
        """The same for each group of a dimension."""
        return await self._in_time(self._ledger.breakdown(assistant, by, first, last, within))

    async def retention(self, assistant: Assistant) -> list[Cohort]:
        """The cohorts of the last weeks that are over."""
        return await self._in_time(self._ledger.retention(assistant))

    async def hours(self, assistant: Assistant, on: date) -> list[Stretch]:
        """The figures of each hour of a day."""
        return await self._in_time(self._ledger.hours(assistant, on))

    async def rhythm(self, assistant: Assistant) -> Rhythm:
        """Turns by weekday and hour."""
        return await self._in_time(self._ledger.rhythm(assistant))

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        """The labels that there are groups of."""
        return await self._in_time(self._ledger.labels(assistant))

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """The five figures of each day of it."""
        return await self._in_time(self._ledger.days(assistant, first, last))

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        """Costs and value of the period."""
        return await self._in_time(self._ledger.value(assistant, first, last))

    async def topics(self, assistant: Assistant) -> Topics:
        """What unanswered questions are about."""
        return await self._in_time(self._ledger.topics(assistant))

    async def _in_time(self, reading: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience):
                return await reading
        except TimeoutError as error:
            raise Unavailable("no answer in time") from error
