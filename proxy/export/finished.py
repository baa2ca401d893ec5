"""Histograms that are finished before OpenTelemetry sees them, brought to both readers as they are.

Relays count exchanges by bucket themselves (a metrics library there would cost more than the forwarding), and the observer adds
up the times of turns (proxy.export.timings). OpenTelemetry has no observable histogram, and recording each value again would cost
7 us and, of the relays' values, invent where they lie in their bucket. So each reader is handed the finished points with what it
collected, and shows them as its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk import metrics as sdk
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation

from proxy.export.relays import Overhead
from proxy.records import OVERHEAD_BOUNDS

NAME: Final = "proxy.overhead"
ABOUT: Final = "Time an exchange spent in the relay itself"
_STARTED: Final = time.time_ns()

Read = Callable[[bool], Sequence[Metric]]
"""Gives the finished histograms: sums since the start, or (True) since it was asked so last."""


class Scrape(PrometheusMetricReader):
    """Collects for /metrics."""

    def __init__(self, read: Read, **options: Any) -> None:
        super().__init__(**options)
        self._read = read

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> None:
        super()._receive_metrics(_extended(metrics_data, self._read(False)), timeout_millis, **kwargs)


class Push(PeriodicExportingMetricReader):
    """Collects for OTLP, in sums or (the standard variable says so) in differences."""

    def __init__(self, exporter: MetricExporter, read: Read, **options: Any) -> None:
        preferred = exporter._preferred_temporality or {}  # noqa: SLF001 - the SDK's own reader reads it so
        self._differences = preferred.get(sdk.Histogram) is AggregationTemporality.DELTA
        self._read = read
        super().__init__(exporter, **options)  # begins to push

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> None:
        super()._receive_metrics(_extended(metrics_data, self._read(self._differences)), timeout_millis, **kwargs)


def exponential(exporter: MetricExporter) -> bool:
    """Whether the environment asks for exponential buckets, which only the SDK makes."""
    preferred = exporter._preferred_aggregation or {}  # noqa: SLF001 - the SDK's own reader reads it so
    return isinstance(preferred.get(sdk.Histogram), ExponentialBucketHistogramAggregation)


def overhead_metric(overhead: Overhead) -> Metric:
    """The relays' histogram."""
    point = HistogramDataPoint(
        attributes={},
        start_time_unix_nano=_STARTED,
        time_unix_nano=time.time_ns(),
        count=sum(overhead.buckets),
        sum=overhead.seconds,
        bucket_counts=overhead.buckets,
        explicit_bounds=OVERHEAD_BOUNDS,
        min=None,  # type: ignore[arg-type]  # optional in the protocol, and not known from buckets
        max=None,  # type: ignore[arg-type]
    )
    return Metric(NAME, ABOUT, "s", Histogram([point], AggregationTemporality.CUMULATIVE))


def _extended(data: MetricsData, finished: Sequence[Metric]) -> MetricsData:
    resource, *resources = data.resource_metrics
    scope, *scopes = resource.scope_metrics
    scope = replace(scope, metrics=[*scope.metrics, *finished])
    return MetricsData(resource_metrics=[replace(resource, scope_metrics=[scope, *scopes]), *resources])
