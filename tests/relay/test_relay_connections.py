"""Connections, repeats, limits, drain (cases 78-88)."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from proxy.relay.plan import Upstream
from proxy.settings.model import Limits
from tests.ports import free_port
from tests.relay.conftest import Start
from tests.relay.origins import OK, STREAM, Origin, answers, sends, silent, streams
from tests.relay.relays import Relay
from tests.relay.sockets import PATIENCE, Wire, eventually

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n" + H + b"\r\n"
POST = b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"PUT", b"DELETE", b"POST", b"OPTIONS"])
@pytest.mark.parametrize("body", [b"\r\n", b"Content-Length: 3\r\n\r\nabc"], ids=["empty", "body"])
def test_78_a_fresh_connection_that_dies_is_not_tried_again(relay: Relay, origin: Origin, method: bytes, body: bytes) -> None:
    origin.plays(sends())
    request = method + b" / HTTP/1.1\r\n" + H + body
    assert relay.client(request).rest().startswith(b"HTTP/1.1 502 ")
    assert origin.received == request


def dies_second(wire: Wire) -> None:
    """Answer one request, close on the second."""
    wire.message()
    wire.send(OK)
    wire.message()


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH"])
def test_79_an_idle_connection_that_dies_under_a_request_with_effects(relay: Relay, origin: Origin, method: bytes) -> None:
    origin.plays(dies_second)
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    request = method + b" /second HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc"
    client.send(request)
    assert client.rest().startswith(b"HTTP/1.1 502 ")
    assert origin.received == GET + request


def test_79_an_idle_connection_that_dies_under_a_get_is_replaced_once(relay: Relay, origin: Origin) -> None:
    origin.plays(dies_second)
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    assert [bytes(wire.received) for wire in origin.connections] == [GET + GET, GET]


def test_79_nothing_is_repeated_after_an_interim_answer(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(OK)
        wire.message()
        wire.send(b"HTTP/1.1 102 Processing\r\n\r\n")

    origin.plays(play)
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    client.send(GET)
    assert b"HTTP/1.1 502 " in client.rest()
    assert len(origin.connections) == 1


def test_79_a_connection_that_ended_while_idle_is_not_used(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(OK)
        wire.half_close()
        wire.rest()

    origin.plays(play)
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    origin.next_ended()
    client.send(POST)
    assert client.exactly(len(OK)) == OK
    assert [bytes(wire.received) for wire in origin.connections] == [GET, POST]


PUSHES = {
    "200": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL",
    "408": b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 4\r\n\r\nEVIL",
    "garbage": b"EVIL",
}


@pytest.mark.parametrize("push", PUSHES)
def test_80_what_is_pushed_on_an_idle_connection_is_nobodys_answer(relay: Relay, origin: Origin, push: str) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        if len(origin.connections) > 1:
            wire.send(OK)
            wire.rest()
            return
        wire.send(OK)
        wire.socket.settimeout(0.2)
        try:
            wire.rest()
        except TimeoutError:
            wire.socket.settimeout(PATIENCE)
            wire.send(PUSHES[push])
            wire.rest()

    origin.plays(play)
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    first = origin.next_ended()
    client.send(POST)
    assert client.exactly(len(OK)) == OK
    assert first.received == GET


def test_80_a_push_right_behind_an_answer(relay: Relay, origin: Origin) -> None:
    """The hardest moment: the bytes are in the socket and unread when the connection is taken again."""
    evil = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"
    pushed = threading.Semaphore(0)

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(OK)
        wire.send(evil)
        pushed.release()
        wire.rest()

    origin.plays(play)
    client = relay.client()
    for _ in range(300):
        client.send(GET)
        assert client.exactly(len(OK)) == OK
        pushed.acquire()


def test_81_no_upstream(start: Start) -> None:
    relay = start(Upstream(host="127.0.0.1", port=free_port(), authority="x"))
    answer = relay.client(GET).rest()
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")  # a timeout would be a 504
    assert b"\r\nProxy-Status: kpi-proxy; error=destination_unavailable\r\n" in answer


def test_81_no_answer_to_a_connect_is_a_timeout(start: Start) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        relay = start(
            Upstream(host="127.0.0.1", port=full.getsockname()[1], authority="x"), limits=Limits(connect_time=0.3, drain=1.0)
        )
        gone = relay.client(GET)
        gone.finish()  # who leaves meanwhile is forgotten quietly
        answer = relay.client(GET).rest()
        for filler in fillers:
            filler.close()
    assert answer.startswith(b"HTTP/1.1 504 ")


def test_81_silence_after_a_request_is_limited_only_when_wanted(start: Start, origin: Origin) -> None:
    origin.plays(silent)
    relay = start(limits=Limits(first_byte_time=0.5, drain=1.0))
    assert relay.client(GET).rest().startswith(b"HTTP/1.1 504 ")
    assert origin.next_ended().received == GET


def test_81_an_assistant_that_takes_nothing_of_an_upload_is_silent_too(start: Start, origin: Origin) -> None:
    done = threading.Event()

    def play(wire: Wire) -> None:
        done.wait(PATIENCE)

    origin.plays(play)
    relay = start(limits=Limits(first_byte_time=1.0, drain=1.0))
    assert relay.client(b"junk\r\n\r\n").rest()  # it has started
    client = relay.client(b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 100000000\r\n\r\n")
    while not select.select([client.socket], [], [], 0.0)[0]:
        with suppress(BlockingIOError, TimeoutError):
            client.socket.settimeout(0.1)
            client.socket.send(b"x" * 65536)
    client.socket.settimeout(PATIENCE)
    assert client.until(b"\r\n\r\n").startswith(b"HTTP/1.1 504 ")
    done.set()


def test_81_silence_amid_a_stream_has_no_limit(start: Start, origin: Origin) -> None:
    origin.plays(streams)
    relay = start(limits=Limits(first_byte_time=1.0, keep_alive=1.0, head_time=1.0, drain=1.0))
    client = relay.client(GET)
    assert client.exactly(len(STREAM)) == STREAM
    assert client.quiet(3.2)  # a second of the relay's looks at its connections more than the limits


def test_81_a_unix_socket_upstream(start: Start, tmp_path: Path) -> None:
    path = str(tmp_path / "u")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        relay = start(Upstream(host="", port=0, unix=path, authority="localhost"))
        client = relay.client(GET)
        wire = Wire(listening.accept()[0])
        assert wire.message()[0] == GET
        wire.send(OK)
        assert client.exactly(len(OK)) == OK
        wire.finish()


def test_82_three_hundred_streams_at_once(relay: Relay, origin: Origin) -> None:
    origin.plays(streams)
    clients = [relay.client(GET) for _ in range(300)]
    assert all(client.exactly(len(STREAM)) == STREAM for client in clients)


def test_85_own_answers_say_close_and_nothing_of_the_inside(relay: Relay) -> None:
    answer = relay.client(b"GET / HTTP/1.1\r\n\r\n").rest()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nConnection: close" in head
    assert b"\r\nProxy-Status: kpi-proxy; error=http_request_error\r\n" in head
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert b"/" not in body


def test_85_own_answers_to_head_have_no_body(start: Start) -> None:
    relay = start(Upstream(host="127.0.0.1", port=free_port(), authority="x"))
    assert relay.client(b"HEAD / HTTP/1.1\r\n" + H + b"\r\n").rest().endswith(b"\r\n\r\n")


def test_87_nothing_leaks(start: Start, origin: Origin) -> None:
    relay = start()
    assert relay.client(GET).exactly(len(OK)) == OK

    def mixed(rounds: int) -> None:
        for number in range(rounds):
            origin.plays([answers(OK), sends(), sends(STREAM + b"5\r\nab"), sends(b"junk\r\n")][number % 4])
            client = relay.client([GET, POST, b"GET / HTTP/1.1\r\n\r\n", b"POST / HTT"][number // 4 % 4])
            [client.half_close, client.finish, client.reset][number % 3]()
            if number % 3 == 0:
                client.rest()

    descriptors = relay.descriptors()
    mixed(200)
    origin.reset()
    eventually(lambda: relay.descriptors() <= descriptors)
    memory = relay.memory()
    mixed(800)
    origin.reset()
    eventually(lambda: relay.descriptors() <= descriptors)
    assert relay.memory() - memory < 2 * 1024 * 1024


def test_88_old_clients_and_close(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"GET / HTTP/1.0\r\n" + H + b"Connection: keep-alive\r\n\r\n")
    assert client.rest() == OK
    closing = relay.client(b"GET / HTTP/1.1\r\n" + H + b"Connection: close\r\n\r\n")
    assert closing.rest() == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
