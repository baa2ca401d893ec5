"""What a back end reads is what the changes said, on both ways out."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from proxy.export.condition import Condition
from proxy.export.gauges import Crowd, Snapshot
from proxy.export.otlp import LOG_EVERY, SparseLogs
from proxy.export.telemetry import Telemetry
from proxy.kpi.books import Books
from proxy.kpi.changes import (
    Change,
    HandoverMoved,
    HandoverStarted,
    RatingCounted,
    SessionSettled,
    SessionStarted,
    TurnCounted,
)
from proxy.kpi.events import Turn
from proxy.kpi.report import Completeness, Figures, Measure
from proxy.records import OVERHEAD_BOUNDS, Counts
from proxy.settings.model import Assistant, Export, Settings
from tests.export import receiving

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

SETTINGS = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1", name="rh", channel="web"),))


def turn(**fields: Any) -> TurnCounted:
    return TurnCounted(Turn(**{"id": "t", "assistant": "rh", "at": 0.0, "result": "ok", "channel": "web", **fields}))


CHANGES: list[Change] = [
    turn(duration=2.5, first_text=0.4, tokens_in=12, tokens_out=90, model="gpt-9"),
    turn(duration=12.0),
    turn(result="error", error="server_error", duration=0.1),
    turn(continues=True, tokens_in=8, model="gpt-9"),
    SessionStarted("rh", "web"),
    SessionSettled("rh", "web", "resolved_assumed"),
    HandoverStarted("rh", "tool_call", "user_request"),
    HandoverMoved("rh", "accepted"),
    RatingCounted("rh", "binary", True),
    RatingCounted("rh", "five", None),
]


def counts(requests: int, open_now: int = 1) -> Counts:
    overhead = (requests,) + (0,) * len(OVERHEAD_BOUNDS)
    values = {
        ("requests", "rh", "2xx"): requests,
        ("errors", "rh", "timeout"): 1,
        ("bytes", "rh", "in"): 100,
        ("connections", "client", "opened"): 100 + open_now,
        ("connections", "client", "closed"): 100,
        ("dropped", "body", "ring_full"): 2,
    }
    return Counts(values, overhead, 0.00002 * requests, 0, 0)


FIGURES = Figures(
    assistant="rh",
    from_="2026-11-17",
    to="2026-11-23",
    time_zone="Europe/Paris",
    kpis={
        "automation_rate": Measure(value=0.62, numerator=620, denominator=1000),
        "csat": Measure(value=None, reason="no_ratings"),
        "adoption": Measure(value=0.5, numerator=30, denominator=60),
        "wau": Measure(value=30.0),
    },
    provisional={},
    outcomes={},
    open_sessions=0,
    completeness=Completeness(captured=1.0, decoded=0.5, attributed=None, dropped=0),
)


SNAPSHOT = Snapshot(figures={"7d": FIGURES, "28d": FIGURES}, active={"day": 9, "week": 30, "28d": 41, "month": 35}, eligible=60)


async def scraped(telemetry: Telemetry) -> Samples:
    body, content_type = await telemetry.scrape()
    assert content_type.startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
async def telemetry(environment: pytest.MonkeyPatch) -> AsyncIterator[Telemetry]:
    telemetry = Telemetry(SETTINGS)
    yield telemetry
    await telemetry.shutdown()


async def test_changes_become_counters(telemetry: Telemetry) -> None:
    telemetry.record(CHANGES)
    samples = await scraped(telemetry)
    rh = {"assistant": "rh", "channel": "web"}
    assert value(samples, "assistant_turns_total", **rh, outcome="ok", error_type="") == 2
    assert value(samples, "assistant_turns_total", **rh, outcome="error", error_type="server_error") == 1
    assert value(samples, "assistant_sessions_started_total", **rh) == 1
    assert value(samples, "assistant_sessions_settled_total", **rh, outcome="resolved_assumed") == 1
    assert value(samples, "assistant_handovers_total", assistant="rh", source="tool_call", reason="user_request") == 1
    assert value(samples, "assistant_handovers_status_total", assistant="rh", status="accepted") == 1
    assert value(samples, "assistant_feedback_total", assistant="rh", scale="binary", satisfied="true") == 1
    assert value(samples, "assistant_feedback_total", assistant="rh", scale="five", satisfied="neutral") == 1
    assert value(samples, "assistant_response_slo_total", **rh, state="within") == 1
    assert value(samples, "assistant_response_slo_total", **rh, state="beyond") == 1
    assert value(samples, "assistant_response_duration_seconds_sum", **rh) == 14.5
    assert value(samples, "assistant_response_duration_seconds_bucket", **rh, le="10.0") == 1
    assert value(samples, "assistant_response_time_to_first_seconds_count", **rh) == 1
    tokens = {"assistant": "rh", "model": "gpt-9", "known": "true"}
    assert value(samples, "assistant_tokens_total", **tokens, type="input") == 20
    assert value(samples, "assistant_tokens_total", **tokens, type="output") == 90


async def test_words_of_the_wire_open_a_bounded_number_of_series(telemetry: Telemetry) -> None:
    telemetry.record([turn(tokens_in=1, model=f"m{number}") for number in range(500)])
    telemetry.record([turn(tokens_in=1, model='x"} evil 1\n'), turn(assistant="not-ours")])
    samples = await scraped(telemetry)
    models = {dict(labels)["model"] for name, labels in samples if name == "assistant_tokens_total"}
    assert len(models) == 51
    assert value(samples, "assistant_tokens_total", assistant="rh", model="other", known="true", type="input") == 451
    assert value(samples, "assistant_turns_total", assistant="other", channel="web", outcome="ok") == 1
    telemetry.record([turn(tokens_in=1, model="other")])  # folded by the ledger
    telemetry.condition(Condition(lag=0.0, books=Books(seen=100, counted=100, pending=0), store_up=True))
    assert value(await scraped(telemetry), "proxy_labels_folded_total", label="model") == 452


async def test_relay_counters_never_go_down(telemetry: Telemetry) -> None:
    telemetry.relay({"a1": counts(10), "b1": counts(5)})
    telemetry.relay({"a1": counts(12), "b1": counts(6)})
    telemetry.relay({"b1": counts(7)})  # a1 died
    telemetry.relay({"b1": counts(7), "a2": counts(1, open_now=4)})  # its successor starts at zero
    samples = await scraped(telemetry)
    assert value(samples, "proxy_requests_total", assistant="rh", status="2xx") == 12 + 7 + 1
    assert value(samples, "proxy_errors_total", assistant="rh", reason="timeout") == 3
    assert value(samples, "proxy_bytes_total", assistant="rh", direction="in") == 300
    assert value(samples, "proxy_capture_dropped_total", stage="body", reason="ring_full") == 6
    assert value(samples, "proxy_connections", side="client", state="open") == 5
    assert value(samples, "proxy_overhead_seconds_count") == 20
    assert value(samples, "proxy_overhead_seconds_bucket", le="2.5e-05") == 20
    assert value(samples, "proxy_overhead_seconds_sum") == pytest.approx(0.0004)


async def test_a_relay_without_clients_shows_its_connections_and_no_relay_shows_none(telemetry: Telemetry) -> None:
    telemetry.relay({"a": Counts({}, (0,) * (len(OVERHEAD_BOUNDS) + 1), 0.0, 0, 0)})
    assert value(await scraped(telemetry), "proxy_connections", side="client", state="open") == 0
    telemetry.relay({})
    assert value(await scraped(telemetry), "proxy_connections", side="client", state="open") is None


async def test_the_level_is_that_of_the_relay_that_keeps_least(telemetry: Telemetry) -> None:
    telemetry.relay({"a": counts(1), "b": msgspec.structs.replace(counts(1), level=2)})
    assert value(await scraped(telemetry), "proxy_capture_level") == 2
    telemetry.relay({"a": counts(1)})
    assert value(await scraped(telemetry), "proxy_capture_level") == 0
    telemetry.relay({})
    assert value(await scraped(telemetry), "proxy_capture_level") is None


async def test_relays_beyond_memory_are_folded_and_one_that_was_away_counts_once(telemetry: Telemetry) -> None:
    for start in range(200):
        telemetry.relay({f"r{start}": counts(1)})
    telemetry.relay({"r199": counts(3)})
    telemetry.relay({})
    telemetry.relay({"r199": counts(4)})
    samples = await scraped(telemetry)
    assert value(samples, "proxy_requests_total", assistant="rh", status="2xx") == 199 + 4


async def test_figures_are_percent_and_disappear_with_the_lead(telemetry: Telemetry) -> None:
    telemetry.figures([SNAPSHOT])
    telemetry.condition(Condition(lag=0.25, books=Books(seen=107, counted=100, pending=7), store_up=False))
    samples = await scraped(telemetry)
    assert value(samples, "assistant_automation_rate_percent", assistant="rh", window="7d") == 62
    assert value(samples, "assistant_csat_percent", assistant="rh", window="7d") is None
    for window, active in SNAPSHOT.active.items():
        assert value(samples, "assistant_users_active", assistant="rh", window=window) == active
    assert value(samples, "assistant_users_eligible", assistant="rh") == 60
    assert value(samples, "assistant_completeness_percent", assistant="rh", stage="decoded") == 50
    assert value(samples, "assistant_completeness_percent", assistant="rh", stage="attributed") is None
    assert value(samples, "proxy_observer_lag_seconds") == 0.25
    assert value(samples, "proxy_outbox_pending") == 7
    assert value(samples, "proxy_store_up") == 0
    telemetry.figures(())
    samples = await scraped(telemetry)
    assert value(samples, "assistant_automation_rate_percent", assistant="rh", window="7d") is None


async def test_people_by_group_have_windows_of_their_own(telemetry: Telemetry) -> None:
    crowd = Crowd(dimension="department", label="Sales", active={"last_week": 15, "last_4_weeks": 20}, eligible=40)
    telemetry.figures([Snapshot(figures={"28d": FIGURES}, active={"week": 30}, eligible=60, crowds=(crowd,))])
    samples = await scraped(telemetry)
    sales = {"assistant": "rh", "department": "Sales"}
    assert value(samples, "assistant_users_active", **sales, window="last_week") == 15
    assert value(samples, "assistant_users_active", **sales, window="last_4_weeks") == 20
    assert value(samples, "assistant_users_eligible", **sales) == 40
    assert value(samples, "assistant_users_active", assistant="rh", window="week", department="") == 30


async def test_few_people_are_not_counted_out_loud(telemetry: Telemetry) -> None:
    telemetry.figures([Snapshot(figures={"28d": FIGURES}, active={"day": 1}, eligible=4)])
    samples = await scraped(telemetry)
    assert value(samples, "assistant_users_active", assistant="rh", window="day") is None
    assert value(samples, "assistant_users_eligible", assistant="rh") == 4


async def test_resource_comes_from_the_environment_when_it_says_so(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod")
    environment.setenv("OTEL_SERVICE_NAME", "hr-proxy")
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    body, _ = await telemetry.scrape()
    await telemetry.shutdown()
    info = next(line for line in body.decode().splitlines() if line.startswith("target_info{"))
    assert 'service_name="hr-proxy"' in info
    assert 'deployment_environment_name="prod"' in info


async def test_series_are_capped(environment: pytest.MonkeyPatch) -> None:
    settings = Settings(assistants=SETTINGS.assistants, export=Export(series_limit=3))
    telemetry = Telemetry(settings)
    telemetry.record([turn(channel=f"c{number}") for number in range(10)])
    samples = await scraped(telemetry)
    await telemetry.shutdown()
    assert sum(1 for name, _ in samples if name == "assistant_turns_total") <= 4


async def test_servers_that_scrape_at_once_share_texts_that_were_begun_after_they_came(
    environment: pytest.MonkeyPatch,
) -> None:
    made = 0

    def counting(registry: CollectorRegistry) -> bytes:
        nonlocal made
        made += 1
        return generate_latest(registry)

    environment.setattr("proxy.export.telemetry.generate_latest", counting)
    telemetry = Telemetry(SETTINGS)
    texts = await asyncio.gather(*[telemetry.scrape() for _ in range(9)])
    assert made == 2
    assert len(set(texts)) <= 2
    telemetry.condition(Condition(lag=0.5, books=Books(seen=1, counted=1, pending=0), store_up=True))
    assert value(await scraped(telemetry), "proxy_observer_lag_seconds") == 0.5
    await telemetry.shutdown()


async def test_a_scrape_of_thousands_of_series_leaves_the_loop_free(environment: pytest.MonkeyPatch) -> None:
    names = [f"a{number}" for number in range(120)]
    assistants = tuple(Assistant(upstream="http://127.0.0.1:1", name=name) for name in names)
    telemetry = Telemetry(Settings(assistants=assistants))
    for name in names:
        telemetry.record([turn(assistant=name, duration=2.5, first_text=0.4, tokens_in=12, model="gpt-9")])
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.get_running_loop().create_task(tick())
    await asyncio.sleep(0)
    before = ticks
    body, _ = await telemetry.scrape()
    free = ticks - before
    ticking.cancel()
    await telemetry.shutdown()
    assert sum(1 for line in body.splitlines() if line[:1] != b"#") >= 5000
    assert free > 20  # on the loop itself it would be none


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
    plain = {re.sub(r"_(?:seconds|percent)$", "", name) for name in families if not name.endswith(("_bucket", "_created"))}
    assert {name.replace(".", "_") for name in pushed} == plain - {"target_info"}


async def test_interval_of_the_push_is_honoured(environment: pytest.MonkeyPatch, over_http: tuple[str, Collector]) -> None:
    url, collector = over_http
    environment.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url + "/v1/metrics")
    environment.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    assert collector.came.wait(5)
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
