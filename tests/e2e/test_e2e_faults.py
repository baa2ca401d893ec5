"""What fails beside the traffic never reaches the traffic, and nothing is lost or counted twice."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiohttp import web

from tests.e2e.clocks import Clock
from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import Crowd, say
from tests.store.servers import Single, Watched
from tests.store.servers import until as server_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def counted(product: Product, turns: int) -> None:
    """Wait until the figures hold exactly so many turns, and see that it stays so."""
    until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] >= turns or None, f"{turns} turns are counted")
    until(lambda: True if outbox_empty(product) else None, "nothing waits any more")
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
            until(lambda: True if time.monotonic() - gone > away else None, "the time is over", 2 * away + 60)
            redis.start()
            crowd.wait_for(crowd.turns + 100)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)


def cut(redis: Single) -> None:
    for _ in range(5):
        redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def make_read_only(redis: Single) -> None:
    redis.ask("REPLICAOF", "127.0.0.1", 1)


def make_writable(redis: Single) -> None:
    redis.ask("REPLICAOF", "NO", "ONE")


def fill(redis: Single) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "1mb")


def make_room(redis: Single) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "0")


Fault = Callable[[Single], object]


@pytest.mark.parametrize(("begin", "end"), [(cut, cut), (make_read_only, make_writable), (fill, make_room)])
def test_a_redis_that_serves_badly(start: Start, redis: Single, begin: Fault, end: Fault) -> None:
    with Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}], "store": {"url": redis.url}})
        with Crowd(product.listen["chat"]) as crowd:
            crowd.wait_for(60)
            begin(redis)
            if begin is not cut:
                until(lambda: True if b"outbox in use" in product.get("/readyz") else None, "it is told that the store is away")
            crowd.wait_for(crowd.turns + 60)
            end(redis)
            crowd.wait_for(crowd.turns + 60)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)


def test_a_redis_that_comes_back_with_less_is_told_again(start: Start, tmp_path: Path) -> None:
    keeping = ("--appendonly", "no", "--save", "")
    with Single(tmp_path / "redis", *keeping) as redis, Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}], "store": {"url": redis.url}})
        with Crowd(product.listen["chat"]) as crowd:
            crowd.wait_for(60)
            redis.ask("SAVE")
            crowd.wait_for(crowd.turns + 60)
            until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] > 60 or None, "some of it is counted")
            redis.kill()  # what came after SAVE is lost
            redis.start()
            crowd.wait_for(crowd.turns + 60)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)


def test_a_master_dies_and_sentinels_choose_another(start: Start, tmp_path: Path) -> None:
    with Watched(tmp_path / "redis", sentinels=1) as redis, Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}], "store": {"url": redis.url}})
        with Crowd(product.listen["chat"]) as crowd:
            crowd.wait_for(100)
            redis.master.kill()
            server_until(redis.promoted, "the replica is the master")
            crowd.wait_for(crowd.turns + 100)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)


def test_the_disk_of_the_outbox_is_full(start: Start, redis: Single) -> None:
    """The observer's files may not grow past a few pages, as on a full disk; relays keep what it does not acknowledge."""
    with Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}], "store": {"url": redis.url}})
        with Crowd(product.listen["chat"]) as crowd:
            crowd.wait_for(60)
            observer = product.part("proxy.observer")
            _, hard = resource.prlimit(observer, resource.RLIMIT_FSIZE, (FULL, resource.RLIM_INFINITY))
            full = "the outbox can't be written"
            until(lambda: True if full in product.log.read_text() else None, "the log says that the disk is full")
            crowd.wait_for(crowd.turns + 60)
            resource.prlimit(observer, resource.RLIMIT_FSIZE, (hard, hard))
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)
        assert product.part("proxy.observer") == observer


FULL = 20 * 1024
"""Bytes: more than the log of the test takes, less than the outbox."""


def test_the_clock_is_set_back_an_hour(start: Start, redis: Single, tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    session = {"idle": "1s", "settle": "1s"}
    assistants = [{"name": "chat", "session": session}]
    with Server(chat) as upstream:
        assistants[0]["upstream"] = upstream.url
        product = start({"assistants": assistants, "store": {"url": redis.url}}, clock.environment)
        with Crowd(product.listen["chat"]) as crowd:
            crowd.wait_for(60)
            clock.set(-3600.0)
            crowd.wait_for(crowd.turns + 60)
            clock.set(0.0)
            crowd.wait_for(crowd.turns + 60)
            turns = crowd.stop()
        assert not crowd.failures
        counted(product, turns)
        until(lambda: True if product.kpis("chat")["open_sessions"] == 0 else None, "every session is settled")


def test_a_stop_lets_streams_finish_and_loses_nothing(start: Start) -> None:
    told = threading.Event()

    async def lasting(request: web.Request) -> web.StreamResponse:
        if (await request.json()).get("stream"):
            await asyncio.to_thread(told.wait, 60)
        return await chat(request)

    with Server(lasting) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        for number in range(5):
            say(product.listen["chat"], f"{number}", user="a")
        heard: list[bytes] = []
        stream = threading.Thread(target=lambda: heard.append(say(product.listen["chat"], "slow", user="a", stream=True)))
        stream.start()
        until(lambda: True if b'side="client",state="open"} 1' in metrics(product) else None, "the stream has begun")
        with ThreadPoolExecutor(1) as operator:
            stopped = operator.submit(product.stop)
            until(lambda: refused(product), "nothing new is taken")
            told.set()
            assert stopped.result() == 0
        stream.join()
        assert heard[0].endswith(b"data: [DONE]\n\n")
        product.start()
        counted(product, 6)


def refused(product: Product) -> bool | None:
    try:
        with socket.create_connection(("127.0.0.1", product.listen["chat"]), 60):
            return None
    except ConnectionRefusedError:
        return True


def metrics(product: Product) -> bytes:
    return product.get("/metrics").replace(b'state="open",side="client"', b'side="client",state="open"').replace(b"} 1.0", b"} 1")
