"""One figure beside the same figure of another period or group: by how much it differs, and whether chance explains it.

The interval of the difference is made of the two intervals that the figures carry anyway: for shares of their Wilson intervals
that is Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10), and the same recovery of variances
holds for means and scores (Zou and Donner, Statistics in Medicine 27, 2008). The test is whether it holds 0: of twenty figures
that do not differ one is called different. Counts carry no interval, so that for them nothing is claimed but the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot
from typing import Literal

import msgspec

from proxy.kpi.report import DEFINITIONS, Measure

Verdict = Literal["higher", "lower", "chance", "unjudged"]
"""`chance`: the interval of the difference holds 0. `unjudged`: there is no interval to judge by."""


class Difference(msgspec.Struct, frozen=True):
    """Of a value to another: in the figure's own unit, with its 95 % interval where both have one."""

    value: float
    verdict: Verdict
    interval: tuple[float, float] | None = None


def difference(now: Measure, before: Measure) -> Difference | None:
    """Give `now - before`; None when one of them has no value, or they are in different currencies."""
    if now.value is None or before.value is None or now.currency != before.currency:
        return None
    value = now.value - before.value
    if now.interval is None or before.interval is None:
        return Difference(value, "unjudged")
    low = value - hypot(now.value - now.interval[0], before.interval[1] - before.value)
    high = value + hypot(now.interval[1] - now.value, before.value - before.interval[0])
    verdict: Verdict = "higher" if low > 0 else "lower" if high < 0 else "chance"
    return Difference(value, verdict, (low, high))


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What one side is of: an assistant over some days, or a group of it."""

    assistant: str
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    group: dict[str, str]


class Pair(msgspec.Struct, frozen=True):
    """One figure of both sides, and by how much the other differs from the one."""

    one: Measure
    other: Measure
    difference: Difference | None


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of two sides."""

    one: Side
    other: Side
    definitions: str = DEFINITIONS
    kpis: dict[str, Pair]


def paired(one: Mapping[str, Measure], other: Mapping[str, Measure]) -> dict[str, Pair]:
    """Put the figures that both sides have side by side."""
    return {name: Pair(one[name], other[name], difference(other[name], one[name])) for name in one if name in other}
