"""The period that was made again last, kept for who looks at it further: another figure, the next page, one of its sessions.

It holds for as long as the ledger says the same of the period: whatever is counted meanwhile shows in its figures. To make a
period again takes some 150 us for each session; to see that nothing has changed is one reading of figures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from proxy.kpi.again import Remade, Span
from proxy.kpi.report import Figures

LASTS: Final = 120.0
"""Seconds: people who look at evidence click on within them."""

SESSIONS: Final = 8_000
"""Sessions of a period that is kept (3.5 KiB each: 27 MiB at most, of one period). A larger one is made each time."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A period made again, and the figures that the ledger gave of it."""

    assistant: str
    span: Span
    figures: Figures
    found: Sequence[Remade]
    unknown: int  # sessions of nobody known
    since: date | None  # the first day of which there are traces


class LastMade:
    """Keeps one."""

    def __init__(self, lasts: float = LASTS, sessions: int = SESSIONS) -> None:
        self._lasts = lasts
        self._sessions = sessions
        self._made: Made | None = None

    def of(self, assistant: str, first: date, last: date, figures: Figures) -> Made | None:
        """What is kept of this period, if it still holds."""
        made = self._made
        if made is None or (made.assistant, made.span.first, made.span.last) != (assistant, first, last):
            return None
        return made if made.figures == figures else None

    def keep(self, made: Made) -> None:
        """Keep it for a while, in place of the one before."""
        self._made = made if len(made.found) <= self._sessions else None
        asyncio.get_running_loop().call_later(self._lasts, self._drop, made)

    def _drop(self, made: Made) -> None:
        if self._made is made:
            self._made = None
