"""Which days a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from proxy.settings.model import Assistant

CHOICES: Final = (1, 7, 28, 91, 396)
DEFAULT: Final = 28
LONGEST: Final = 400
"""Days the ledger keeps."""


class Period(msgspec.Struct, frozen=True):
    """Days in the assistant's time zone, both included."""

    first: date
    last: date

    @property
    def before(self) -> Period:
        """As many days, up to the one before it begins: what it is compared with."""
        length = self.last - self.first
        return Period(self.first - timedelta(days=1) - length, self.first - timedelta(days=1))

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    def kept(self, assistant: Assistant, now: datetime) -> bool:
        """Whether the ledger still has all of it: of what is half gone nothing can be said."""
        return self.first >= last_days(LONGEST, assistant, now).first


class PeriodError(ValueError):
    """The dates make no period; the message says why, `hint` what would."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def last_days(days: int, assistant: Assistant, now: datetime) -> Period:
    """The given number of days up to today."""
    today = now.astimezone(ZoneInfo(assistant.time_zone)).date()
    return Period(today - timedelta(days=days - 1), today)


def asked(query: Mapping[str, str], assistant: Assistant, now: datetime) -> Period:
    """`from` and `to` of a query; the last 28 days without them."""
    if "from" not in query and "to" not in query:
        return last_days(DEFAULT, assistant, now)
    if "from" not in query or "to" not in query:
        raise PeriodError("from and to belong together", "give both, e.g. from=2026-10-01&to=2026-10-31, or neither")
    period = Period(_date("from", query["from"]), _date("to", query["to"]))
    if period.first > period.last:
        raise PeriodError("from is after to", f"swap them: from={period.last}&to={period.first}")
    if (period.last - period.first).days >= LONGEST:
        raise PeriodError(f"more than {LONGEST} days", f"the ledger keeps {LONGEST} days: ask for a shorter period")
    return period


def day(query: Mapping[str, str], assistant: Assistant, now: datetime) -> date:
    """`on` of a query; today without it."""
    return _date("on", query["on"]) if "on" in query else last_days(1, assistant, now).last


def choice(text: str | None) -> int | None:
    """The number of days that a page's link names; None when it names none that there can be."""
    days = int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 4 else 0
    return days if 1 <= days <= LONGEST else None


def _date(name: str, text: str) -> date:
    try:
        if len(text) == 10:  # fromisoformat takes 20261001 and 2026-W40-4 too
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise PeriodError(f"{name} is not a date: {text[:40]!r}", "dates are written YYYY-MM-DD, e.g. 2026-10-31")
