"""Business time: instants (Unix seconds) to hours, days and ISO weeks of one time zone.

An hour is named "2026-10-25T02", a day "2026-10-25". The hour that a time change repeats has one name for both runs, so a
day of 25 hours has 24 names and a day of 23 hours has 23; sums lose nothing by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

_QUARTER = 900
"""Seconds. Every offset in use since 1972 is a multiple of a quarter of an hour, so a name holds for a whole quarter."""


def hour(zone: str, at: float) -> str:
    """Name the local hour of an instant."""
    return _hour(zone, int(at // _QUARTER))


def day(zone: str, at: float) -> str:
    """Name the local day of an instant."""
    return _hour(zone, int(at // _QUARTER))[:10]


@lru_cache(maxsize=4096)  # some 40 days of quarters; a cold look-up costs microseconds
def _hour(zone: str, quarter: int) -> str:
    return datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H")


def today(zone: str, at: float) -> date:
    """Give the local date of an instant."""
    return date.fromisoformat(day(zone, at))


def days(first: date, last: date) -> Iterator[date]:
    """Walk from the first to the last day, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def monday(on: date) -> date:
    """Give the first day of the ISO week of a day; a week belongs to no year, so 53-week years need no care."""
    return on - timedelta(days=on.weekday())


def full_weeks(first: date, last: date) -> tuple[date, ...]:
    """Give the Mondays of the ISO weeks that lie wholly between two days, both included."""
    begin = monday(first + timedelta(days=6))
    return tuple(begin + timedelta(weeks=number) for number in range(((last - begin).days + 1) // 7))


def month_end(on: date) -> date:
    """Give the last day of the calendar month of a day."""
    following = on.replace(day=1) + timedelta(days=32)
    return following.replace(day=1) - timedelta(days=1)


def one_month(first: date, last: date) -> bool:
    """Say whether a period is exactly one calendar month."""
    return first.day == 1 and last == month_end(first)


def months_after(on: date, months: int) -> date:
    """Give the day some months later; the last of its month where it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    begin = date(year, month + 1, 1)
    return min(begin + timedelta(days=on.day - 1), month_end(begin))


Interval = Literal["day", "week", "month"]
INTERVALS: Final[tuple[Interval, ...]] = get_args(Interval)


def cut_into(interval: Interval, first: date, last: date) -> list[tuple[date, date]]:
    """Cut a period into days, ISO weeks or calendar months, the first and the last only as far as they are in it."""
    found: list[tuple[date, date]] = []
    at = first
    while at <= last:
        end = at if interval == "day" else monday(at) + timedelta(days=6) if interval == "week" else month_end(at)
        found.append((at, min(end, last)))
        at = end + timedelta(days=1)
    return found
