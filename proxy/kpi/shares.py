"""A share or times as a measure, and the verdict on a share by the bounds of its interval, not by its value.

A share is judged only when its whole 95 % interval lies on one side: 8 of 10 is no proof of 80 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Final

import msgspec

from proxy.kpi.histogram import binned, middle, percentile
from proxy.kpi.report import Bin, Measure, Status
from proxy.kpi.stats import Z95, wilson

ENOUGH: Final = 5
"""Cases below which nothing is said about a target."""


def share(hits: int, n: int) -> Measure:
    """Give `hits / n` with its interval; without cases no value."""
    if n <= 0:
        return Measure(value=None, numerator=0, denominator=0, reason="no_data")
    # Sums of several days may be read while a session moves from one to the other.
    hits = min(max(hits, 0), n)
    return Measure(value=hits / n, numerator=hits, denominator=n, interval=wilson(hits, n))


def balance(more: int, less: int, n: int) -> Measure:
    """Give one share minus another, -100 to 100, with its 95 % interval by the normal distribution."""
    if n <= 0:
        return Measure(value=None, n=0, reason="no_data")
    value = (more - less) / n
    half = Z95 * sqrt(max(0.0, (more + less) / n - value * value) / n)
    interval = (max(-100.0, 100 * (value - half)), min(100.0, 100 * (value + half)))
    return Measure(value=100 * value, n=n, interval=interval)


def at_least(measure: Measure, target: float) -> Measure:
    """Hold a share against a lower bound."""
    return _judged(measure, (target, None), "not_met", "not_met")


def within_band(measure: Measure, target: tuple[float, float]) -> Measure:
    """Hold a share against a band; missing it on either side is told apart."""
    return _judged(measure, target, "below", "above")


def _judged(measure: Measure, target: tuple[float | None, float | None], below: Status, above: Status) -> Measure:
    lower, upper = target
    status: Status
    if measure.interval is None or (measure.denominator or 0) < ENOUGH:
        status = "not_enough_data"
    elif lower is not None and measure.interval[1] < lower:
        status = below
    elif upper is not None and measure.interval[0] > upper:
        status = above
    elif (lower is None or measure.interval[0] >= lower) and (upper is None or measure.interval[1] <= upper):
        status = "met"
    else:
        status = "inconclusive"
    return msgspec.structs.replace(measure, target=target, status=status)


def times(sums: Mapping[str, int], name: str) -> Measure:
    """Give the mean of times in seconds, with its interval and their percentiles."""
    n = sums.get(f"{name}:n", 0)
    if n <= 0:
        return Measure(value=None, n=0, reason="no_data")
    buckets = _buckets(sums, name)
    mean = sums.get(f"{name}:us", 0) / n / 1e6
    return Measure(
        value=mean,
        interval=_around(mean, buckets, n),
        p50=percentile(buckets, 0.5),
        p95=percentile(buckets, 0.95),
        p99=percentile(buckets, 0.99),
        n=n,
    )


def _around(mean: float, buckets: Mapping[int, int], n: int) -> tuple[float, float] | None:
    """Give the 95 % interval of a mean by the normal distribution, from the spread of the buckets: 2 % off at most."""
    if n < ENOUGH:
        return None
    spread = sum([count * (middle(index) - mean) ** 2 for index, count in buckets.items()]) / (n - 1)
    half = Z95 * sqrt(max(0.0, spread) / n)
    return max(0.0, mean - half), mean + half


BOUNDS: Final = (0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0)
"""Seconds at which a histogram of answers is cut: finer where people begin to notice, and at 10 s, the usual target."""


def bins(sums: Mapping[str, int], name: str) -> tuple[Bin, ...]:
    """Give times as a histogram; nothing without cases."""
    buckets = _buckets(sums, name)
    if not buckets:
        return ()
    counts = binned(buckets, BOUNDS)
    return tuple([Bin(under=under, count=count) for under, count in zip((*BOUNDS, None), counts, strict=True)])


def _buckets(sums: Mapping[str, int], name: str) -> dict[int, int]:
    start = f"{name}:b"
    return {int(cell[len(start) :]): count for cell, count in sums.items() if cell.startswith(start) and count}
