"""Figures out of the store, for the console and for the gauges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from proxy.console.sources import Unavailable
from proxy.export.gauges import Snapshot, Window
from proxy.kpi.report import Day, Figures
from proxy.settings.model import Assistant
from proxy.store.activity import Activity
from proxy.store.connect import AWAY
from proxy.store.figures import Ledger

WINDOWS: Final[tuple[tuple[Window, int], ...]] = (("7d", 7), ("28d", 28))


class Reading:
    """The ledger as the console knows it: what is eligible filled in, a store that is away said as `Unavailable`."""

    def __init__(
        self, ledger: Ledger, activity: Activity, eligible: Mapping[str, int | None], clock: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._activity = activity
        self._eligible = eligible
        self._clock = clock

    async def figures(self, assistant: Assistant, first: date, last: date) -> Figures:
        """All measures over a period."""
        try:
            return await self._ledger.figures(assistant, self._eligible[assistant.name], first, last, self._clock())
        except AWAY as error:
            raise Unavailable(str(error)) from error

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """The trend of a period."""
        try:
            return await self._ledger.days(assistant, self._eligible[assistant.name], first, last, self._clock())
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
        try:
            active = await self._activity.active(assistant, self._clock())
        except AWAY as error:
            raise Unavailable(str(error)) from error
        return Snapshot(figures=figures, active=active, eligible=self._eligible[assistant.name])
