"""Interim answers and Expect (cases 57-62): every 1xx is passed on when it comes, none is invented."""

from __future__ import annotations

import threading

import pytest

from tests.relay.origins import OK, Origin
from tests.relay.relays import Relay
from tests.relay.sockets import PATIENCE, Wire

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n" + H + b"\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECT = b"POST / HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"


def test_57_early_hints_come_before_the_answer(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(HINTS)
        wire.rest()

    origin.plays(play)
    client = relay.client(GET)
    assert client.exactly(len(HINTS)) == HINTS
    (wire,) = origin.connections
    wire.send(OK)  # only now
    assert client.exactly(len(OK)) == OK


@pytest.mark.parametrize("apart", [False, True], ids=["one piece", "pieces"])
def test_58_unsolicited_interim_answers_pass(relay: Relay, origin: Origin, *, apart: bool) -> None:
    interim = [CONTINUE, b"HTTP/1.1 102 Processing\r\n\r\n", HINTS, HINTS]

    def play(wire: Wire) -> None:
        wire.message()
        for piece in [*interim, OK] if apart else [b"".join(interim) + OK]:
            wire.send(piece)
        wire.rest()

    origin.plays(play)
    expected = b"".join(interim) + OK
    assert relay.client(GET).exactly(len(expected)) == expected


def test_58_an_old_client_sees_no_interim_answer(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(CONTINUE)
        wire.send(HINTS + OK)
        wire.rest()

    origin.plays(play)
    assert relay.client(b"GET / HTTP/1.0\r\n" + H + b"\r\n").rest() == OK


def test_59_continue_comes_from_the_origin_alone(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        assert wire.quiet(0.1)
        assert asked.wait(PATIENCE)
        wire.send(CONTINUE)
        wire.exactly(3)
        wire.send(OK)
        wire.rest()

    asked = threading.Event()
    origin.plays(play)
    client = relay.client(EXPECT)
    assert client.quiet(0.1)
    asked.set()
    assert client.exactly(len(CONTINUE)) == CONTINUE
    client.send(b"abc")
    assert client.exactly(len(OK)) == OK
    assert origin.received == EXPECT + b"abc"


def test_60_a_final_answer_instead_of_continue(relay: Relay, origin: Origin) -> None:
    denied = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(denied if len(origin.connections) == 1 else OK)
        wire.rest()

    origin.plays(play)
    client = relay.client(EXPECT)
    assert client.exactly(len(denied)) == denied
    assert origin.next_ended().received == EXPECT
    client.send(b"abc" + GET)  # a client that sends the body all the same: it is skipped, never taken for a request
    assert client.exactly(len(OK)) == OK
    assert origin.connections[1].received == GET


def test_61_an_origin_that_ignores_expect_gets_the_body(relay: Relay, origin: Origin) -> None:
    client = relay.client(EXPECT)
    assert client.quiet(0.1)
    client.send(b"abc")
    assert client.exactly(len(OK)) == OK
    assert origin.received == EXPECT + b"abc"


def test_62_a_switch_of_protocols_after_hints_is_refused(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(HINTS)
        wire.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n")
        wire.rest()

    origin.plays(play)
    answer = relay.client(GET).rest()
    assert answer.startswith((HINTS + b"HTTP/1.1 502 ", b"HTTP/1.1 502 "))
