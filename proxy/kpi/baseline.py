"""Contacts with humans before an assistant and since: whether they became fewer, and by more than chance.

Weeks are compared, as days differ by weekday. The interval of the difference is Welch's, with as many degrees of freedom as the
smaller side has: too wide rather than too narrow. It says that something changed at the launch, and not that the assistant was
it: a season or another form on the intranet looks the same from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import sqrt
from typing import Final

import msgspec

from proxy.kpi.calendar import full_weeks

FEWEST: Final = 6
"""Full weeks on either side below which nothing is compared."""
MOST: Final = 52
"""Full weeks on either side that are looked at, the closest: what was before is another company."""

_T95: Final = (2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086)
"""Student's t, 97.5 %, for 5 to 20 degrees of freedom; 2.09 and less above."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts of a mean week. `change` is since less before, with its 95 % interval; without enough weeks there is a reason."""

    launched: str | None
    weeks_before: int = 0
    weeks_since: int = 0
    before: float | None = None
    since: float | None = None
    change: float | None = None
    interval: tuple[float, float] | None = None
    reason: str | None = None


def compared(contacts: Mapping[date, int], launched: date | None, present: date) -> Baseline:
    """Compare the weeks before the one of the launch with those after it."""
    if launched is None:
        return Baseline(launched=None, reason="no_launch")
    first, last = min(contacts), min(max(contacts), present - timedelta(days=1))
    before = _weeks(contacts, first, launched - timedelta(days=1))[-MOST:]
    since = _weeks(contacts, launched, last)[-MOST:]
    day = launched.isoformat()
    if min(len(before), len(since)) < FEWEST:
        return Baseline(launched=day, weeks_before=len(before), weeks_since=len(since), reason="no_data")
    old, new = _mean(before), _mean(since)
    freedom = min(len(before), len(since)) - 1
    half = _T95[min(freedom, 20) - 5] * sqrt(_variance(before) / len(before) + _variance(since) / len(since))
    return Baseline(
        launched=day,
        weeks_before=len(before),
        weeks_since=len(since),
        before=old,
        since=new,
        change=new - old,
        interval=(new - old - half, new - old + half),
    )


def _weeks(contacts: Mapping[date, int], first: date, last: date) -> list[int]:
    """Add up the ISO weeks that lie wholly between two days."""
    return [sum([contacts.get(on + timedelta(days=at), 0) for at in range(7)]) for on in full_weeks(first, last)]


def _mean(weeks: Sequence[int]) -> float:
    return sum(weeks) / len(weeks)


def _variance(weeks: Sequence[int]) -> float:
    mean = _mean(weeks)
    return sum([(each - mean) ** 2 for each in weeks]) / (len(weeks) - 1)
