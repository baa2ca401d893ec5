"""Large bodies, both ways (case 74): equal to the last bit, and no memory for them."""

from __future__ import annotations

import hashlib
import threading

import pytest

from tests.relay.conftest import Start
from tests.relay.origins import Origin
from tests.relay.sockets import Wire

PIECE = b"0123456789abcdef" * 16384
PIECES = 800
WHOLE = hashlib.sha256(PIECE * PIECES).digest()
LENGTH = b"Content-Length: %d\r\n\r\n" % (len(PIECE) * PIECES)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n" % len(PIECE) + PIECE + b"\r\n"
ALLOWED = 20 * 1024 * 1024


def offer(wire: Wire, *, chunked: bool) -> None:
    """Send the whole body."""
    for _ in range(PIECES):
        wire.send(CHUNK if chunked else PIECE)
    if chunked:
        wire.send(b"0\r\n\r\n")


def digest(wire: Wire, *, chunked: bool) -> bytes:
    """Read the whole body."""
    found = hashlib.sha256()
    buffer = bytearray(len(CHUNK) if chunked else len(PIECE))
    start = len(CHUNK) - len(PIECE) - 2 if chunked else 0
    for _ in range(PIECES):
        view = memoryview(buffer)
        while view:
            view = view[wire.socket.recv_into(view) :]
        found.update(memoryview(buffer)[start : start + len(PIECE)])
    if chunked:
        assert wire.exactly(5) == b"0\r\n\r\n"
    return found.digest()


def head(wire: Wire) -> bytes:
    """Read a head, and nothing of what follows."""
    came = b""
    while not came.endswith(b"\r\n\r\n"):
        came += wire.socket.recv(1)
    return came


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_74_two_hundred_megabytes_down(start: Start, origin: Origin, *, chunked: bool) -> None:
    def play(wire: Wire) -> None:
        head(wire)
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + (CHUNKED if chunked else LENGTH))
        offer(wire, chunked=chunked)
        wire.rest()

    origin.plays(play)
    relay = start()
    assert relay.client(b"junk\r\n\r\n").rest()
    before = relay.memory()
    client = relay.client(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert head(client).startswith(b"HTTP/1.1 200 ")
    assert digest(client, chunked=chunked) == WHOLE
    assert relay.memory() - before < ALLOWED


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_74_two_hundred_megabytes_up(start: Start, origin: Origin, *, chunked: bool) -> None:
    found: list[bytes] = []

    def play(wire: Wire) -> None:
        head(wire)
        found.append(digest(wire, chunked=chunked))
        wire.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        wire.rest()

    origin.plays(play)
    relay = start()
    assert relay.client(b"junk\r\n\r\n").rest()
    before = relay.memory()
    client = relay.client(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n" + (CHUNKED if chunked else LENGTH))
    sender = threading.Thread(target=offer, args=(client,), kwargs={"chunked": chunked})
    sender.start()
    assert client.until(b"\r\n\r\n").startswith(b"HTTP/1.1 204 ")
    sender.join()
    assert found == [WHOLE]
    assert relay.memory() - before < ALLOWED
