"""The same exchange without and with the relay: origin and client see the same bytes."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator

import pytest

from tests.relay.conftest import here
from tests.relay.observers import Observer
from tests.relay.origins import OK, Origin
from tests.relay.relays import LOOPS, Relay
from tests.relay.sockets import PATIENCE, Wire

H = b"Host: app.test\r\n"


@pytest.fixture(scope="module", params=LOOPS)
def module_relay(request: pytest.FixtureRequest, module_origin: Origin, observer: Observer) -> Iterator[Relay]:
    """On either event loop."""
    relay = Relay(here(module_origin), observer.path, loop=request.param)
    yield relay
    relay.close()


REQUESTS = {
    "plain": b"GET /a%2Fb?x=%20+&y=[1] HTTP/1.1\r\n" + H + b"\r\n",
    "odd spelling": b"GET /a HTTP/1.1\r\nhOsT:app.test\r\nX-L:  caf\xe9\t\r\nX-Dup: a\r\nx-dup:\r\nX-Dup: a\r\n\r\n",
    "cookies": b"GET / HTTP/1.1\r\n" + H + b'Cookie: a=1; b="x y"\r\nCookie: c=3\r\nAuthorization: Bearer x\r\n\r\n',
    "no type": b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc",
    "zeroes": b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 003\r\n\r\nabc",
    "chunks": b"PUT /p HTTP/1.1\r\n" + H + b'Transfer-Encoding: chunked\r\n\r\n3;a=b;c="d e"\r\nabc\r\n00\r\nX-T: 1\r\n\r\n',
    "zipped": b"PATCH /p HTTP/1.1\r\n" + H + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "much": b"QUERY /p HTTP/1.1\r\n" + H + b"Content-Length: 1000000\r\n\r\n" + b"0123456789" * 100_000,
    "forwarded": b"DELETE / HTTP/1.1\r\n" + H + b"Via: 1.0 x\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\n\r\n",
    "options": b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n",
}
START = b"HTTP/1.1 200 OK\r\n"
ZIPPED = gzip.compress(b"text")
RESPONSES = {
    "short": OK,
    "odd spelling": START
    + b"zeta: 1\r\nSet-Cookie: a=1\r\nALPHA:2\r\nset-cookie: b=\xef\r\nDate: x\r\ncontent-LENGTH: 2\r\n\r\nok",
    "odd phrase": b"HTTP/1.1 299 Very Custom  Reason\r\nContent-Length: 0\r\n\r\n",
    "no phrase": b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    "moved": b"HTTP/1.1 307 T\r\nLocation: //evil.test/%2F?a b\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "not modified": b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 1234\r\n\r\n',
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + OK,
    "zipped": START + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED,
    "events": START + b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"9\r\ndata: 1\n\n\r\n0A;x\r\n\xef\xbb\xbf:c\r\rid\n\r\n0\r\nX-Sum: 9\r\n\r\n",
    "much": START + b"Content-Length: 1000000\r\n\r\n" + b"0123456789" * 100_000,
    "broken": b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 1\r\n\r\nx",
}


def seen(origin: Origin, port: int, request: bytes, response: bytes) -> tuple[bytes, bytes]:
    """What reaches the origin, and what comes back."""

    def play(wire: Wire) -> None:
        head = wire.until(b"\r\n\r\n")
        wire.body(head)
        wire.send(response)
        wire.rest()

    origin.reset()
    origin.plays(play)
    client = Wire(socket.create_connection(("127.0.0.1", port), PATIENCE))
    client.send(request)
    came = client.exactly(len(response))
    client.finish()
    (wire,) = origin.connections
    return bytes(wire.received), came


@pytest.mark.parametrize("what", REQUESTS)
def test_requests_arrive_as_without_a_relay(relay: Relay, origin: Origin, what: str) -> None:
    direct = seen(origin, origin.port, REQUESTS[what], OK)
    assert direct == (REQUESTS[what], OK)
    assert seen(origin, relay.port, REQUESTS[what], OK) == direct


@pytest.mark.parametrize("what", RESPONSES)
def test_responses_come_back_as_without_a_relay(relay: Relay, origin: Origin, what: str) -> None:
    direct = seen(origin, origin.port, REQUESTS["plain"], RESPONSES[what])
    assert direct == (REQUESTS["plain"], RESPONSES[what])
    assert seen(origin, relay.port, REQUESTS["plain"], RESPONSES[what]) == direct
