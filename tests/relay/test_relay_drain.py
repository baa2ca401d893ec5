"""The end of a relay (case 86): what has begun ends, nothing new begins, and a cut is seen as one."""

from __future__ import annotations

import signal

import pytest

from proxy.settings.model import Limits
from tests.relay.conftest import Start
from tests.relay.origins import OK, STREAM, Origin, silent, streams
from tests.relay.sockets import PATIENCE, Wire, eventually

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n" + H + b"\r\n"
POST = b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc"


def test_86_a_drain_lets_streams_end_and_takes_nothing_new(start: Start, origin: Origin) -> None:
    origin.plays(streams)
    relay = start(limits=Limits(drain=2 * PATIENCE))
    relay.let_go()
    idle = relay.client()
    client = relay.client(GET)
    assert client.exactly(len(STREAM)) == STREAM
    (wire,) = origin.connections
    relay.process.send_signal(signal.SIGTERM)
    assert idle.rest() == b""  # while the stream goes on: long before the drain's limit
    with pytest.raises(ConnectionRefusedError):
        relay.client()
    event = b"9\r\ndata: 1\n\n\r\n"
    wire.send(event)
    assert client.exactly(len(event)) == event
    wire.send(b"0\r\n\r\n")
    assert client.rest() == b"0\r\n\r\n"
    assert relay.wait() == 0


@pytest.mark.parametrize("lasting", [False, True], ids=["chunked", "until close"])
def test_86_at_the_drains_limit_streams_are_cut_visibly(start: Start, origin: Origin, *, lasting: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nx" if lasting else STREAM

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(head)
        wire.rest()

    origin.plays(play)
    relay = start(limits=Limits(drain=0.3))
    client = relay.client(GET)
    assert client.until(b"\r\n\r\n")
    if lasting:
        assert client.exactly(1) == b"x"
    relay.process.send_signal(signal.SIGTERM)
    assert client.rest() == b""
    assert client.ended == "reset" if lasting else "fin"
    assert relay.wait() == 0


def test_86_who_has_no_answer_at_the_drains_limit_is_told(start: Start, origin: Origin) -> None:
    origin.plays(silent)
    relay = start(limits=Limits(drain=0.3))
    client = relay.client(POST)
    eventually(lambda: len(origin.connections) == 1 and origin.received == POST)
    relay.process.send_signal(signal.SIGTERM)
    assert client.rest().startswith(b"HTTP/1.1 503 ")
    assert relay.wait() == 0


def test_86_who_has_sent_half_a_head_is_told(start: Start) -> None:
    relay = start(limits=Limits(drain=2 * PATIENCE))
    empty = relay.client()
    client = relay.client(GET + b"GET / HTTP/1.1\r\nHo")
    assert client.message()[1] == b"ok"  # so it has been read, and who connected before is known
    relay.process.send_signal(signal.SIGTERM)
    assert client.rest().startswith(b"HTTP/1.1 503 ")
    assert empty.rest() == b""
    assert relay.wait() == 0


def test_86_the_end_of_the_parent_is_the_end_of_the_relay(start: Start) -> None:
    relay = start()
    assert relay.client(GET).exactly(len(OK)) == OK
    assert relay.process.stdin is not None
    relay.process.stdin.close()
    assert relay.wait() == 0
