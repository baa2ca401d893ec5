"""The push: a collector gets what a scrape shows, over HTTP and gRPC, and one that is dead costs nothing."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from proxy.export.condition import Condition
from proxy.export.otlp import LOG_EVERY, SparseLogs
from proxy.export.telemetry import Telemetry
from proxy.kpi.books import Books
from tests.export import receiving
from tests.export.telling import CHANGES, SETTINGS, SNAPSHOT, counts, scraped, value


class Collector:
    """Keeps the last request."""

    def __init__(self) -> None:
        self.last = ExportMetricsServiceRequest()
        self.came = threading.Event()

    def take(self, body: bytes) -> bytes:
        self.last = ExportMetricsServiceRequest.FromString(body)
        self.came.set()
        answer: bytes = ExportMetricsServiceResponse().SerializeToString()
        return answer

    def sums(self) -> dict[str, float]:
        totals: dict[str, float] = {}
        for metric in self.last.resource_metrics[0].scope_metrics[0].metrics:
            kind = metric.WhichOneof("data")
            assert kind is not None
            for point in getattr(metric, kind).data_points:
                of_point = point.sum if kind == "histogram" else point.as_double or point.as_int
                totals[metric.name] = totals.get(metric.name, 0) + of_point
        return totals


@pytest.fixture
def over_http() -> Iterator[tuple[str, Collector]]:
    collector = Collector()
    with receiving.over_http("metrics", collector.take) as url:
        yield url, collector


@pytest.fixture
def over_grpc() -> Iterator[tuple[str, Collector]]:
    collector = Collector()
    with receiving.over_grpc("metrics", collector.take) as url:
        yield url, collector


@pytest.mark.parametrize(("receiver", "protocol"), [("over_http", "http/protobuf"), ("over_grpc", "grpc")])
async def test_a_collector_gets_the_figures_of_the_scrape(
    environment: pytest.MonkeyPatch, request: pytest.FixtureRequest, receiver: str, protocol: str
) -> None:
    url, collector = request.getfixturevalue(receiver)
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    environment.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    telemetry.relay({"a": counts(10)})
    telemetry.figures([SNAPSHOT])
    telemetry.condition(
        Condition(lag=0.25, books=Books(seen=107, counted=100, pending=7), store_up=True, unreadable={"headless": 1})
    )
    samples = await scraped(telemetry)
    await telemetry.shutdown()  # pushes once more
    pushed = collector.sums()
    named = {
        "assistant.turns": "assistant_turns_total",
        "assistant.sessions.settled": "assistant_sessions_settled_total",
        "assistant.response.duration": "assistant_response_duration_seconds_sum",
        "assistant.tokens": "assistant_tokens_total",
        "assistant.feedback": "assistant_feedback_total",
        "assistant.automation.rate": "assistant_automation_rate_percent",
        "proxy.requests": "proxy_requests_total",
        "proxy.overhead": "proxy_overhead_seconds_sum",
    }
    for pushed_name, scraped_name in named.items():
        assert pushed[pushed_name] == pytest.approx(sum(v for (name, _), v in samples.items() if name == scraped_name))
    families = {sample.removesuffix("_total").removesuffix("_count").removesuffix("_sum") for sample, _ in samples}
    plain = {
        re.sub(r"_(?:seconds|percent|(?<=held_)bytes)$", "", name)
        for name in families
        if not name.endswith(("_bucket", "_created"))
    }
    assert {name.replace(".", "_") for name in pushed} == plain - {"target_info"}


async def test_interval_of_the_push_is_honoured(environment: pytest.MonkeyPatch, over_http: tuple[str, Collector]) -> None:
    url, collector = over_http
    environment.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url + "/v1/metrics")
    environment.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    assert collector.came.wait(60)
    await telemetry.shutdown()


async def test_a_dead_collector_costs_nothing_but_one_line(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    assert value(await scraped(telemetry), "assistant_sessions_started_total", assistant="rh", channel="web") == 1
    await telemetry.shutdown()
    assert len(caplog.records) == 1


async def test_an_unknown_protocol_is_said_and_nothing_fails(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    environment.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon")
    await Telemetry(SETTINGS).shutdown()
    assert "carrier-pigeon" in caplog.text


def test_lines_about_a_dead_collector_are_rare(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    logs = SparseLogs(lambda: now[0])
    logger = logging.getLogger("opentelemetry.exporter.otlp.proto.http.metric_exporter")
    logs.start()
    for _ in range(10):
        logger.error("Failed to export %s", "metrics")
    now[0] = LOG_EVERY
    logger.error("Failed to export %s", "metrics")
    logs.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "Failed to export metrics",
        "Failed to export metrics (9 lines like it held back)",
    ]


@pytest.mark.parametrize(
    ("variable", "word", "kind", "difference"),
    [
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "histogram", True),
        (
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
            "base2_exponential_bucket_histogram",
            "exponential_histogram",
            False,
        ),
    ],
)
async def test_histograms_are_pushed_as_the_environment_says(
    environment: pytest.MonkeyPatch, over_http: tuple[str, Collector], variable: str, word: str, kind: str, difference: bool
) -> None:
    url, collector = over_http
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    environment.setenv(variable, word)
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    samples = await scraped(telemetry)
    await telemetry.shutdown()
    metrics = {metric.name: metric for metric in collector.last.resource_metrics[0].scope_metrics[0].metrics}
    found = metrics["assistant.response.duration"]
    assert found.WhichOneof("data") == kind
    data = getattr(found, kind)
    assert data.aggregation_temporality == (1 if difference else 2)
    counted = value(samples, "assistant_response_duration_seconds_count", assistant="rh", channel="web")
    assert sum(point.count for point in data.data_points) == counted == 2
