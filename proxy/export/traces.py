"""A span for each turn whose request carried a sampled `traceparent`: what the assistant did, in the caller's own trace.

The header is read and never written, so that the assistant's own spans stay siblings of this one. A request without it, or
whose caller chose not to sample, has no span. Off unless `export.traces` says so.
"""

from __future__ import annotations

from typing import Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from proxy import __version__
from proxy.kpi.events import Turn

QUEUE: Final = 2048
"""Spans that wait for a collector, about 2 KiB each; the newest are lost above it, metrics are not."""


class Traces:
    """Makes spans out of turns. Their times are the relay's, so they may be sent late."""

    def __init__(self, exporter: SpanExporter, resource: Resource) -> None:
        self._provider = TracerProvider(ParentBased(ALWAYS_OFF), resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=QUEUE))
        self._tracer = self._provider.get_tracer("kpi-proxy", __version__)
        self._reader = TraceContextTextMapPropagator()

    def record(self, turn: Turn) -> None:
        """Make the span of a turn, or none."""
        if not turn.trace or turn.aside:
            return
        attributes: dict[str, str | float] = {"assistant": turn.assistant, "outcome": turn.result, "preset": turn.preset}
        more = {"channel": turn.channel, "error.type": turn.error, "time_to_first": turn.first_text}
        attributes |= {name: value for name, value in more.items() if value}
        start = round(turn.at * 1e9)
        context = self._reader.extract({"traceparent": turn.trace})
        span = self._tracer.start_span("assistant.turn", context, SpanKind.INTERNAL, attributes, start_time=start)
        if turn.result in ("error", "timeout"):
            span.set_status(Status(StatusCode.ERROR))
        span.end(start + round((turn.duration or turn.first_text or 0.0) * 1e9))

    def shutdown(self) -> None:
        """Send what waits and end; blocks no longer than the exporter's own limit."""
        self._provider.shutdown()
