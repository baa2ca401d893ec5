"""The relays' own histogram of the time they add, brought to both readers as it is.

Relays count exchanges by bucket themselves (a metrics library there would cost more than the forwarding), and
OpenTelemetry has no observable histogram. Recording every exchange again here would invent values inside a bucket and
cost 10 us each; so the finished histogram is handed to each exporter: to the Prometheus registry as a collector of its
own, to OTLP as one metric more in each batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate
from typing import Any, Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
)
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from proxy.export.relays import Overhead
from proxy.records import OVERHEAD_BOUNDS

NAME: Final = "proxy.overhead"
ABOUT: Final = "Time an exchange spent in the relay itself"


class OverheadCollector(Collector):
    """The histogram on /metrics."""

    def __init__(self, read: Callable[[], Overhead]) -> None:
        self._read = read

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Yield the one family."""
        overhead = self._read()
        edges = [*map(str, OVERHEAD_BOUNDS), "+Inf"]
        family = HistogramMetricFamily("proxy_overhead_seconds", ABOUT)
        family.add_metric([], list(zip(edges, accumulate(overhead.buckets), strict=True)), overhead.seconds)
        yield family


class OverheadExporter(MetricExporter):
    """Adds the histogram to each batch on its way to another exporter."""

    def __init__(self, inner: MetricExporter, read: Callable[[], Overhead]) -> None:
        super().__init__(inner._preferred_temporality, inner._preferred_aggregation)  # noqa: SLF001 - the SDK's own reader reads them so
        self._inner = inner
        self._read = read
        self._start = time.time_ns()

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        """Hand the batch on with one metric more."""
        return self._inner.export(self._extended(metrics_data), timeout_millis, **kwargs)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Nothing is held here."""
        return self._inner.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """End the other exporter."""
        self._inner.shutdown(timeout_millis, **kwargs)

    def _extended(self, data: MetricsData) -> MetricsData:
        if not data.resource_metrics or not data.resource_metrics[0].scope_metrics:
            return data
        resource, *resources = data.resource_metrics
        scope, *scopes = resource.scope_metrics
        scope = replace(scope, metrics=[*scope.metrics, self._metric()])
        return MetricsData(resource_metrics=[replace(resource, scope_metrics=[scope, *scopes]), *resources])

    def _metric(self) -> Metric:
        overhead = self._read()
        point = HistogramDataPoint(
            attributes={},
            start_time_unix_nano=self._start,
            time_unix_nano=time.time_ns(),
            count=sum(overhead.buckets),
            sum=overhead.seconds,
            bucket_counts=overhead.buckets,
            explicit_bounds=OVERHEAD_BOUNDS,
            min=None,  # type: ignore[arg-type]  # optional in the protocol, and not known from buckets
            max=None,  # type: ignore[arg-type]
        )
        return Metric(NAME, ABOUT, "s", Histogram([point], AggregationTemporality.CUMULATIVE))
