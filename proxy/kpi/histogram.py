"""Times in logarithmic buckets: any two histograms add up to the histogram of both, whatever the hosts and the days.

Bucket `i` holds the times in (GAMMA**(i-1), GAMMA**i]; its middle is at most 2 % away from each of them, so a percentile
read from the buckets is within 2 % of the true one. Only buckets that hold something exist. Rejected: fixed bounds (a
percentile between 10 s and 20 s may be off by half), t-digest (does not add up to the same digest in another order).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import ceil, log
from typing import Final

ERROR: Final = 0.02
GAMMA: Final = (1 + ERROR) / (1 - ERROR)
_LOG_GAMMA: Final = log(GAMMA)

SHORTEST: Final = 0.0001
"""Seconds. Shorter times count as this one."""
LONGEST: Final = 86400.0
"""Seconds. Longer times count as this one: with it a histogram has at most 516 buckets."""


def bucket(seconds: float) -> int:
    """Give the index of the bucket of a time."""
    return ceil(log(min(max(seconds, SHORTEST), LONGEST)) / _LOG_GAMMA)


def middle(index: int) -> float:
    """Give the time in seconds that stands for a bucket."""
    return float(2 * GAMMA**index / (GAMMA + 1))


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Give the time below which `share` (0..1) of the counted ones lie (nearest rank); None without any."""
    total = sum(buckets.values())
    if total <= 0:
        return None
    rank = max(1, ceil(share * total))
    seen = 0
    for index in sorted(buckets):
        seen += buckets[index]
        if seen >= rank:
            return middle(index)
    return None


def binned(buckets: Mapping[int, int], bounds: Sequence[float]) -> list[int]:
    """Count the times below each bound (s, rising) and at or above the one before, and last those above all of them.

    A bucket goes where its middle lies, so a count may be off by the times within 2 % of a bound.
    """
    counts = [0] * (len(bounds) + 1)
    for index, count in buckets.items():
        counts[bisect_right(bounds, middle(index))] += count
    return counts
