"""Traffic does not know whether it is observed, and what was not acknowledged is shipped again."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.records import Acks, FromRelay, Kept, Record, frame
from proxy.settings.model import Capture
from tests.relay.conftest import Start
from tests.relay.observers import DeafObserver, Observer, StalledObserver
from tests.relay.origins import OK, Origin, answers
from tests.relay.relays import Relay
from tests.relay.sockets import Wire, eventually

H = b"Host: app.test\r\n"
BODY = b"b" * 8000


def post(path: str, body: bytes = BODY) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: app.test\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def traffic(client: Wire, first: int, count: int) -> None:
    """Requests with a body each, one after the other, each answered."""
    for number in range(first, first + count):
        client.send(post(f"/{number}"))
        assert client.exactly(len(OK)) == OK


class GarbledObserver(StalledObserver):
    """Answers with bytes that are no frame."""

    def _serve(self, connection: object) -> None:
        self._connections[-1].sendall(b"\xff" * 64)


class ClosingObserver(StalledObserver):
    """Accepts and closes at once, again and again."""

    def _serve(self, connection: object) -> None:
        self._connections[-1].shutdown(2)


def nobody(path: Path) -> None:
    """No observer at all."""


OBSERVERS: list[Callable[[Path], StalledObserver | None]] = [
    Observer,
    DeafObserver,
    StalledObserver,
    GarbledObserver,
    ClosingObserver,
    nobody,
]


@pytest.mark.parametrize("kind", OBSERVERS, ids=lambda kind: kind.__name__)
def test_77_traffic_passes_whatever_the_observer_does(
    start: Start, origin: Origin, tmp_path: Path, kind: Callable[[Path], StalledObserver | None]
) -> None:
    """Bodies of 4 MB in all against captures of 1 MB and few records: every ring limit is passed."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8000\r\n\r\n" + BODY
    origin.plays(answers(whole))
    observer = kind(tmp_path / "s")
    relay = start(path=tmp_path / "s", capture=Capture(total=1024 * 1024, records=150))
    if observer is not None:
        observer.wait_for(observer.connected)
    client = relay.client()
    for number in range(250):
        client.send(post(f"/{number}"))
        assert client.exactly(len(whole)) == whole
    assert origin.received == b"".join(post(f"/{number}") for number in range(250))
    if observer is not None:
        observer.close()


UPGRADE = b"GET /ws HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: a\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def tunnel(wire: Wire) -> None:
    """Accept, then read."""
    wire.until(b"\r\n\r\n")
    wire.send(SWITCH)
    wire.rest()


def opened(relay: Relay) -> Wire:
    client = relay.client(UPGRADE)
    assert client.exactly(len(SWITCH)) == SWITCH
    return client


class KnowingObserver(DeafObserver):
    """Acknowledges what passes of a tunnel at once, with a state to be kept, or with the word that it reads none of it."""

    def __init__(self, path: Path, state: bytes = b"1", *, unread: bool = False) -> None:
        self.passed = b""
        self._state = state
        self._unread = unread
        super().__init__(path)

    def _take(self, message: FromRelay, connection: socket.socket) -> None:
        super()._take(message, connection)
        if isinstance(message, Record):
            self.passed += b"".join(segment.data for segment in message.segments if segment.request)
            kept = () if message.ending else (Kept(message.exchange, self._state),)
            unread = (message.exchange,) if self._unread else ()
            connection.sendall(frame([Acks(((message.seq, message.seq),), kept, unread)]))


def test_what_was_not_acknowledged_is_sent_again(start: Start, tmp_path: Path) -> None:
    relay = start(path=tmp_path / "s")
    deaf = DeafObserver(tmp_path / "s")
    client = relay.client()
    traffic(client, 0, 20)
    deaf.wait_for(lambda: len(deaf.exchanges) == 20)
    deaf.close()
    traffic(client, 20, 20)
    observer = Observer(tmp_path / "s")
    observer.wait_for(lambda: len(observer.exchanges) == 40)
    traffic(client, 40, 5)
    observer.wait_for(lambda: len(observer.exchanges) == 45)
    assert [exchange.path for exchange in observer.exchanges] == [f"/{number}" for number in range(45)]
    assert all(exchange.request.data == BODY and exchange.response.data == b"ok" for exchange in observer.exchanges)
    assert observer.hellos[0].low == 1
    observer.wait_for(lambda: bool(observer.counts) and observer.counts[-1].pending == 0)
    observer.close()
    again = DeafObserver(tmp_path / "s")
    again.wait_for(lambda: bool(again.hellos) and bool(again.counts))
    assert again.records == []
    assert again.hellos[0].low == 46
    again.close()


def test_a_full_ring_drops_bodies_first_and_says_so(start: Start, tmp_path: Path) -> None:
    relay = start(path=tmp_path / "s", capture=Capture(total=200_000))
    client = relay.client()
    traffic(client, 0, 60)
    observer = Observer(tmp_path / "s")
    observer.wait_for(lambda: len(observer.exchanges) == 60)
    bodies = [exchange.request.data for exchange in observer.exchanges]
    kept = bodies.count(BODY)
    assert bodies == [b""] * (60 - kept) + [BODY] * kept  # the oldest went
    assert 10 <= kept < 25
    assert all(exchange.request.cut for exchange in observer.exchanges[: 60 - kept])
    observer.wait_for(lambda: bool(observer.counts))
    assert observer.counts[-1].values["dropped", "body", "ring_full"] == 60 - kept
    observer.close()


def test_a_ring_with_too_many_records_drops_the_oldest_and_says_so(start: Start, tmp_path: Path) -> None:
    relay = start(path=tmp_path / "s", capture=Capture(records=10))
    client = relay.client()
    traffic(client, 0, 30)
    observer = Observer(tmp_path / "s")
    observer.wait_for(lambda: len(observer.exchanges) == 10)
    assert [exchange.path for exchange in observer.exchanges] == [f"/{number}" for number in range(20, 30)]
    assert observer.hellos[0].low == 21
    observer.wait_for(lambda: bool(observer.counts))
    assert observer.counts[-1].values["dropped", "record", "ring_full"] == 20
    observer.wait_for(lambda: bool(observer.lost))
    assert [(lost.assistant, lost.exchanges) for lost in observer.lost] == [("rh", 20)]
    observer.close()


def test_a_stalled_observer_costs_no_more_than_the_ring(start: Start, tmp_path: Path) -> None:
    stalled = StalledObserver(tmp_path / "s")
    relay = start(path=tmp_path / "s", capture=Capture(total=2 * 1024 * 1024, records=500))
    stalled.wait_for(stalled.connected)
    client = relay.client()
    traffic(client, 0, 600)
    before = relay.memory()
    traffic(client, 600, 1500)
    assert relay.memory() - before < 4 * 1024 * 1024
    stalled.close()


def test_an_open_stream_does_not_hold_back_the_records_of_others(start: Start, origin: Origin, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

    def play(wire: Wire) -> None:
        while message := wire.message()[0]:
            wire.send(head + b"data: 1\n\n" if b" /open " in message else OK)

    origin.plays(play)
    observer = Observer(tmp_path / "s")
    relay = start(path=tmp_path / "s")
    stream = relay.client(b"GET /open HTTP/1.1\r\n" + H + b"\r\n")
    assert stream.until(b"\n\n")
    observer.wait_for(lambda: any(record.segments for record in observer.records))
    client = relay.client()
    traffic(client, 0, 10)
    observer.wait_for(lambda: len(observer.exchanges) == 10)
    eventually(lambda: bool(observer.counts) and 1 <= observer.counts[-1].pending <= 4)
    stream.half_close()
    assert observer.exchange("/open").response.data == b"data: 1\n\n"
    observer.close()


def test_a_body_with_every_byte_survives_a_change_of_observers(start: Start, origin: Origin, tmp_path: Path) -> None:
    body = bytes(range(256)) * 2048
    origin.plays(answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body))
    relay: Relay = start(path=tmp_path / "s")
    deaf = DeafObserver(tmp_path / "s")
    client = relay.client(post("/all", body))
    assert client.message()[1] == body
    deaf.exchange("/all")
    deaf.close()
    observer = Observer(tmp_path / "s")
    exchange = observer.exchange("/all")
    assert hashlib.sha256(exchange.request.data).digest() == hashlib.sha256(body).digest()
    assert hashlib.sha256(exchange.response.data).digest() == hashlib.sha256(body).digest()
    observer.close()


def test_what_an_observer_knows_of_a_tunnel_is_given_to_the_next_one(start: Start, origin: Origin, tmp_path: Path) -> None:
    origin.plays(tunnel)
    relay = start(path=tmp_path / "s")
    observer = KnowingObserver(tmp_path / "s")
    client = opened(relay)
    client.send(b"one")
    observer.wait_for(lambda: b"one" in observer.passed)
    observer.close()
    client.send(b"two")
    again = KnowingObserver(tmp_path / "s")
    again.wait_for(lambda: b"two" in again.passed)
    assert [kept.state for kept in again.kept] == [b"1"]
    assert b"one" not in again.passed
    client.finish()
    again.wait_for(lambda: any(record.ending for record in again.records))
    again.close()
    last = DeafObserver(tmp_path / "s")
    last.wait_for(lambda: bool(last.hellos) and bool(last.counts))
    assert (last.kept, last.records) == ([], [])
    last.close()


def test_what_is_kept_for_an_observer_is_bounded(start: Start, origin: Origin, tmp_path: Path) -> None:
    origin.plays(tunnel)
    relay = start(path=tmp_path / "s", capture=Capture(total=10_000))
    observer = KnowingObserver(tmp_path / "s", state=bytes(20_000))
    client = opened(relay)
    client.send(b"one")
    observer.wait_for(lambda: bool(observer.counts) and ("dropped", "state", "ring_full") in observer.counts[-1].values)
    assert observer.counts[-1].pending_bytes < 10_000
    client.finish()
    observer.close()


def test_a_tunnel_that_nobody_reads_is_no_longer_copied(start: Start, origin: Origin, tmp_path: Path) -> None:
    origin.plays(tunnel)
    relay = start(path=tmp_path / "s")
    observer = KnowingObserver(tmp_path / "s", unread=True)
    client = opened(relay)
    client.send(b"one")
    observer.wait_for(lambda: b"one" in observer.passed)
    client.send(b"x" * 1_000_000)
    client.finish()
    observer.wait_for(lambda: any(record.ending for record in observer.records))
    (ending,) = [record.ending for record in observer.records if record.ending is not None]
    assert ending.request_size == 1_000_003
    assert len(observer.passed) < 400_000  # what was on its way when the relay learnt of it
    observer.close()
