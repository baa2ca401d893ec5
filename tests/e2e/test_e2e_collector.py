"""A collector that is away costs no traffic, no memory, no count, and not the end of the process."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say
from tests.e2e.test_e2e_export import Receiver
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TURNS = 40
GROWTH = 8 * 1024 * 1024
"""Bytes that an observer may grow by within the test: what its first turns load, and no queue of failed pushes."""


class Sulking(Receiver):
    """A collector that refuses everything while it sulks."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0
        self.sulks = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.sulks:
            self.refused += 1
            raise web.HTTPServiceUnavailable
        return await super().handle(request)


def resident(product: Product) -> int:
    status = (Path("/proc") / str(product.part("proxy.observer")) / "status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def talk(product: Product, turns: int, about: str = "work") -> None:
    for number in range(turns):
        say(product.listen["chat"], f"question {number} on {about}", user="person")


def test_counts_of_an_outage_come_with_the_first_push_after_it(start: Start) -> None:
    receiver = Sulking()
    with Server(chat) as upstream, Server(receiver.handle) as collector:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_METRIC_EXPORT_INTERVAL": "200"}
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]}, environment)
        talk(product, TURNS)
        until(lambda: True if receiver.total("assistant.turns") == TURNS else None, "the collector has the first turns")
        before = resident(product)
        receiver.sulks = True
        talk(product, TURNS, "leisure")  # what is said again may be taken for a repetition
        until(lambda: True if receiver.refused >= 10 else None, "pushes were refused")
        assert receiver.total("assistant.turns") == TURNS
        assert resident(product) - before < GROWTH
        receiver.sulks = False
        until(lambda: True if receiver.total("assistant.turns") == 2 * TURNS else None, "nothing of the outage is lost")


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_dead_collector_does_not_hold_up_the_end(start: Start, protocol: str) -> None:
    with Server(chat) as upstream:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_METRIC_EXPORT_INTERVAL": "200",
        }
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]}, environment)
        talk(product, 5)
        assert product.stop() == 0
        assert "killed" not in product.log.read_text()  # as who takes longer than a stop grants
