"""Times by label set, added up by the batch: what an SDK's histogram would say, for a tenth of the time.

The SDK looks for the label set again at each value, cleaning and hashing it on the way: 7 us. A batch of turns has few.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from opentelemetry import metrics
from opentelemetry.sdk.metrics.export import AggregationTemporality, Histogram, HistogramDataPoint, Metric

Labels = tuple[tuple[str, str], ...]
_OVERFLOW: Final[Mapping[str, bool]] = {"otel.metric.overflow": True}
"""Attributes of what comes past the limit of label sets, by OpenTelemetry's specification."""


class Times(Protocol):
    """A histogram of seconds."""

    def add(self, labels: Labels, seconds: Sequence[float]) -> None:
        """Count some times with the same labels."""
        ...


class _Sums:
    """The times of one label set."""

    __slots__ = ("counts", "least", "longest", "since", "total")

    def __init__(self, buckets: int, since: int) -> None:
        self.since = since  # Unix nanoseconds
        self.counts = [0] * buckets
        self.total = 0.0
        self.least = float("inf")
        self.longest = float("-inf")

    def add(self, bounds: Sequence[float], seconds: Iterable[float]) -> None:
        counts = self.counts
        for each in seconds:
            counts[bisect_left(bounds, each)] += 1
            self.total += each
            self.least = min(self.least, each)
            self.longest = max(self.longest, each)

    def point(self, attributes: Mapping[str, str | bool], bounds: Sequence[float], now: int) -> HistogramDataPoint:
        return HistogramDataPoint(
            attributes=attributes,
            start_time_unix_nano=self.since,
            time_unix_nano=now,
            count=sum(self.counts),
            sum=self.total,
            bucket_counts=tuple(self.counts),
            explicit_bounds=bounds,
            min=self.least,
            max=self.longest,
        )


class Timings:
    """A histogram that keeps its own sums, of at most `limit` label sets. Read by the readers' threads."""

    def __init__(self, name: str, about: str, bounds: Sequence[float], limit: int) -> None:
        self._name = name
        self._about = about
        self._bounds = bounds
        self._limit = limit
        self._lock = threading.Lock()
        self._all: dict[Labels | None, _Sums] = {}  # None: past the limit
        self._fresh: dict[Labels | None, _Sums] | None = None  # since the last difference was asked for
        self._asked = 0  # when that was

    def add(self, labels: Labels, seconds: Sequence[float]) -> None:
        """Count some times with the same labels."""
        with self._lock:
            self._add(self._all, time.time_ns(), labels, seconds)
            if self._fresh is not None:
                self._add(self._fresh, self._asked, labels, seconds)

    def _add(self, sums: dict[Labels | None, _Sums], since: int, labels: Labels, seconds: Sequence[float]) -> None:
        key = labels if labels in sums or len(sums) < self._limit else None
        if key not in sums:
            sums[key] = _Sums(len(self._bounds) + 1, since)
        sums[key].add(self._bounds, seconds)

    def metric(self, *, difference: bool) -> Metric | None:
        """What was counted since the start, or since a difference was asked for last; None for nothing."""
        with self._lock:
            now, sums = time.time_ns(), self._all
            if difference:
                sums, self._fresh, self._asked = self._all if self._fresh is None else self._fresh, {}, now
            points = [
                each.point(_OVERFLOW if labels is None else dict(labels), self._bounds, now) for labels, each in sums.items()
            ]
        temporality = AggregationTemporality.DELTA if difference else AggregationTemporality.CUMULATIVE
        return Metric(self._name, self._about, "s", Histogram(points, temporality)) if points else None


class Recorded:
    """The same, kept by the SDK."""

    def __init__(self, meter: metrics.Meter, name: str, about: str, bounds: Sequence[float]) -> None:
        self._histogram = meter.create_histogram(name, "s", about, explicit_bucket_boundaries_advisory=bounds)

    def add(self, labels: Labels, seconds: Sequence[float]) -> None:
        """Count some times with the same labels."""
        for each in seconds:
            self._histogram.record(each, dict(labels))


class Histograms:
    """Makes histograms, and gives those that are finished here. `recorded`: a reader wants what only the SDK makes."""

    def __init__(self, limit: int, *, recorded: bool) -> None:
        self._limit = limit
        self._recorded = recorded
        self._timings: list[Timings] = []

    def make(self, meter: metrics.Meter, name: str, about: str, bounds: Sequence[float]) -> Times:
        """Give a new histogram of seconds."""
        if self._recorded:
            return Recorded(meter, name, about, bounds)
        self._timings.append(made := Timings(name, about, bounds, self._limit))
        return made

    def metrics(self, *, difference: bool) -> list[Metric]:
        """Give all of them that have counted something."""
        found = [each.metric(difference=difference) for each in self._timings]
        return [each for each in found if each is not None]
