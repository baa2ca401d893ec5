"""The one MeterProvider of an observer, with its readers."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk import metrics as sdk
from opentelemetry.sdk.metrics.export import CardinalityLimits, Metric, MetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from proxy import __version__
from proxy.export import gauges, otlp, plan
from proxy.export.condition import FAMILIES, Condition, Family
from proxy.export.finished import Push, Scrape, exponential, overhead_metric
from proxy.export.gauges import Snapshot
from proxy.export.instruments import Instruments
from proxy.export.probes import ProbeInstruments
from proxy.export.relays import RelaySums, Totals, Worst
from proxy.export.timings import Histograms
from proxy.export.traces import Traces
from proxy.kpi.changes import Change, TurnCounted
from proxy.kpi.uptime import Attempt
from proxy.records import Counts
from proxy.settings.model import Assistant, Settings

SHUTDOWN: Final = 5.0
"""Seconds for the last export: above the exporter's own limit, far below a supervisor's patience."""

_RELAY_COUNTERS: Final = {  # name in Counts -> metric, unit, description, labels of the two words
    "requests": ("proxy.requests", "{request}", "Exchanges that the relays forwarded", ("assistant", "status")),
    "errors": ("proxy.errors", "{error}", "Exchanges that the relays ended themselves", ("assistant", "reason")),
    "bytes": ("proxy.bytes", "By", "Bytes forwarded", ("assistant", "direction")),
    "dropped": ("proxy.capture.dropped", "{record}", "Copies given up for a limit; the traffic passed", ("stage", "reason")),
}

_RELAY_GAUGES: Final[tuple[tuple[str, str, str, Callable[[Worst], int]], ...]] = (  # metric, unit, description, value
    ("proxy.capture.level", "", "What captures hold: 0 all, 1 no texts, 2 times and sizes, 3 sums alone", lambda w: w.level),
    ("proxy.capture.pending", "{record}", "Records not yet taken over, in the fullest relay", lambda w: w.pending),
    ("proxy.capture.held", "By", "What waits to be taken over, in the fullest relay", lambda w: w.held),
)

_PLAN: Final = (
    (plan.TARGETS, plan.targets, "%", "Bounds that shares are held against"),
    (plan.RESPONSE, plan.response, "s", "Within this time an answer is on target"),
    (plan.LAUNCHED, plan.launched, "s", "Unix time of the launch"),
)

log = logging.getLogger(__name__)


class Telemetry:
    """What the observer tells, and what back ends read. All methods are for the observer's event loop."""

    def __init__(self, settings: Settings) -> None:
        self._assistants = settings.assistants
        self._sums = RelaySums()
        self._totals = Totals()
        self._condition: Condition | None = None
        self._figures: tuple[Snapshot, ...] = ()
        self._logs = otlp.SparseLogs()
        self._scraping = asyncio.Lock()
        self._begun = self._made = 0  # numbers of texts of /metrics
        self._text = b""
        self._registry = CollectorRegistry()
        series = settings.export.series_limit
        limits = _limits(series)
        readers: list[MetricReader] = []
        self._logs.start()
        exporter = otlp.exporter()
        self._histograms = Histograms(series, recorded=exporter is not None and exponential(exporter))
        if settings.export.prometheus:
            readers.append(Scrape(self._finished, registry=self._registry, scope_info_enabled=False, cardinality_limits=limits))
        if exporter is not None:
            readers.append(Push(exporter, self._finished, cardinality_limits=limits))
        resource = _resource()
        self._provider = sdk.MeterProvider(readers, resource, shutdown_on_exit=False)
        meter = self._provider.get_meter("kpi-proxy", __version__)
        self._instruments = Instruments(meter, self._histograms, settings)
        self._probes = ProbeInstruments(meter)
        self._observe(meter)
        spans = otlp.span_exporter() if settings.export.traces else None
        self._traces = Traces(spans, resource) if spans is not None else None

    def record(self, changes: Sequence[Change]) -> None:
        """Count changes."""
        self._instruments.record(changes)
        if self._traces is not None:
            for change in changes:
                if isinstance(change, TurnCounted):
                    self._traces.record(change.turn)

    def probed(self, attempts: Sequence[Attempt]) -> None:
        """Take one round of a probe."""
        self._probes.record(attempts)

    def relay(self, counts_by_relay: Mapping[str, Counts]) -> None:
        """Take the latest counts of the relays that are connected now, by relay id."""
        self._totals = self._sums.update(counts_by_relay)

    def condition(self, latest: Condition) -> None:
        """Take how the observer is doing; what was folded into `other` is known here."""
        self._condition = replace(latest, folded=self._instruments.folded)

    def figures(self, latest: Iterable[Snapshot]) -> None:
        """Take the fleet's figures (the leader); none to show none (everybody else)."""
        self._figures = tuple(latest)

    async def scrape(self) -> tuple[bytes, str]:
        """Body and content type of /metrics. In a thread: 7,000 series take 170 ms.

        One at a time: the reader hands a collection over through a queue, and two scrapes would take each other's. Whoever came
        before a text was begun is given that text, so that any number of servers cost at most two.
        """
        asked = self._begun
        async with self._scraping:
            if self._made <= asked:
                self._begun += 1
                self._text = await asyncio.to_thread(generate_latest, self._registry)
                self._made = self._begun
            return self._text, CONTENT_TYPE_LATEST

    async def shutdown(self) -> None:
        """Push once more and end, within SHUTDOWN seconds."""
        try:
            async with asyncio.timeout(SHUTDOWN + 1):
                await asyncio.to_thread(self._end)
        except Exception:
            log.exception("metrics did not end cleanly")
        finally:
            self._logs.stop()

    def _end(self) -> None:
        self._provider.shutdown(SHUTDOWN * 1000)
        if self._traces is not None:
            self._traces.shutdown()

    def _finished(self, difference: bool) -> list[Metric]:
        return [*self._histograms.metrics(difference=difference), overhead_metric(self._totals.overhead)]

    def _observe(self, meter: Meter) -> None:
        for name, (metric, unit, about, words) in _RELAY_COUNTERS.items():
            meter.create_observable_counter(metric, [partial(self._relay_sums, name, words)], unit, about)
        for metric, unit, about, read in _RELAY_GAUGES:
            meter.create_observable_gauge(metric, [partial(self._of_worst, read)], unit, about)
        meter.create_observable_up_down_counter(
            "proxy.connections", [self._connections], "{connection}", "Connections of the relays that are open now, by side"
        )
        for each in FAMILIES:
            make = meter.create_observable_counter if each.rises else meter.create_observable_gauge
            make(each.name, [partial(self._of_condition, each)], each.unit, each.about)
        for metric, points, unit, about in _PLAN:
            meter.create_observable_gauge(metric, [partial(self._of_plan, points)], unit, about)
        for family in gauges.FAMILIES:
            meter.create_observable_gauge(family.name, [partial(self._of_figures, family.name)], family.unit, family.about)

    def _relay_sums(self, name: str, words: tuple[str, str], _: CallbackOptions) -> list[Observation]:
        return [
            Observation(value, dict(zip(words, key[1:], strict=True)))
            for key, value in self._totals.sums.items()
            if key[0] == name
        ]

    def _of_worst(self, read: Callable[[Worst], int], _: CallbackOptions) -> list[Observation]:
        return [] if self._totals.worst is None else [Observation(read(self._totals.worst))]

    def _connections(self, _: CallbackOptions) -> list[Observation]:
        return [Observation(value, {"side": side, "state": "open"}) for side, value in self._totals.open.items()]

    def _of_condition(self, family: Family, _: CallbackOptions) -> list[Observation]:
        if self._condition is None:
            return []
        return [Observation(value, dict(labels)) for value, labels in family.points(self._condition)]

    def _of_plan(self, points: Callable[[tuple[Assistant, ...]], Iterable[plan.Point]], _: CallbackOptions) -> list[Observation]:
        return [Observation(value, dict(labels)) for value, labels in points(self._assistants)]

    def _of_figures(self, family: str, _: CallbackOptions) -> list[Observation]:
        return [Observation(value, dict(labels)) for value, labels in gauges.points(family, self._figures)]


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
