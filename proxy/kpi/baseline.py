"""Contacts with humans before an assistant and since: whether they became fewer, and by more than chance.

Weeks are compared, as days differ by weekday. The interval of the difference is Welch's, with as many degrees of freedom as the
smaller side has: too wide rather than too narrow. It says that something changed at the launch, and not that the assistant was
it: a season or another form on the intranet looks the same from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from math import sqrt
from typing import Final

import msgspec

from proxy.kpi.calendar import full_weeks
from proxy.settings.baseline import Contacts
from proxy.settings.value import Phase

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


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts of a mean week since a phase began, and those expected from the departments without the assistant.

    `expected` scales the others to what these departments had before. The interval takes that scale for known.
    """

    from_: str = msgspec.field(name="from")
    departments: tuple[str, ...]
    weeks_before: int = 0
    weeks_since: int = 0
    expected: float | None = None
    since: float | None = None
    change: float | None = None
    interval: tuple[float, float] | None = None
    reason: str | None = None


def compared(contacts: Contacts, launched: date | None, present: date) -> Baseline:
    """Compare the weeks before the one of the launch with those after it."""
    if launched is None:
        return Baseline(launched=None, reason="no_launch")
    first, last = min(contacts), min(max(contacts), present - timedelta(days=1))
    before = _weeks(contacts, first, launched - timedelta(days=1), _everybody)[-MOST:]
    since = _weeks(contacts, launched, last, _everybody)[-MOST:]
    day = launched.isoformat()
    if min(len(before), len(since)) < FEWEST:
        return Baseline(launched=day, weeks_before=len(before), weeks_since=len(since), reason="no_data")
    old, new = _mean(before), _mean(since)
    half = _half(before, since)
    return Baseline(
        launched=day,
        weeks_before=len(before),
        weeks_since=len(since),
        before=old,
        since=new,
        change=new - old,
        interval=(new - old - half, new - old + half),
    )


def phased(contacts: Contacts, phases: Sequence[Phase], present: date) -> tuple[Effect, ...]:
    """Give what each phase of a roll-out changed, against departments that had no assistant yet (differences in differences)."""
    if not phases:  # most have a baseline alone
        return ()
    order = sorted(phases, key=_begin)
    ends = [date.fromisoformat(each.from_) for each in order[1:]]
    last = min(max(contacts, default=present) + timedelta(days=1), present)
    return tuple(
        [
            _effect(contacts, phase, {name for each in order[: at + 1] for name in each.departments}, min(end, last))
            for at, (phase, end) in enumerate(zip(order, [*ends, last], strict=True))
        ]
    )


def _begin(phase: Phase) -> str:
    return phase.from_


def _effect(contacts: Contacts, phase: Phase, begun: AbstractSet[str], end: date) -> Effect:
    """Give one phase's effect, up to the day on which the next one begins."""
    start, mine = date.fromisoformat(phase.from_), set(phase.departments)
    bare = Effect(from_=phase.from_, departments=phase.departments)
    first, before_end = min(contacts), start - timedelta(days=1)
    spans = ((first, before_end), (start, end - timedelta(days=1)))
    treated = [_weeks(contacts, *span, lambda name: name in mine)[-MOST:] for span in spans]
    others = [_weeks(contacts, *span, lambda name: name not in begun)[-MOST:] for span in spans]
    weeks = msgspec.structs.replace(bare, weeks_before=len(treated[0]), weeks_since=len(treated[1]))
    if min(len(treated[0]), len(treated[1])) < FEWEST or not sum(others[0]):
        return msgspec.structs.replace(weeks, reason="no_data")
    scale = sum(treated[0]) / sum(others[0])  # the others, as large as these were
    gaps = [[one - other * scale for one, other in zip(*each, strict=True)] for each in zip(treated, others, strict=True)]
    change, half = _mean(gaps[1]) - _mean(gaps[0]), _half(gaps[0], gaps[1])
    since = _mean(treated[1])
    return msgspec.structs.replace(
        weeks, expected=since - change, since=since, change=change, interval=(change - half, change + half)
    )


def _everybody(_: str) -> bool:
    return True


def _half(before: Sequence[float], since: Sequence[float]) -> float:
    """Give half of the 95 % interval of the difference of two means."""
    freedom = min(len(before), len(since)) - 1
    return _T95[min(freedom, 20) - 5] * sqrt(_variance(before) / len(before) + _variance(since) / len(since))


def _weeks(contacts: Contacts, first: date, last: date, whose: Callable[[str], bool]) -> list[int]:
    """Add up the ISO weeks that lie wholly between two days, of some departments."""
    days = [[contacts.get(on + timedelta(days=at), {}) for at in range(7)] for on in full_weeks(first, last)]
    return [sum([count for day in week for name, count in day.items() if whose(name)]) for week in days]


def _mean(weeks: Sequence[float]) -> float:
    return sum(weeks) / len(weeks)


def _variance(weeks: Sequence[float]) -> float:
    mean = _mean(weeks)
    return sum([(each - mean) ** 2 for each in weeks]) / (len(weeks) - 1)
