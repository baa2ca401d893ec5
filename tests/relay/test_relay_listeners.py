"""Listening sockets that come and go while a relay runs: nobody is refused or cut."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import msgspec

from proxy.relay.plan import RelayPlan
from tests.relay.conftest import Start
from tests.relay.origins import OK, STREAM, Origin, answers, streams
from tests.relay.relays import Relay
from tests.relay.sockets import PATIENCE, Wire, eventually

GET = b"GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n"


def with_more(relay: Relay, *numbers: int) -> RelayPlan:
    """The relay's plan with an assistant at each of these listening sockets, too."""
    (one,) = relay.plan.assistants
    more = [
        msgspec.structs.replace(one, name=f"more{number}", entrance=msgspec.structs.replace(one.entrance, listener=number))
        for number in numbers
    ]
    return msgspec.structs.replace(relay.plan, assistants=(one, *more))


def connect(listening: socket.socket, data: bytes = b"") -> Wire:
    wire = Wire(socket.create_connection(listening.getsockname(), PATIENCE))
    wire.send(data)
    return wire


def refused(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_socket_that_is_handed_over_is_served_and_then_taken_away(start: Start, origin: Origin) -> None:
    origin.plays(streams)
    relay = start()
    lasting = relay.client(GET)
    assert lasting.exactly(len(STREAM)) == STREAM
    listening = socket.create_server(("127.0.0.1", 0))
    early = connect(listening, GET)  # before anybody accepts there
    relay.hand(listening)
    relay.tell(with_more(relay, listening.fileno()))
    assert early.exactly(len(STREAM)) == STREAM
    origin.plays(answers(OK))
    idle = connect(listening, GET)
    assert idle.exactly(len(OK)) == OK

    relay.tell(relay.plan)
    assert idle.rest() == b""  # an idle connection is closed in order
    address = listening.getsockname()
    listening.close()
    eventually(lambda: refused(address))
    event = b"9\r\ndata: 1\n\n\r\n"
    for client, wire in zip((lasting, early), origin.connections, strict=False):  # what has begun goes on
        wire.send(event)
        assert client.exactly(len(event)) == event
    assert relay.client(GET).exactly(len(OK)) == OK
    for client in (early, idle):
        client.finish()


def test_who_waits_in_a_socket_that_is_taken_away_is_still_served(start: Start) -> None:
    relay = start()
    listening = socket.create_server(("127.0.0.1", 0))
    relay.hand(listening)
    assert relay.client(GET).exactly(len(OK)) == OK  # by the plan without it
    relay.process.send_signal(signal.SIGSTOP)
    waiting = connect(listening, GET)
    relay.tell(with_more(relay, listening.fileno()))
    relay.tell(relay.plan)
    relay.process.send_signal(signal.SIGCONT)
    head, body = waiting.message()
    assert (b"Connection: close" in head, body) == (True, b"ok")
    assert waiting.rest() == b""
    waiting.finish()
    listening.close()


def test_a_socket_that_came_with_a_plan_of_no_use_is_there_for_the_next(start: Start, tmp_path: Path) -> None:
    relay = start()
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    listening = socket.create_server(("127.0.0.1", 0))
    relay.hand(listening)
    good = with_more(relay, listening.fileno())
    one, more = good.assistants
    broken = msgspec.structs.replace(more.entrance, certificate=str(tmp_path / "none.pem"))
    relay.tell(msgspec.structs.replace(good, assistants=(one, msgspec.structs.replace(more, entrance=broken))))
    eventually(lambda: "the old ones stay" in relay.log())
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    relay.tell(good)
    new = connect(listening, GET)
    assert new.exactly(len(OK)) == OK
    new.finish()
    listening.close()


def test_a_plan_with_a_socket_that_did_not_come_changes_nothing(start: Start) -> None:
    relay = start()
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    relay.tell(with_more(relay, 4000))
    eventually(lambda: "1 listening sockets did not come" in relay.log())
    client.send(GET)
    assert client.exactly(len(OK)) == OK
