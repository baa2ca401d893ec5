"""OTLP push, set up by the standard OTEL_EXPORTER_OTLP_* variables and nothing else."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Final

from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

TIMEOUT: Final = 3.0
"""Seconds one export may take. The SDK waits for a running export at the end, so this bounds the shutdown too."""

LOG_EVERY: Final = 60.0
"""Seconds between two log lines of one logger about a collector that does not answer: it fails at each interval."""

_LOGGERS: Final = (
    "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.grpc.exporter",
    "opentelemetry.sdk._shared_internal",
    "opentelemetry.sdk.metrics._internal.export",
)

log = logging.getLogger(__name__)


def exporter() -> MetricExporter | None:
    """The exporter of metrics that the environment asks for; None when it names no collector."""
    # Exporters are imported here: gRPC alone is 20 MB and 0.1 s of a process that may not push at all.
    match _protocol("METRICS"):
        case "http/protobuf":
            from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as OverHttp  # noqa: PLC0415

            return OverHttp(timeout=_timeout("METRICS"))
        case "grpc":
            from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as OverGrpc  # noqa: PLC0415

            return OverGrpc(timeout=_timeout("METRICS"))
        case _:
            return None


def span_exporter() -> SpanExporter | None:
    """The exporter of spans, likewise."""
    match _protocol("TRACES"):
        case "http/protobuf":
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as OverHttp  # noqa: PLC0415

            return OverHttp(timeout=_timeout("TRACES"))
        case "grpc":
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as OverGrpc  # noqa: PLC0415

            return OverGrpc(timeout=_timeout("TRACES"))
        case _:
            return None


def _protocol(signal: str) -> str | None:
    """How to push, None to push nothing: without a collector, and with a protocol that is not known.

    The latter is logged: telemetry must not keep the observer from starting.
    """
    if not (os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")):
        return None
    protocol = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in (None, "", "http/protobuf", "grpc"):
        log.error("OTLP protocol %r is not known (http/protobuf, grpc): nothing is pushed", protocol)
        return None
    return protocol or "http/protobuf"


def _timeout(signal: str) -> float:
    written = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_TIMEOUT") or os.environ.get("OTEL_EXPORTER_OTLP_TIMEOUT") or ""
    try:
        return min(TIMEOUT, float(written)) if written else TIMEOUT
    except ValueError:
        log.warning("OTLP timeout %r is not a number of seconds: %.0f s used", written, TIMEOUT)
        return TIMEOUT


class _Sparse(logging.Filter):
    """Lets one line of a level through per `LOG_EVERY` seconds, with how many were held back since."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._next = float("-inf")
        self._held = 0

    def filter(self, record: logging.LogRecord) -> bool:
        now = self._clock()
        if now < self._next:
            self._held += 1
            return False
        if self._held:
            record.msg = f"{record.getMessage()} ({self._held} lines like it held back)"
            record.args = ()
        self._next = now + LOG_EVERY
        self._held = 0
        return True


class SparseLogs:
    """Keeps the exporters' loggers quiet while a collector is away."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._filters = [(logging.getLogger(name), _Sparse(clock)) for name in _LOGGERS]

    def start(self) -> None:
        """Hold lines back from now on."""
        for logger, sparse in self._filters:
            logger.addFilter(sparse)

    def stop(self) -> None:
        """Leave the loggers as they were."""
        for logger, sparse in self._filters:
            logger.removeFilter(sparse)
