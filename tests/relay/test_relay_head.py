"""Heads as data: what is accepted, what goes on, and that a strict reader finds the same requests in it."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proxy.relay.body import Chunked, Length, UntilClose
from proxy.relay.fields import Refusal
from proxy.relay.request import RequestHead, RequestReader
from proxy.relay.response import ResponseHead, ResponseReader, read_heads
from tests.relay.fuzz import examples

REQUESTS = RequestReader(frozenset({b"x-user", b"content-type"}))
RESPONSES = ResponseReader(frozenset({b"content-type"}))
H = b"Host: a\r\n"


def accepted(raw: bytes) -> RequestHead:
    head = REQUESTS.read(raw)
    assert isinstance(head, RequestHead), head.reason
    return head


def onward(head: RequestHead) -> bytes:
    return head.onward(head.raw, b"", b"up.test", b"")


def asked(method: bytes = b"GET", *, tunnel: bool = False, old: bool = False) -> RequestHead:
    upgrade = b"Connection: upgrade\r\nUpgrade: websocket\r\n" if tunnel else b""
    return accepted(b"%b / HTTP/1.%d\r\n" % (b"GET" if tunnel else method, not old) + H + upgrade + b"\r\n")


def answered(raw: bytes, request: RequestHead | None = None) -> ResponseHead:
    head = RESPONSES.read(raw, request or asked())
    assert isinstance(head, ResponseHead), head.reason
    return head


def test_a_head_without_anything_to_change_is_the_same_object() -> None:
    raw = b"GET /a HTTP/1.1\r\n" + H + b"x-uSER: 1\r\n\r\n"
    head = accepted(raw)
    assert onward(head) is raw
    assert (head.method, head.target, head.keep_alive, head.wanted) == (b"GET", b"/a", True, [(b"x-user", b"1")])


ONWARD = [
    (b"GET / HTTP/1.1\r\n" + H + b"TE: trailers\r\nA: 1\r\n\r\n", b"GET / HTTP/1.1\r\n" + H + b"A: 1\r\n\r\n"),
    (b"GET / HTTP/1.1\r\nConnection: A , b\r\n" + H + b"a: 1\r\nB: 2\r\n\r\n", b"GET / HTTP/1.1\r\n" + H + b"\r\n"),
    (b"GET / HTTP/1.1\r\nConnection: a\r\nConnection: b\r\nA: 1\r\nB: 2\r\n" + H + b"\r\n", b"GET / HTTP/1.1\r\n" + H + b"\r\n"),
    (b"GET / HTTP/1.0\r\nTE: x\r\nA: 1\r\n\r\n", b"GET / HTTP/1.0\r\nHost: up.test\r\nA: 1\r\n\r\n"),
    (b"GET HTTP://o.test HTTP/1.1\r\n" + H + b"\r\n", b"GET / HTTP/1.1\r\nHost: o.test\r\n\r\n"),
]


@pytest.mark.parametrize(("raw", "expected"), ONWARD)
def test_what_goes_on(raw: bytes, expected: bytes) -> None:
    assert onward(accepted(raw)) == expected


REFUSED = [
    (400, b"GET / HTTP/1.1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"),
    (501, b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n"),
    (505, b"SOURCE / ICE/1.0\r\n" + H + b"\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + H + b"a: b\r\n" * 600 + b"\r\n"),
]


@pytest.mark.parametrize(("status", "raw"), REFUSED)
def test_what_is_refused(status: int, raw: bytes) -> None:
    head = REQUESTS.read(raw)
    assert isinstance(head, Refusal)
    assert head.status == status


def test_a_request_for_a_websocket_keeps_what_upgrades_it() -> None:
    raw = b"GET /ws HTTP/1.1\r\n" + H + b"Connection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"
    assert accepted(raw).upgrade
    assert onward(accepted(raw)) is raw
    assert not accepted(raw.replace(b"GET", b"POST")).upgrade
    assert not accepted(raw.replace(b"/1.1", b"/1.0")).upgrade
    assert not accepted(raw.replace(b"Connection: Upgrade", b"Connection: close")).upgrade


def test_response_framing() -> None:
    start = b"HTTP/1.1 200 OK\r\n"
    chunked = answered(start + b"Transfer-Encoding: Chunked\r\n\r\n")
    assert isinstance(chunked.body, Chunked)
    assert chunked.chunked
    assert isinstance(answered(start + b"Content-Length: 3\r\n\r\n").body, Length)
    lasting = answered(start + b"\r\n")
    assert isinstance(lasting.body, UntilClose)
    assert not lasting.keep_alive
    assert answered(start + b"Content-Length: 3\r\n\r\n", asked(b"HEAD")).body.done
    assert answered(b"HTTP/1.1 103 Early Hints\r\n\r\n").interim
    assert not answered(b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", asked(tunnel=True)).interim
    assert not answered(start + b"Connection: close\r\nContent-Length: 0\r\n\r\n").keep_alive
    assert not answered(b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n").keep_alive


PIECES = [
    b"GET / HTTP/1.1\r\n",
    b"POST /p HTTP/1.1\r\n",
    b"HEAD / HTTP/1.0\r\n",
    b"PUT http://x.test/ HTTP/1.1\r\n",
    b"HTTP/1.1 200 OK\r\n",
    H,
    H,
    b"Content-Length: 3\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: 003\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Connection: close, content-length\r\n",
    b"Connection: Upgrade\r\n",
    b"Upgrade: websocket\r\n",
    b"Connection: transfer-encoding\r\n",
    b"Content-Length : 3\r\n",
    b"X: \xe9\r\n",
    b" folded\r\n",
    b"\r\n",
    b"\r\n",
    b"abc",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"0\r\n\r\n",
    b"5\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b": ",
    b"X\x0b: 1\r\n",
    b"Expect: 100-continue\r\n",
]


@st.composite
def traffic(draw: st.DrawFn) -> bytes:
    """Bytes that are nearly requests, several in a row."""
    return b"".join(draw(st.lists(st.sampled_from(PIECES), min_size=2, max_size=14)))


def relayed(data: bytes) -> tuple[bytes, list[bytes]]:
    """(all bytes that go on, the body of each request), reading as the relay does."""
    out = b""
    bodies: list[bytes] = []
    while True:
        while data.startswith(b"\r\n"):
            data = data[2:]
        end = data.find(b"\r\n\r\n") + 4
        if end == 3:
            return out, bodies
        head = REQUESTS.read(data[:end])
        if isinstance(head, Refusal):
            return out, bodies
        tracker = head.body()
        body, data = tracker.take(data[end:])
        if tracker.failed and not body:
            return out, bodies
        out += onward(head) + body
        if head.upgrade or head.old or not head.keep_alive or not tracker.done:
            if tracker.done:
                bodies.append(body)
            return out, bodies
        bodies.append(body)


class Reader:
    """A strict origin."""

    def __init__(self) -> None:
        self.requests = 0
        self.started = 0

    def on_message_begin(self) -> None:
        self.started += 1

    def on_message_complete(self) -> None:
        self.requests += 1


@settings(max_examples=examples(500))
@given(traffic())
def test_44_the_origin_finds_exactly_the_requests_that_the_relay_found(data: bytes) -> None:
    out, bodies = relayed(data)
    reader = Reader()
    parser = httptools.HttpRequestParser(reader)
    for byte in range(len(out)):
        try:
            parser.feed_data(out[byte : byte + 1])
        except httptools.HttpParserUpgrade:
            assert byte == len(out) - 1
    assert reader.requests == len(bodies)
    assert reader.started - reader.requests <= 1


ANSWERS = [
    b"Content-Length: 3\r\n",
    b"Content-Length: 0\r\n",
    b"content-length:3 \r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive, content-length\r\n",
    b"Keep-Alive: timeout=5\r\n",
    b"Trailer: x\r\n",
    b"X: \xe9\r\n",
    b"X : 1\r\n",
    b"X: 1\n",
]


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """Bytes that are nearly interim answers and a final one."""
    lines = st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 299 \r\n", b"HTTP/1.0 404 N\r\n", b"HTTP/1.1 204 N\r\n"])
    hints = draw(st.sampled_from([b"", b"", b"HTTP/1.1 103 E\r\nLink: x\r\n\r\n"]))
    fields = b"".join(draw(st.lists(st.sampled_from(ANSWERS), max_size=3)))
    body = draw(
        st.sampled_from([b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"3;a=b\r\nabc\r\n0\r\nx: 1\r\n\r\n", b"abcHTTP/1.1 200 OK"])
    )
    data = bytearray(hints + draw(lines) + fields + b"\r\n" + body)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 2))] = draw(st.sampled_from([b"", b"\r", b"\n", b" ", b"0", b"3", b":", b"\x00"]))
    return bytes(data)


@settings(max_examples=examples(500))
@given(replies())
@example(b"HTTP/1.0 103 E\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
def test_44_a_client_finds_the_end_of_an_answer_where_the_relay_found_it(data: bytes) -> None:
    found = read_heads(RESPONSES, data, asked())
    if isinstance(found, Refusal) or not found[0] or found[0][-1].interim:
        return
    heads, rest = found
    head = heads[-1]
    body, _ = head.body.take(rest)
    reader = Reader()
    parser = httptools.HttpResponseParser(reader)
    sent = b"".join(each.onward(close=False) for each in heads) + body
    for at in range(len(sent)):
        try:
            parser.feed_data(sent[at : at + 1])
        except httptools.HttpParserError:
            assert head.body.failed or not head.keep_alive, sent  # an end by closing, which the client sees
            return
        if at < len(sent) - 1:
            assert reader.requests < len(heads)
    if not isinstance(head.body, UntilClose) and not head.body.failed:
        assert (reader.requests == len(heads)) is head.body.done


@settings(max_examples=examples(500))
@given(st.one_of(st.binary(max_size=80), traffic()), st.booleans())
def test_any_bytes_no_exception(data: bytes, tunnel: bool) -> None:
    REQUESTS.read(data + b"\r\n\r\n")
    RESPONSES.read(data + b"\r\n\r\n", asked(tunnel=tunnel))
    RESPONSES.read(b"HTTP/1.1 " + data + b"\r\n\r\n", asked(b"HEAD"))
