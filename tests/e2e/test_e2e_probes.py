"""Probes of the running product: seen in metrics and on the page, and in no figure about people."""

from __future__ import annotations

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Moody:
    """The chat, with a health path that can turn bad; counts what it is asked."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if request.path == "/health":
            return web.Response(status=self.status)
        return await chat(request)


def value(product: Product, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(product.get("/metrics").decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


def test_probes_are_apart_from_people(start: Start) -> None:
    moody = Moody()
    with Server(moody.handle) as upstream:
        canary = {"name": "canary", "interval": "1s", "timeout": "1s", "path": "/v1/chat/completions"}
        canary |= {"question": '{"messages": [{"role": "user", "content": "probe"}]}', "expect": "avez dit : probe"}
        home = {"name": "home", "interval": "1s", "timeout": "1s", "path": "/health"}
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url, "probes": [home, canary]}]})
        until(lambda: value(product, "assistant_probe_up", probe="home") or None, "home is up")
        until(lambda: value(product, "assistant_probe_up", probe="canary") or None, "the canary answers")
        say(product.listen["chat"], "bonjour", user="person")
        until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] or None, "the person's turn is counted")
        asked = moody.asked
        until(lambda: True if moody.asked > asked + 4 else None, "probes go on")
        moody.status = 503
        until(lambda: True if value(product, "assistant_probe_up", probe="home") == 0 else None, "home is down")
        assert value(product, "assistant_probe_attempts_total", probe="home", result="status")
        assert value(product, "assistant_probe_up", probe="canary") == 1
        page = product.get("/?lang=en").decode()
        assert "home: does not answer" in page
        assert "canary: answers; 100" in page
        assert product.kpis("chat")["kpis"]["turns"]["value"] == 1
        assert value(product, "proxy_requests_total", status="2xx") == 1
        assert product.kpis("chat")["completeness"]["dropped"] == 0
