"""Streaming, departures and breaks (cases 63-76): every piece at once, and an end only where there was one."""

from __future__ import annotations

import hashlib
import queue
import threading

import pytest

from tests.relay.conftest import Start
from tests.relay.origins import OK, STREAM, Origin, answers, sends
from tests.relay.relays import Relay
from tests.relay.sockets import PATIENCE, Wire

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n" + H + b"\r\n"
UPLOAD = b"POST /u HTTP/1.1\r\n" + H
HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Steps:
    """An origin whose pieces a test sends one by one."""

    def __init__(self, origin: Origin) -> None:
        self._wires: queue.Queue[Wire] = queue.Queue()
        origin.plays(self._play)

    def _play(self, wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        self._wires.put(wire)
        wire.rest()

    def wire(self) -> Wire:
        """The next connection whose request's head has come."""
        return self._wires.get(timeout=PATIENCE)


EVENTS = [
    "\ufeffdata: bom\r\n\r\n".encode(),
    b": comment\nretry: 10\nid:\ndata: half",
    b" an event\n\n",
    b"data: caf\xc3",
    b"\xa9\r\r",
    b"data: " + b"x" * 100_000 + b"\n\n",
]


def test_63_64_each_piece_of_a_stream_comes_at_once(relay: Relay, origin: Origin) -> None:
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    for piece in [STREAM, *map(chunk, EVENTS), b"0\r\n\r\n"]:
        wire.send(piece)
        assert client.exactly(len(piece)) == piece  # the origin sends nothing more until this has come


LINES = [b'{"n":%d,"text":"' % n + b"x" * 200_000 + b'"}\n' for n in range(5)]
STREAMS = {
    "a line of 1 MB": (b"text/event-stream", [b"data: " + b"x" * 1_000_000 + b"\n\n"]),
    "NDJSON": (b"application/x-ndjson", LINES),
}


@pytest.mark.parametrize("name", STREAMS)
def test_64_lines_have_no_limit(relay: Relay, origin: Origin, name: str) -> None:
    kind, pieces = STREAMS[name]
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n" + b"".join(pieces)
    origin.plays(sends(whole))
    client = relay.client(GET)
    assert client.rest() == whole.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


def test_64_a_stream_is_resumed_and_told_to_stop(relay: Relay, origin: Origin) -> None:
    stop = b"HTTP/1.1 204 No Content\r\n\r\n"
    origin.plays(answers(stop))
    request = b"GET /events HTTP/1.1\r\n" + H + b"Accept: text/event-stream\r\nLast-Event-ID: caf\xc3\xa9\r\n\r\n"
    assert relay.client(request).exactly(len(stop)) == stop
    assert origin.received == request


def test_63_half_a_chunk_comes_at_once(relay: Relay, origin: Origin) -> None:
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    for piece in [STREAM, b"10\r\nhalf of ", b"sixteen!\r\n", b"0\r\n\r\n"]:
        wire.send(piece)
        assert client.exactly(len(piece)) == piece


def test_65_the_head_of_an_upload_goes_on_before_its_body(relay: Relay, origin: Origin) -> None:
    steps = Steps(origin)
    client = relay.client(UPLOAD + b"Content-Length: 3\r\n\r\n")
    wire = steps.wire()
    client.send(b"abc")
    wire.send(OK)
    assert client.exactly(len(OK)) == OK


def test_66_an_early_answer_reaches_a_client_that_still_sends(relay: Relay, origin: Origin) -> None:
    large = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"
    steps = Steps(origin)
    client = relay.client(UPLOAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 50_000)
    wire = steps.wire()
    wire.send(large)
    assert client.until(b"\r\n\r\nno") == large.replace(b"Connection: close\r\n", b"")
    assert origin.next_ended() is wire
    origin.plays(answers(OK))
    client.send(b"x" * 50_000 + GET)
    assert client.exactly(len(OK)) == OK
    assert origin.connections[1].received == GET


@pytest.mark.parametrize("reset", [False, True], ids=["fin", "reset"])
def test_67_a_truncated_body_is_a_truncated_body(relay: Relay, origin: Origin, *, reset: bool) -> None:
    part = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    wire.send(part)
    assert client.exactly(len(part)) == part
    wire.reset() if reset else wire.half_close()
    assert client.rest() == b""


@pytest.mark.parametrize("reset", [False, True], ids=["fin", "reset"])
def test_68_a_truncated_chunked_body_gets_no_terminator(relay: Relay, origin: Origin, *, reset: bool) -> None:
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    wire.send(STREAM + chunk(b"one") + b"5\r\ntw")
    assert client.until(b"tw") == STREAM + chunk(b"one") + b"5\r\ntw"
    wire.reset() if reset else wire.half_close()
    assert client.rest() == b""


def test_69_a_reset_before_the_end_of_a_lasting_body_stays_a_reset(relay: Relay, origin: Origin) -> None:
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    wire.send(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
    assert client.until(b"half of it").endswith(b"half of it")
    wire.reset()
    assert client.rest() == b""
    assert client.ended == "reset"


def test_70_a_malformed_chunk_breaks_the_answer_off(relay: Relay, origin: Origin) -> None:
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    wire.send(STREAM + b"2\r\nok\r\n")
    assert client.until(b"ok\r\n") == STREAM + b"2\r\nok\r\n"
    wire.send(b"zz\r\n")
    assert client.rest() == b""  # while the assistant's connection goes on
    assert b"zz" not in client.received


@pytest.mark.parametrize("stage", ["silent", "interim", "head", "stream"])
@pytest.mark.parametrize("how", ["finish", "reset", "half_close"])
def test_71_75_a_clients_departure_reaches_the_assistant(relay: Relay, origin: Origin, stage: str, how: str) -> None:
    steps = Steps(origin)
    client = relay.client(GET)
    wire = steps.wire()
    said = {"silent": b"", "interim": HINTS, "head": STREAM, "stream": STREAM + chunk(b"data: 1\n\n")}[stage]
    wire.send(said)
    assert client.exactly(len(said)) == said
    getattr(client, how)()
    assert origin.next_ended() is wire  # no limit of the relay is near
    assert wire.received == GET


@pytest.mark.parametrize(
    "body", [b"Content-Length: 100000\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"], ids=["length", "chunked"]
)
@pytest.mark.parametrize("how", ["finish", "reset"])
def test_72_an_abandoned_upload_is_never_a_whole_one(relay: Relay, origin: Origin, body: bytes, how: str) -> None:
    def play(wire: Wire) -> None:
        wire.until(b"abc")
        wire.send(HINTS)
        wire.rest()

    origin.plays(play)
    client = relay.client(UPLOAD + body)
    assert client.exactly(len(HINTS)) == HINTS
    getattr(client, how)()
    assert origin.next_ended().received == UPLOAD + body


def test_73_a_slow_reader_slows_the_origin_and_costs_no_memory(start: Start, origin: Origin) -> None:
    size, piece = 64 * 1024 * 1024, b"0123456789abcdef" * 4096
    blocked = threading.Event()

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % size)
        wire.socket.settimeout(0.5)
        for _ in range(size // len(piece)):
            view = memoryview(piece)
            while view:
                try:
                    view = view[wire.socket.send(view) :]
                except TimeoutError:
                    blocked.set()
        wire.socket.settimeout(PATIENCE)
        wire.rest()

    origin.plays(play)
    relay = start()
    assert relay.client(b"GET / HTTP/1.0\r\n" + H + b"\r\n", receive_buffer=32 * 1024).until(b"\r\n\r\n")
    relay.hang_up()
    before = relay.memory()
    client = relay.client(GET, receive_buffer=32 * 1024)
    assert blocked.wait(PATIENCE)
    assert relay.memory() - before < 20 * 1024 * 1024
    assert client.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    client.socket.settimeout(PATIENCE)
    assert hashlib.sha256(client.exactly(size)).digest() == hashlib.sha256(piece * (size // len(piece))).digest()


def test_73_a_connection_is_not_handed_on_paused(relay: Relay, origin: Origin) -> None:
    """The last bytes of an answer come while its client reads nothing: the next client must get its own answer all the same."""
    body = b"x" * 8_000_000
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    origin.plays(answers(whole))
    slow = relay.client(receive_buffer=32 * 1024)
    for _ in range(5):
        slow.send(GET)
        came = 0
        while came < len(whole):
            came += len(slow.socket.recv(2048))
    assert len(origin.connections) == 1


def test_73_a_slow_origin_slows_the_upload(start: Start, origin: Origin) -> None:
    size, piece = 64 * 1024 * 1024, b"0123456789abcdef" * 4096
    release = threading.Event()

    def play(wire: Wire) -> None:
        head = wire.until(b"\r\n\r\n")
        release.wait(PATIENCE)
        digest = hashlib.sha256(wire.body(head)).hexdigest().encode()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + digest)

    origin.plays(play)
    relay = start()
    assert relay.client(b"GET /\r\n\r\n").rest()
    before = relay.memory()
    client = relay.client(UPLOAD + b"Content-Length: %d\r\n\r\n" % size)
    client.socket.settimeout(0.5)
    sent = 0
    while sent < size:
        try:
            sent += client.socket.send(piece[sent % len(piece) :])
        except TimeoutError:
            break
    assert sent < size
    assert relay.memory() - before < 20 * 1024 * 1024
    release.set()
    client.socket.settimeout(PATIENCE)
    while sent < size:
        sent += client.socket.send(piece[sent % len(piece) :][: size - sent])
    expected = hashlib.sha256(piece * (size // len(piece))).hexdigest().encode()
    assert client.message() == (b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n", expected)


def test_74_ten_thousand_chunks_of_one_byte(relay: Relay, origin: Origin) -> None:
    body = b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n"
    origin.plays(answers(STREAM + body))
    request = UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n" + body
    client = relay.client(request)
    assert client.exactly(len(STREAM + body)) == STREAM + body
    assert origin.received == request


def test_76_pipelined_requests_are_answered_in_order(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        while head := wire.until(b"\r\n\r\n"):
            body = wire.body(head)
            if head.startswith(b"GET /1 "):
                assert wire.quiet(0.1)  # nothing else is sent on before this answer
            name = head.split(b" ")[1] + body
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(name) + name)

    origin.plays(play)
    requests = [
        b"GET /1 HTTP/1.1\r\n" + H + b"\r\n",
        b"GET /2 HTTP/1.1\r\n" + H + b"\r\n",
        b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc",
        b"GET /3 HTTP/1.1\r\n" + H + b"\r\n",
    ]
    client = relay.client(b"".join(requests))
    assert [client.message()[1] for _ in requests] == [b"/1", b"/2", b"/pabc", b"/3"]
    assert origin.received == b"".join(requests)


def test_76_a_long_pipeline_pauses_reading_and_loses_nothing(relay: Relay, origin: Origin) -> None:
    count = 2000
    requests = [b"GET /%d HTTP/1.1\r\n" % n + H + b"X-Fill: " + b"f" * 100 + b"\r\n\r\n" for n in range(count)]
    client = relay.client()
    sender = threading.Thread(target=client.send, args=(b"".join(requests),))
    sender.start()
    assert [client.message() for _ in requests] == [(OK[:-2], b"ok")] * count
    sender.join()
    assert origin.received == b"".join(requests)


def test_78_a_body_sent_to_a_dying_connection_is_not_sent_again(relay: Relay, origin: Origin) -> None:
    origin.plays(sends())
    assert relay.client(UPLOAD + b"Content-Length: 3\r\n\r\nabc").rest().startswith(b"HTTP/1.1 502 ")
    assert len(origin.connections) == 1
