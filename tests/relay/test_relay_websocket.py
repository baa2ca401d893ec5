"""WebSocket connections (cases 89-97): a handshake as it came, then a tunnel that polices nothing."""

from __future__ import annotations

import os
import threading

import pytest

from proxy.settings.model import Capture, Limits
from tests.relay.conftest import Start
from tests.relay.observers import Observer
from tests.relay.origins import OK, Origin
from tests.relay.relays import Relay
from tests.relay.sockets import PATIENCE, Wire, eventually

H = b"Host: app.test\r\n"
UPGRADE = (
    b"GET /ws?x HTTP/1.1\r\n" + H + b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v1, v2.chat\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-foo\r\nOrigin: http://a.test\r\nCookie: a=1\r\n\r\n"
)
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: v2.chat\r\n"
    b"Sec-WebSocket-Extensions: x-foo; a=1\r\nX-Extra: caf\xe9\r\n\r\n"
)


def echo(wire: Wire) -> None:
    """Accept, then send back whatever comes."""
    wire.until(b"\r\n\r\n")
    wire.send(SWITCH)
    while data := wire.exactly(1) + bytes(wire.received[wire._read :]):
        wire._read = len(wire.received)
        wire.send(data)


def accept(wire: Wire) -> None:
    """Accept, then read."""
    wire.until(b"\r\n\r\n")
    wire.send(SWITCH)
    wire.rest()


def opened(relay: Relay, early: bytes = b"") -> Wire:
    client = relay.client(UPGRADE + early)
    assert client.exactly(len(SWITCH)) == SWITCH
    return client


def test_89_the_handshake_is_passed_verbatim(relay: Relay, origin: Origin) -> None:
    origin.plays(accept)
    opened(relay)
    assert origin.received == UPGRADE


@pytest.mark.parametrize("status", [b"403 Forbidden", b"401 Unauthorized", b"200 OK"])
def test_90_a_refused_upgrade_is_an_ordinary_answer(relay: Relay, origin: Origin, status: bytes) -> None:
    refused = b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nno"

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(refused)
        while wire.message()[0]:
            wire.send(OK)

    origin.plays(play)
    client = relay.client(UPGRADE)
    assert client.exactly(len(refused)) == refused
    client.send(b"GET /b HTTP/1.1\r\n" + H + b"\r\n")
    assert client.exactly(len(OK)) == OK


def test_91_early_frames_arrive_once_and_in_order(relay: Relay, origin: Origin) -> None:
    first, second = b"\x81\x82abcd\x09\x0b", b"\x81\x02hi"

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH + second)
        wire.rest()

    origin.plays(play)
    client = opened(relay, early=first)
    assert client.exactly(len(second)) == second
    client.send(b"\x89\x80abcd")
    client.half_close()
    assert origin.next_ended().received == UPGRADE + first + b"\x89\x80abcd"


FRAMES = {
    "ping within a text": b"\x01\x03Hel\x89\x00\x80\x02lo",
    "empty": b"\x81\x00",
    "125": b"\x82\x7d" + b"x" * 125,
    "126": b"\x82\x7e\x00\x7e" + b"x" * 126,
    "65535": b"\x82\x7e\xff\xff" + b"x" * 65535,
    "65536": b"\x82\x7f" + (65536).to_bytes(8, "big") + b"x" * 65536,
    "4 MiB": b"\x82\x7f" + (4 * 1024 * 1024).to_bytes(8, "big") + os.urandom(4 * 1024 * 1024),
    "reserved bit": b"\xc1\x07\xf2H\xcd\xc9\xc9\x07\x00",
    "reserved opcode": b"\x83\x01x",
    "invalid UTF-8": b"\x81\x02\xff\xfe",
    "unsolicited pong": b"\x8a\x01p",
    "close 4999": b"\x88\x06\x13\x87cafe",
    "empty close": b"\x88\x00",
    "close of one byte": b"\x88\x01\x03",
    "a request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("case", FRAMES)
def test_92_to_94_frames_pass_untouched_both_ways(relay: Relay, origin: Origin, case: str) -> None:
    origin.plays(echo)
    client = opened(relay)
    frame = FRAMES[case]
    half = len(frame) // 2
    client.send(frame[:half])
    assert client.exactly(half) == frame[:half]
    client.send(frame[half:])
    assert client.exactly(len(frame) - half) == frame[half:]


CODES = [*range(1000, 1012), 3000, 3999, 4000, 4999]


def test_93_every_close_code_passes_both_ways(relay: Relay, origin: Origin) -> None:
    origin.plays(echo)
    for code in CODES:
        client = opened(relay)
        frame = b"\x88\x06" + code.to_bytes(2, "big") + b"cafe"
        client.send(frame)
        assert client.exactly(len(frame)) == frame
        client.finish()


def test_92_a_frame_of_sixteen_megabytes(relay: Relay, origin: Origin) -> None:
    size = 16 * 1024 * 1024
    frame = b"\x82\x7f" + size.to_bytes(8, "big") + os.urandom(1024) * (size // 1024)

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH)
        wire.send(wire.exactly(len(frame)))

    origin.plays(play)
    client = opened(relay)
    client.send(frame)
    assert client.exactly(len(frame)) == frame


@pytest.mark.parametrize("last", [b"", b"\x88\x82abcd\x62\x8a"], ids=["cut", "close frame"])
@pytest.mark.parametrize("how", ["finish", "half_close", "reset"])
def test_93_95_the_clients_end_reaches_the_assistant(relay: Relay, origin: Origin, last: bytes, how: str) -> None:
    origin.plays(accept)
    client = opened(relay)
    if last:
        client.send(last)
    getattr(client, how)()
    wire = origin.next_ended()
    assert wire.received == UPGRADE + last


@pytest.mark.parametrize("last", [b"", b"\x88\x02\x03\xe8"], ids=["cut", "close frame"])
def test_93_95_the_assistants_end_reaches_the_client(relay: Relay, origin: Origin, last: bytes) -> None:
    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH + last)

    origin.plays(play)
    client = opened(relay)
    assert client.rest() == last
    assert client.ended == "fin"


def test_95_a_reset_by_the_assistant_stays_one(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH)
        wire.exactly(1)
        wire.reset()

    origin.plays(play)
    client = opened(relay)
    client.send(b"x")
    assert client.rest() == b""
    assert client.ended == "reset"


@pytest.mark.parametrize("upgrade", [b"", b"Upgrade: h2c\r\n", b"Upgrade: websocket\r\nUpgrade: h2c\r\n"])
def test_62_a_switch_to_another_protocol_is_refused(relay: Relay, origin: Origin, upgrade: bytes) -> None:
    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n" + upgrade + b"\r\n")
        wire.rest()

    origin.plays(play)
    assert relay.client(UPGRADE).rest().startswith(b"HTTP/1.1 502 ")


def test_90_a_wrong_accept_is_the_clients_affair(relay: Relay, origin: Origin) -> None:
    wrong = SWITCH.replace(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", b"bm90IHRoaXM=")

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(wrong)
        wire.rest()

    origin.plays(play)
    assert relay.client(UPGRADE).exactly(len(wrong)) == wrong


def test_94_silence_in_a_tunnel_has_no_limit(start: Start, origin: Origin) -> None:
    origin.plays(echo)
    short = Limits(head_time=1.0, keep_alive=1.0, first_byte_time=1.0, stall=1.0, pool_idle=1.0, drain=1.0)
    client = opened(start(limits=short))
    assert client.quiet(3.2)  # three looks of the relay at its connections
    client.send(b"\x89\x80abcd")
    assert client.exactly(6) == b"\x89\x80abcd"


def test_94_a_ping_is_answered_by_the_other_end_alone(relay: Relay, origin: Origin) -> None:
    ping, masked = b"\x89\x02hi", b"\x89\x82abcd\x09\x0b"

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH + ping)
        wire.rest()

    origin.plays(play)
    client = opened(relay)
    assert client.exactly(len(ping)) == ping
    client.send(masked)
    assert client.quiet(0.2)
    client.half_close()
    assert client.rest() == b""
    assert origin.next_ended().received == UPGRADE + masked


def test_97_another_upgrade_is_an_ordinary_request(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"GET / HTTP/1.1\r\n" + H + b"Connection: Upgrade\r\nUpgrade: foo\r\n\r\n")
    assert client.exactly(len(OK)) == OK
    assert origin.received == b"GET / HTTP/1.1\r\n" + H + b"\r\n"


def test_95_a_slow_reader_of_frames_costs_no_memory(start: Start, origin: Origin) -> None:
    frame = b"\x82\x7f" + (65536).to_bytes(8, "big") + b"x" * 65536
    blocked = threading.Event()

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH)
        wire.socket.settimeout(0.5)
        try:
            for _ in range(1000):
                wire.send(frame)
        except TimeoutError:
            blocked.set()

    relay = start()
    origin.plays(accept)
    opened(relay).finish()
    before = relay.memory()
    origin.plays(play)
    client = opened(relay)
    assert blocked.wait(PATIENCE)
    assert relay.memory() - before < 20 * 1024 * 1024
    assert client.exactly(len(frame)) == frame


def test_95_a_tunnel_towards_an_assistant_that_reads_nothing_has_an_end(start: Start, origin: Origin) -> None:
    release = threading.Event()

    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH)
        release.wait(PATIENCE)

    origin.plays(play)
    relay = start()
    client = opened(relay)
    descriptors = relay.descriptors()
    client.socket.settimeout(0.3)
    try:
        while True:
            client.send(b"x" * 65536)
    except TimeoutError:
        pass
    client.reset()  # a FIN would stand behind what the relay does not read
    eventually(lambda: relay.descriptors() <= descriptors - 2)
    release.set()


def test_a_tunnel_is_copied_both_ways_with_its_times_past_the_limit_of_a_body(
    start: Start, origin: Origin, observer: Observer
) -> None:
    def play(wire: Wire) -> None:
        wire.until(b"\r\n\r\n")
        wire.send(SWITCH + b"\x81\x02hi")
        assert wire.exactly(4) == b"\x81\x82ab"
        wire.send(b"\x81\x02yo")
        wire.rest()

    origin.plays(play)
    relay = start(capture=Capture(limit=6))
    client = relay.client(UPGRADE.replace(b"/ws", b"/copied"))
    assert client.exactly(len(SWITCH) + 4) == SWITCH + b"\x81\x02hi"
    client.send(b"\x81\x82ab")
    assert client.exactly(4) == b"\x81\x02yo"
    client.send(b"cd")
    client.finish()
    exchange = observer.exchange("/copied")
    assert exchange.status == 101
    assert exchange.ending == "client_gone"
    assert exchange.request.data == b"\x81\x82abcd"
    assert not exchange.request.cut
    assert exchange.response.data == b"\x81\x02hi\x81\x02yo"
    assert not exchange.response.cut
    assert [end for end, _ in exchange.response.timeline] == [4, 8]
    assert exchange.request.timeline[0][1] <= exchange.response.timeline[1][1]
    assert exchange.response_headers["sec-websocket-extensions"] == "x-foo; a=1"
