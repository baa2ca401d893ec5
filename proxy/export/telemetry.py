"""The one MeterProvider of an observer, with its readers."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk import metrics as sdk
from opentelemetry.sdk.metrics.export import CardinalityLimits, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from proxy import __version__
from proxy.export import gauges, otlp
from proxy.export.gauges import Window
from proxy.export.instruments import Instruments
from proxy.export.overhead import OverheadCollector, OverheadExporter
from proxy.export.relays import Overhead, RelaySums, Totals
from proxy.kpi.changes import Change
from proxy.kpi.report import Figures
from proxy.records import Counts
from proxy.settings.model import Settings

SHUTDOWN: Final = 5.0
"""Seconds for the last export: above the exporter's own limit, far below a supervisor's patience."""

_RELAY_COUNTERS: Final = {  # name in Counts -> metric, unit, description, labels of the two words
    "requests": ("proxy.requests", "{request}", "Exchanges that the relays forwarded", ("assistant", "status")),
    "errors": ("proxy.errors", "{error}", "Exchanges that the relays ended themselves", ("assistant", "reason")),
    "bytes": ("proxy.bytes", "By", "Bytes forwarded", ("assistant", "direction")),
    "dropped": ("proxy.capture.dropped", "{record}", "Copies given up for a limit; the traffic passed", ("stage", "reason")),
}

log = logging.getLogger(__name__)


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """How the observer itself is doing. `lag` is seconds between an exchange's end and its place in the figures."""

    lag: float
    outbox_pending: int
    store_up: bool


class Telemetry:
    """What the observer tells, and what back ends read. All methods are for the observer's event loop."""

    def __init__(self, settings: Settings) -> None:
        self._sums = RelaySums()
        self._totals = Totals()
        self._condition: Condition | None = None
        self._figures: tuple[tuple[Window, Figures], ...] = ()
        self._logs = otlp.SparseLogs()
        self._scraping = asyncio.Lock()
        self._registry = CollectorRegistry()
        limits = _limits(settings.export.series_limit)
        readers: list[MetricReader] = []
        if settings.export.prometheus:
            readers.append(PrometheusMetricReader(registry=self._registry, scope_info_enabled=False, cardinality_limits=limits))
            self._registry.register(OverheadCollector(self._overhead))
        self._logs.start()
        if (exporter := otlp.exporter()) is not None:
            pushed = OverheadExporter(exporter, self._overhead)
            readers.append(PeriodicExportingMetricReader(pushed, cardinality_limits=limits))
        self._provider = sdk.MeterProvider(readers, _resource(), shutdown_on_exit=False)
        meter = self._provider.get_meter("kpi-proxy", __version__)
        self._instruments = Instruments(meter, settings)
        self._observe(meter)

    def record(self, changes: Sequence[Change]) -> None:
        """Count changes."""
        self._instruments.record(changes)

    def relay(self, counts_by_relay: Mapping[str, Counts]) -> None:
        """Take the latest counts of the relays that are connected now, by relay id."""
        self._totals = self._sums.update(counts_by_relay)

    def condition(self, condition: Condition) -> None:
        """Take how the observer is doing."""
        self._condition = condition

    def figures(self, latest: Iterable[tuple[Window, Figures]]) -> None:
        """Take the fleet's figures (the leader); none to show none (everybody else)."""
        self._figures = tuple(latest)

    async def scrape(self) -> tuple[bytes, str]:
        """Body and content type of /metrics. In a thread: 2,000 series take 170 ms.

        One at a time: the reader hands a collection over through a queue, and two scrapes would take each other's.
        """
        async with self._scraping:
            return await asyncio.to_thread(generate_latest, self._registry), CONTENT_TYPE_LATEST

    async def shutdown(self) -> None:
        """Push once more and end, within SHUTDOWN seconds."""
        try:
            async with asyncio.timeout(SHUTDOWN + 1):
                await asyncio.to_thread(self._provider.shutdown, SHUTDOWN * 1000)
        except Exception:
            log.exception("metrics did not end cleanly")
        finally:
            self._logs.stop()

    def _overhead(self) -> Overhead:
        return self._totals.overhead

    def _observe(self, meter: Meter) -> None:
        for name, (metric, unit, about, words) in _RELAY_COUNTERS.items():
            meter.create_observable_counter(metric, [partial(self._relay_sums, name, words)], unit, about)
        meter.create_observable_up_down_counter(
            "proxy.connections", [self._connections], "{connection}", "Connections of the relays that are open now, by side"
        )
        for metric, unit, about, read in _CONDITIONS:
            meter.create_observable_gauge(metric, [partial(self._of_condition, read)], unit, about)
        for family in gauges.FAMILIES:
            meter.create_observable_gauge(family.name, [partial(self._of_figures, family.name)], family.unit, family.about)

    def _relay_sums(self, name: str, words: tuple[str, str], _: CallbackOptions) -> list[Observation]:
        return [
            Observation(value, dict(zip(words, key[1:], strict=True)))
            for key, value in self._totals.sums.items()
            if key[0] == name
        ]

    def _connections(self, _: CallbackOptions) -> list[Observation]:
        return [Observation(value, {"side": side, "state": "open"}) for side, value in self._totals.open.items()]

    def _of_condition(self, read: Callable[[Condition], float], _: CallbackOptions) -> list[Observation]:
        return [] if self._condition is None else [Observation(read(self._condition))]

    def _of_figures(self, family: str, _: CallbackOptions) -> list[Observation]:
        return [Observation(value, dict(labels)) for value, labels in gauges.points(family, self._figures)]


_CONDITIONS: Final[tuple[tuple[str, str, str, Callable[[Condition], float]], ...]] = (
    ("proxy.observer.lag", "s", "Between an exchange's end and its place in the figures", lambda condition: condition.lag),
    ("proxy.outbox.pending", "{event}", "Events kept on this host until the store has them", lambda c: c.outbox_pending),
    ("proxy.store.up", "", "1 when the store answers", lambda condition: int(condition.store_up)),
)


def _limits(series: int) -> CardinalityLimits:
    kinds = (
        sdk.Counter,
        sdk.Histogram,
        sdk.ObservableCounter,
        sdk.ObservableUpDownCounter,
        sdk.ObservableGauge,
    )
    return dict.fromkeys(kinds, series)


def _resource() -> Resource:
    own = Resource({"service.name": "kpi-proxy", "service.version": __version__, "service.instance.id": socket.gethostname()})
    return own.merge(OTELResourceDetector().detect())  # OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win
