"""A calendar month."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import msgspec

from proxy.kpi.calendar import monday


class Month(msgspec.Struct, frozen=True, order=True):
    """Days of one month, in the assistant's time zone."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def weeks(self) -> tuple[date, date]:
        """The first and the last day of its whole ISO weeks: pieces of a week would tell of few people."""
        return monday(self.first + timedelta(days=6)), monday(self.last + timedelta(days=1)) - timedelta(days=1)

    @property
    def before(self) -> Month:
        """The month before it."""
        return of(self.first - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def of(day: date) -> Month:
    """The month of a day."""
    return Month(day.year, day.month)


def read(text: str) -> Month:
    """A month from YYYY-MM; raises `ValueError` with what is wrong."""
    try:
        if len(text) == 7:
            return of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        pass
    raise ValueError(f"not a month: {text[:20]!r}; months are written YYYY-MM, e.g. 2026-10")
