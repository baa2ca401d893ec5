"""Spans of turns reach a collector over HTTP and gRPC, in the caller's trace; nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

from proxy.export.telemetry import Telemetry
from proxy.kpi.changes import TurnCounted
from proxy.kpi.events import Turn
from proxy.settings.model import Assistant, Export, Settings
from tests.export.receiving import over_grpc, over_http

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SETTINGS = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1", name="rh"),), export=Export(traces=True))


def turn(**fields: Any) -> TurnCounted:
    return TurnCounted(Turn(**{"id": "t", "assistant": "rh", "at": 1000.0, "result": "ok", "preset": "openai-chat", **fields}))


TURNS = [
    turn(trace=f"00-{TRACE}-{CALLER}-01", duration=2.5, first_text=0.5),
    turn(trace=f"00-{TRACE}-{CALLER}-01", result="error", error="server_error"),
    turn(trace=f"00-{TRACE}-{CALLER}-00", duration=1.0),  # its caller does not sample
    turn(duration=1.0),  # nobody traces it
    turn(trace=f"00-{TRACE}-{CALLER}-01", aside=True, continues=True),
]


@pytest.fixture
def got() -> list[ExportTraceServiceRequest]:
    return []


@pytest.fixture(params=["http/protobuf", "grpc"])
def collector(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, got: list[ExportTraceServiceRequest]
) -> Iterator[None]:
    """A receiver of spans, of which the environment tells."""

    def take(body: bytes) -> bytes:
        got.append(ExportTraceServiceRequest.FromString(body))
        answer: bytes = ExportTraceServiceResponse().SerializeToString()
        return answer

    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", request.param)
    with over_grpc("trace", take) if request.param == "grpc" else over_http("trace", take) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url if request.param == "grpc" else f"{url}/v1/traces")
        yield


@pytest.mark.usefixtures("collector")
async def test_a_turn_is_a_span_in_its_callers_trace(got: list[ExportTraceServiceRequest]) -> None:
    telemetry = Telemetry(SETTINGS)
    telemetry.record(TURNS)
    await telemetry.shutdown()
    spans = [span for each in got for resource in each.resource_spans for scope in resource.scope_spans for span in scope.spans]
    assert [(span.name, span.trace_id.hex(), span.parent_span_id.hex()) for span in spans] == [
        ("assistant.turn", TRACE, CALLER)
    ] * 2
    answered, failed = spans
    assert (answered.start_time_unix_nano, answered.end_time_unix_nano) == (1000 * 10**9, 1002_500_000_000)
    said = {each.key: each.value.string_value or each.value.double_value for each in answered.attributes}
    assert said == {"assistant": "rh", "outcome": "ok", "preset": "openai-chat", "time_to_first": 0.5}
    assert failed.status.code == 2
    assert {each.key: each.value.string_value for each in failed.attributes}["error.type"] == "server_error"


@pytest.mark.usefixtures("collector")
async def test_nothing_is_sent_unless_asked_for(got: list[ExportTraceServiceRequest]) -> None:
    telemetry = Telemetry(Settings(assistants=SETTINGS.assistants))
    telemetry.record(TURNS)
    await telemetry.shutdown()
    assert got == []
