"""Request framing (cases 29-43): either refused with nothing sent on, or one unambiguous request."""

from __future__ import annotations

import pytest

from tests.relay.origins import OK, Origin, answers
from tests.relay.relays import Relay
from tests.relay.sockets import Wire

H = b"Host: app.test\r\n"
POST = b"POST /p HTTP/1.1\r\n" + H
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKED_OK = b"3\r\nabc\r\n0\r\n\r\n"


REFUSED = {
    "29 CL.TE": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    "30 TE.CL": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + b"A" * 92 + b"\r\n0\r\n\r\n",
    "31 xchunked": b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED_OK,
    "31 chunked, identity": b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED_OK,
    "31 twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED_OK,
    "31 chunked, chunked": b"Transfer-Encoding: chunked, chunked\r\n\r\n" + CHUNKED_OK,
    "31 vertical tab": b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKED_OK,
    "31 empty": b"Transfer-Encoding:\r\n\r\n" + CHUNKED_OK,
    "31 quoted": b'Transfer-Encoding: "chunked"\r\n\r\n' + CHUNKED_OK,
    "31 parameter": b"Transfer-Encoding: chunked;a=b\r\n\r\n" + CHUNKED_OK,
    "32 gzip, chunked": b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKED_OK,
    "32 identity": b"Transfer-Encoding: identity\r\n\r\n",
    "34 3+3": b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "34 3+4": b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "34 list": b"Content-Length: 3, 3\r\n\r\nabc",
    "34 plus": b"Content-Length: +3\r\n\r\nabc",
    "34 minus": b"Content-Length: -1\r\n\r\nabc",
    "34 hexadecimal": b"Content-Length: 0x3\r\n\r\nabc",
    "34 empty": b"Content-Length:\r\n\r\nabc",
    "34 huge": b"Content-Length: 12345678901234567890123\r\n\r\nabc",
    "34 19 digits": b"Content-Length: 9999999999999999999\r\n\r\nabc",
    "34 arabic": b"Content-Length: \xd9\xa3\r\n\r\nabc",
    "34 underscore": b"Content-Length: 1_0\r\n\r\nabc",
    "34 blank inside": b"Content-Length: 1 0\r\n\r\nabc",
    "35 one bare LF": b"X-A: 1\nContent-Length: 3\r\n\r\nabc",
    "35 bare LF LF": b"Content-Length: 3\r\n\nabc",
    "36 17 digits": CHUNKED + b"10000000000000003\r\nabc\r\n0\r\n\r\n",
    "36 beyond 2**63": CHUNKED + b"ffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "36 blank after": CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n",
    "36 0x": CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n",
    "36 plus": CHUNKED + b"+3\r\nabc\r\n0\r\n\r\n",
    "36 minus": CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
    "36 empty": CHUNKED + b"\r\nabc\r\n0\r\n\r\n",
    "36 extension with LF": CHUNKED + b"3;\nxx\r\nabc\r\n0\r\n\r\n",
    "35 chunk lines with LF": CHUNKED + b"3\nabc\n0\n\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_29_to_36_refused_with_nothing_sent_on(relay: Relay, origin: Origin, case: str) -> None:
    answer = relay.client(POST + REFUSED[case]).rest()
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert all(not wire.received for wire in origin.connections)


def test_32_an_unknown_coding_is_not_implemented(relay: Relay, origin: Origin) -> None:
    assert relay.client(POST + REFUSED["32 gzip, chunked"]).rest().startswith(b"HTTP/1.1 501 ")
    assert origin.connections == []


def test_33_a_coding_in_http_1_0_is_refused(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"POST /p HTTP/1.0\r\n" + H + CHUNKED + CHUNKED_OK)
    assert client.rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


def test_35_a_head_in_bare_lf_is_refused(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"GET / HTTP/1.1\nHost: app.test\n\n\r\n\r\n")
    assert client.rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


PASSED = {
    "31 tab": b"Transfer-Encoding:\tchunked\r\n\r\n" + CHUNKED_OK,
    "31 case": b"Transfer-Encoding: ChUnKeD\r\n\r\n" + CHUNKED_OK,
    "34 zeros": b"Content-Length: 003\r\n\r\nabc",
    "36 extensions": CHUNKED + b'3;a=b;c="d e"\r\nabc\r\n0\r\n\r\n',
    "36 zeros and case": CHUNKED + b"00A\r\n0123456789\r\n000\r\n\r\n",
    "56 trailers": b"Trailer: X-Sum\r\n" + CHUNKED + b"3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n",
}


@pytest.mark.parametrize("case", PASSED)
def test_31_to_36_legal_bodies_go_on_byte_for_byte(relay: Relay, origin: Origin, case: str) -> None:
    request = POST + PASSED[case]
    assert relay.client(request).exactly(len(OK)) == OK
    assert origin.received == request


@pytest.mark.parametrize("bad", [b"zz\r\n", b"3\r\nabcXX", b"3\nabc", b"0\r\nX-T: 1\r\nContent-Length: 5\r\n\r\n"])
def test_37_38_a_chunk_or_trailer_that_is_wrong_later(relay: Relay, origin: Origin, bad: bytes) -> None:
    origin.plays(ready)
    client = relay.client(POST + CHUNKED + b"2\r\nhi\r\n")
    arrived = origin_reads(origin, client, b"hi\r\n")
    client.send(bad)
    assert client.rest().startswith(b"HTTP/1.1 400 ")
    assert arrived is origin.next_ended()
    assert b"0\r\n\r\n" not in arrived.received
    assert b"Content-Length" not in arrived.received


def ready(wire: Wire) -> None:
    """Tell the client by an interim answer what has arrived, then read to the end."""
    wire.until(b"\r\nhi\r\n")
    wire.send(b"HTTP/1.1 102 Processing\r\n\r\n")
    wire.rest()


def origin_reads(origin: Origin, client: Wire, mark: bytes) -> Wire:
    """Wait until the origin has read up to `mark`; gives its connection."""
    assert client.until(b"\r\n\r\n") == b"HTTP/1.1 102 Processing\r\n\r\n"
    (wire,) = origin.connections
    assert wire.received.endswith(mark)
    return wire


@pytest.mark.parametrize("framing", [b"Content-Length: 0\r\n\r\n", CHUNKED + b"0\r\n\r\n"])
def test_40_pipelined_after_an_empty_body(relay: Relay, origin: Origin, framing: bytes) -> None:
    one, two = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"
    origin.plays(answers(one, two))
    requests = POST + framing + b"GET /smuggled HTTP/1.1\r\n" + H + b"\r\n"
    client = relay.client(requests)
    assert client.exactly(len(one + two)) == one + two
    assert origin.received == requests


@pytest.mark.parametrize("method", [b"GET", b"DELETE", b"OPTIONS"])
@pytest.mark.parametrize("body", [b"Content-Length: 3\r\n\r\nabc", CHUNKED + CHUNKED_OK])
def test_41_any_method_may_have_a_body(relay: Relay, origin: Origin, method: bytes, body: bytes) -> None:
    request = method + b" / HTTP/1.1\r\n" + H + body
    assert relay.client(request).exactly(len(OK)) == OK
    assert origin.received == request


def test_42_an_upgrade_with_a_body_is_one_request(relay: Relay, origin: Origin) -> None:
    inner = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    client = relay.client(
        b"GET /ws HTTP/1.1\r\n"
        + H
        + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: %d\r\n\r\n" % len(inner)
        + inner
    )
    assert client.exactly(len(OK)) == OK
    assert client.quiet(0.1)
    assert origin.received == b"GET /ws HTTP/1.1\r\n" + H + b"Content-Length: %d\r\n\r\n" % len(inner) + inner


@pytest.mark.parametrize("other", [b"h2c", b"websocket"])
def test_43_of_several_upgrades_none_is_passed_on(relay: Relay, origin: Origin, other: bytes) -> None:
    """An origin could take the one that the relay does not know of."""
    fields = b"Connection: Upgrade\r\nUpgrade: " + other + b"\r\nUpgrade: websocket\r\n"
    assert relay.client(b"GET / HTTP/1.1\r\n" + H + fields + b"\r\n").exactly(len(OK)) == OK
    assert origin.received == b"GET / HTTP/1.1\r\n" + H + b"\r\n"


def test_43_h2c_is_not_passed_on(relay: Relay, origin: Origin) -> None:
    fields = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    assert relay.client(b"GET / HTTP/1.1\r\n" + H + fields + b"\r\n").exactly(len(OK)) == OK
    assert origin.received == b"GET / HTTP/1.1\r\n" + H + b"\r\n"
