"""One figure beside the same figure of another period or group: by how much it differs, and whether chance explains it.

For shares Newcombe's hybrid score interval of the difference is used (Statistics in Medicine 17, 1998, method 10): it is made
of the two Wilson intervals that the figures carry anyway. Means and counts carry no interval here, so that for them nothing
is claimed but the difference itself.
"""

from __future__ import annotations

from math import hypot
from typing import Literal

import msgspec

from proxy.kpi.report import Measure

Verdict = Literal["higher", "lower", "chance", "unjudged"]
"""`chance`: the interval of the difference holds 0. `unjudged`: there is no interval to judge by."""


class Difference(msgspec.Struct, frozen=True):
    """Of a value to another: in the figure's own unit, for shares with its 95 % interval."""

    value: float
    verdict: Verdict
    interval: tuple[float, float] | None = None


def difference(now: Measure, before: Measure) -> Difference | None:
    """Give `now - before`; None when one of them has no value."""
    if now.value is None or before.value is None:
        return None
    value = now.value - before.value
    if now.interval is None or before.interval is None:
        return Difference(value, "unjudged")
    low = value - hypot(now.value - now.interval[0], before.interval[1] - before.value)
    high = value + hypot(now.interval[1] - now.value, before.value - before.interval[0])
    verdict: Verdict = "higher" if low > 0 else "lower" if high < 0 else "chance"
    return Difference(value, verdict, (low, high))
