"""Spans of turns reach a collector over HTTP and gRPC, in the caller's trace; nothing else does."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc  # type: ignore[import-untyped]  # only in tests; its stubs are a package more
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

from proxy.export.telemetry import Telemetry
from proxy.kpi.changes import TurnCounted
from proxy.kpi.events import Turn
from proxy.settings.model import Assistant, Export, Settings

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
def over_http() -> Iterator[tuple[str, list[Any]]]:
    got: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            got.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"]))))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def over_grpc() -> Iterator[tuple[str, list[Any]]]:
    got: list[Any] = []

    class Service(TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - name in the protocol
            got.append(request)
            return ExportTraceServiceResponse()

    server = grpc.server(futures.ThreadPoolExecutor(1))
    add_TraceServiceServicer_to_server(Service(), server)  # type: ignore[no-untyped-call]  # generated code
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}", got
    server.stop(None).wait()


@pytest.mark.parametrize(("receiver", "protocol"), [("over_http", "http/protobuf"), ("over_grpc", "grpc")])
async def test_a_turn_is_a_span_in_its_callers_trace(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, receiver: str, protocol: str
) -> None:
    url, got = request.getfixturevalue(receiver)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{url}/v1/traces" if protocol != "grpc" else url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
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


async def test_nothing_is_sent_unless_asked_for(monkeypatch: pytest.MonkeyPatch, over_http: tuple[str, list[Any]]) -> None:
    url, got = over_http
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{url}/v1/traces")
    telemetry = Telemetry(Settings(assistants=SETTINGS.assistants))
    telemetry.record(TURNS)
    await telemetry.shutdown()
    assert got == []
