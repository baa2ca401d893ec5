"""Traffic in the hands of real processes: relays that are killed, settings read again, an observer that stands still."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.relay.origins import OK, Origin, answers
from tests.relay.sockets import PATIENCE, Wire

pytestmark = pytest.mark.e2e

GET = b"GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n"
BODY = b"b" * 8000
POST = b"POST /p HTTP/1.1\r\nHost: app.test\r\nContent-Length: 8000\r\n\r\n" + BODY


@pytest.fixture
def origin() -> Iterator[Origin]:
    origin = Origin()
    yield origin
    origin.close()


def product_of(start: Start, origin: Origin, **settings: object) -> Product:
    return start({"assistants": [{"name": "a", "upstream": f"http://127.0.0.1:{origin.port}"}], **settings})


def client(product: Product) -> Wire:
    return Wire(socket.create_connection(("127.0.0.1", product.listen["a"]), PATIENCE))


class Callers:
    """Clients that connect for each request, without pause. A refused connection is a fault, one that breaks is counted."""

    def __init__(self, product: Product, count: int) -> None:
        self._product = product
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.answered = 0
        self.broken = 0
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._call) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _call(self) -> None:
        while not self._stop.is_set():
            try:
                wire = client(self._product)
            except OSError as error:
                self.refused.append(repr(error))
                return
            try:
                wire.send(GET)
                came = wire.exactly(len(OK))
            except OSError:
                came = b""
            wire.finish()
            with self._lock:
                self.answered += came == OK
                self.broken += came != OK

    def wait_for(self, answered: int) -> None:
        until(lambda: self.answered >= answered or self.refused or None, f"{answered} answers")

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)


def test_relays_that_are_killed_refuse_no_connection(start: Start, origin: Origin) -> None:
    product = product_of(start, origin, workers=2)
    callers = Callers(product, 4)
    for kill in range(1, 4):
        callers.wait_for(kill * 200)
        os.kill(product.part("proxy.relay"), signal.SIGKILL)
    callers.wait_for(callers.answered + 200)
    callers.stop()
    assert callers.refused == []
    assert callers.broken <= 3 * 4  # what a killed relay had in its hands, and no more


def reloads(product: Product) -> int:
    return product.log.read_text().count("settings read again")


def reloaded(product: Product, before: int) -> bool | None:
    return reloads(product) > before or None


def test_settings_read_again_under_traffic_cost_no_request(start: Start, origin: Origin) -> None:
    product = product_of(start, origin)
    callers = Callers(product, 3)
    lasting = client(product)
    assert product.process is not None
    for _ in range(3):
        callers.wait_for(callers.answered + 150)
        before = reloads(product)
        product.process.send_signal(signal.SIGHUP)
        until(partial(reloaded, product, before), "the settings are read again")
        lasting.send(GET)
        assert lasting.exactly(len(OK)) == OK
    callers.wait_for(callers.answered + 150)
    callers.stop()
    assert (callers.refused, callers.broken) == ([], 0)
    lasting.finish()


def shown(product: Product, name: str, **labels: str) -> float | None:
    """A sample of /metrics."""
    wanted = {f'{key}="{value}"' for key, value in labels.items()}
    for line in product.get("/metrics").decode().splitlines():
        found = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if found is not None and wanted <= set(re.findall(r'\w+="[^"]*"', found[1] or "")):
            return float(found[2])
    return None


def test_an_observer_that_stands_still_costs_the_traffic_nothing(start: Start, origin: Origin) -> None:
    """8,000 bytes each way against captures of 4 MiB and 400 records: all are passed, and nothing waits."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8000\r\n\r\n" + BODY
    origin.plays(answers(whole))
    product = product_of(start, origin, capture={"total": "4MiB", "records": 400})
    wire = client(product)

    def median(rounds: int) -> float:
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            wire.send(POST)
            assert wire.exactly(len(whole)) == whole
            times.append(time.perf_counter() - began)
        return sorted(times)[rounds // 2]

    median(200)
    until(lambda: shown(product, "proxy_requests_total", assistant="a", status="2xx") == 200 or None, "the requests are counted")
    assert shown(product, "proxy_capture_level") == 0
    observer = product.part("proxy.observer")
    os.kill(observer, signal.SIGSTOP)
    try:
        stopped = median(1500)
    finally:
        os.kill(observer, signal.SIGCONT)
    assert stopped < 0.5  # a wait for the observer would have no end, and one for a look of the relay's takes a second
    until(lambda: shown(product, "proxy_requests_total", assistant="a", status="2xx") == 1700 or None, "all are counted")
    assert shown(product, "proxy_capture_level") == 3
    assert "overloaded: only sums are kept" in product.get("/?lang=en").decode()
    for stage in ("body", "record"):
        assert 1000 < (shown(product, "proxy_capture_dropped_total", stage=stage) or 0) <= 1500
    missed = until(lambda: product.kpis("a")["completeness"]["dropped"] or None, "the figures say what they miss")
    understood = shown(product, "proxy_outbox_seen_total") or 0
    assert missed + understood - 1700 in range(1, 5)  # each of the 1,700 is one or the other, and some events say "missed"
    wire.finish()


def test_the_relays_own_figures_are_right_against_a_hand_count(start: Start, origin: Origin) -> None:
    """Each request is counted once, by its status, with the bytes of its bodies; each error by its reason."""

    def play(wire: Wire) -> None:
        while head := wire.message()[0]:
            if b" /slow " in head:
                assert wire.quiet(0.5)  # the assistant's time, which is not the relay's
            if b" /cut " in head:
                wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
                return
            if b" /none " in head:
                return
            wire.send(b"HTTP/1.1 404 N\r\nContent-Length: 4\r\n\r\nnone" if b" /missing " in head else OK)

    origin.plays(play)
    product = product_of(start, origin)
    lasting = client(product)
    began = time.monotonic()
    for _ in range(20):
        lasting.send(b"POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n1234567")
        assert lasting.exactly(len(OK)) == OK
    for path, times in ((b"/missing", 3), (b"/slow", 2)):
        for _ in range(times):
            lasting.send(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            lasting.message()
    lasted = time.monotonic() - began
    until(lambda: shown(product, "proxy_connections", side="upstream", state="open") == 1 or None, "one waits in the pool")
    began = time.monotonic()
    for path, times in ((b"/cut", 2), (b"/none", 3)):
        for _ in range(times):
            wire = client(product)
            wire.send(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            wire.rest()
            wire.finish()
    for junk in (b"junk\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
        wire = client(product)
        wire.send(junk)
        wire.rest()
        wire.finish()
    left = client(product)
    left.send(b"POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n12345")
    until(lambda: any(b"12345" in each.received for each in origin.connections) or None, "the request has begun")
    lasted += time.monotonic() - began
    left.finish()

    def requests(status: str) -> float | None:
        return shown(product, "proxy_requests_total", assistant="a", status=status)

    until(lambda: requests("none") or None, "the last one is counted")
    assert {status: requests(status) for status in ("2xx", "4xx", "5xx", "none")} == {"2xx": 24, "4xx": 3, "5xx": 3, "none": 1}
    assert shown(product, "proxy_bytes_total", assistant="a", direction="in") == 20 * 7 + 5
    assert shown(product, "proxy_bytes_total", assistant="a", direction="out") == 22 * 2 + 3 * 4 + 2 * 3
    reasons = {"upstream_broken_closed": 2, "upstream_unreachable_closed": 3, "refused_head": 2, "client_gone": 1}
    assert {reason: shown(product, "proxy_errors_total", assistant="a", reason=reason) for reason in reasons} == reasons
    until(lambda: shown(product, "proxy_connections", side="client", state="open") == 1 or None, "one connection is left")
    assert shown(product, "proxy_connections", side="upstream", state="open") == 0
    assert shown(product, "proxy_overhead_seconds_count") == 24 + 3 + 3 + 1
    spent = shown(product, "proxy_overhead_seconds_sum")
    assert spent is not None
    assert spent < lasted - 2 * 0.5  # the two waits are the assistant's
    lasting.finish()
