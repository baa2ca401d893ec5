"""Reads of the ledger that end in time: a store that hangs must look like one that is away."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

from proxy.console.sources import Ledger, Unavailable
from proxy.kpi.report import Day, Figures
from proxy.settings.model import Assistant

PATIENCE: Final = 5.0
"""Seconds for one reading; the budget for 13 months is one."""


class Patient:
    """A ledger whose readings end within PATIENCE."""

    def __init__(self, ledger: Ledger, patience: float = PATIENCE) -> None:
        self._ledger = ledger
        self._patience = patience

    async def figures(self, assistant: Assistant, first: date, last: date) -> Figures:
        """All measures over the period."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._ledger.figures(assistant, first, last)
        except TimeoutError as error:
            raise Unavailable("no answer in time") from error

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """The same for each day of it."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._ledger.days(assistant, first, last)
        except TimeoutError as error:
            raise Unavailable("no answer in time") from error
