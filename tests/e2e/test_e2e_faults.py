"""What fails beside the traffic never reaches the traffic, and nothing is lost or counted twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import Crowd, say
from tests.store.servers import Single

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def counted(product: Product, turns: int) -> None:
    """Wait until the figures hold exactly so many turns, and see that it stays so."""
    until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] >= turns or None, f"{turns} turns are counted", 60)
    until(lambda: True if outbox_empty(product) else None, "nothing waits any more", 60)
    assert product.kpis("chat")["kpis"]["turns"]["value"] == turns


def outbox_empty(product: Product) -> bool:
    return b'"pending":0' in product.get("/readyz").replace(b" ", b"")


def test_the_observer_is_killed_under_traffic(start: Start) -> None:
    with Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        with Crowd(product.listen["chat"]) as crowd:
            for kill in range(1, 4):
                crowd.wait_for(kill * 150)
                os.kill(product.part("proxy.observer"), signal.SIGKILL)
            crowd.wait_for(crowd.turns + 150)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)


def test_a_relay_is_killed_and_replaced_on_the_same_socket(start: Start) -> None:
    with Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        say(product.listen["chat"], "before", user="a")
        os.kill(product.part("proxy.relay"), signal.SIGKILL)
        assert b"after" in say(product.listen["chat"], "after", user="a")  # waited in the socket, was not refused


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Single]:
    with Single(tmp_path / "redis") as server:
        yield server


def test_redis_is_away_for_a_while(start: Start, redis: Single) -> None:
    away = float(os.environ.get("KPI_PROXY_TEST_AWAY", "4"))
    with Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}], "store": {"url": redis.url}})
        with Crowd(product.listen["chat"]) as crowd:
            crowd.wait_for(100)
            redis.kill()
            gone = time.monotonic()
            until(lambda: True if b"outbox in use" in product.get("/readyz") else None, "the console says that the store is away")
            crowd.wait_for(crowd.turns + 100)
            until(lambda: True if time.monotonic() - gone > away else None, "the time is over", away + 5)
            redis.start()
            crowd.wait_for(crowd.turns + 100)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)


def test_a_stop_lets_streams_finish_and_loses_nothing(start: Start) -> None:
    with Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        for number in range(5):
            say(product.listen["chat"], f"{number}", user="a")
        heard: list[bytes] = []
        stream = threading.Thread(
            target=lambda: heard.append(say(product.listen["chat"], "slow", user="a", stream=True, pause=0.4))
        )
        stream.start()
        until(lambda: True if b'side="client",state="open"} 1' in metrics(product) else None, "the stream has begun")
        assert product.stop() == 0
        stream.join()
        assert heard[0].endswith(b"data: [DONE]\n\n")
        product.start()
        counted(product, 6)


def metrics(product: Product) -> bytes:
    return product.get("/metrics").replace(b'state="open",side="client"', b'side="client",state="open"').replace(b"} 1.0", b"} 1")
