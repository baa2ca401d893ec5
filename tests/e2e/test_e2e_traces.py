"""A caller's trace goes through the product untouched, and gets a span of the turn."""

from __future__ import annotations

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

from tests.e2e.conftest import Start
from tests.e2e.product import until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_turn_is_in_its_callers_trace(start: Start) -> None:
    seen: list[str | None] = []
    spans: list[tuple[str, str, str]] = []

    async def note(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("traceparent"))
        return await chat(request)

    async def collect(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/traces":
            pushed = ExportTraceServiceRequest.FromString(await request.read())
            found = [span for resource in pushed.resource_spans for scope in resource.scope_spans for span in scope.spans]
            spans.extend((span.name, span.trace_id.hex(), span.parent_span_id.hex()) for span in found)
        return web.Response(body=ExportTraceServiceResponse().SerializeToString(), content_type="application/x-protobuf")

    with Server(note) as upstream, Server(collect) as collector:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        settings = {"assistants": [{"name": "chat", "upstream": upstream.url}], "export": {"traces": True}}
        product = start(settings, environment)
        traced = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
        say(product.listen["chat"], "bonjour", user="a", headers=traced)
        say(product.listen["chat"], "bonjour", user="b")
        until(lambda: True if spans else None, "the collector has the span")
        assert spans == [("assistant.turn", TRACE, CALLER)]
        assert seen == [traced["traceparent"], None]
