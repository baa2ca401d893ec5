"""Trackers: the end of a body is found wherever the bytes are cut, and never where another parser would not find it."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import httptools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proxy.relay.body import SIZE_LINE_LIMIT, TRAILERS_LIMIT, Chunked, Empty, Length, Tracker, UntilClose
from proxy.relay.unchunked import Unchunked
from tests.relay.fuzz import examples

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
Result = tuple[bytes, bytes, bool, bool]


def run(tracker: Tracker, pieces: list[bytes]) -> Result:
    """(what goes on, what comes after, done, failed)."""
    out = rest = b""
    for piece in pieces:
        if tracker.done or tracker.failed:
            rest += piece
            continue
        body, after = tracker.take(piece)
        out += body
        rest += after
    return out, rest, tracker.done, bool(tracker.failed)


def same(one: Result, other: Result) -> None:
    """Equal, but for the bytes after a failure, which nobody reads."""
    assert one[0] == other[0]
    assert one[2:] == other[2:]
    if not one[3]:
        assert one[1] == other[1]


def each_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@st.composite
def chunked_bodies(draw: st.DrawFn) -> bytes:
    """Valid bodies, with extensions, trailers and bytes of a next request."""
    parts = []
    extensions = st.sampled_from([b"", b";a=b", b';c="d e"', b";x"])
    for data in draw(st.lists(st.binary(min_size=1, max_size=40), max_size=5)):
        size = draw(st.sampled_from([b"%x", b"%X", b"00%x"])) % len(data)
        parts.append(size + draw(extensions) + b"\r\n" + data + b"\r\n")
    parts.append(draw(st.sampled_from([b"0", b"000"])) + draw(extensions) + b"\r\n")
    parts += draw(st.lists(st.sampled_from([b"X-Sum: 9\r\n", b"x: \xe9\r\n", b"Y:\r\n"]), max_size=2))
    return b"".join(parts) + b"\r\n" + draw(st.sampled_from([b"", b"GET / HTTP/1.1\r\n", b"\r\n"]))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Bodies with a few bytes changed, left out or put in."""
    data = bytearray(draw(chunked_bodies()))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        what = draw(
            st.sampled_from(
                [b"\r", b"\n", b"\r\n", b" ", b"0", b"f", b";", b"-", b"\x00", b"\x0b", b"\x85", b"g", b":", b'"', b"=", b"\\"]
            )
        )
        cut = draw(st.integers(0, 2))
        data[at : at + cut] = what if draw(st.booleans()) else b""
    return bytes(data)


def cuts(data: bytes, positions: list[int]) -> list[bytes]:
    edges = [0, *sorted(position % (len(data) + 1) for position in positions), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@settings(max_examples=examples(300))
@given(st.one_of(chunked_bodies(), mutated(), st.binary(max_size=60)), st.lists(st.integers(0, 400), max_size=6))
@example(b"3;" + b"x" * (SIZE_LINE_LIMIT - 2) + b"\r\nabc\r\n0\r\n\r\n", [SIZE_LINE_LIMIT + 1])
@example(b"3;" + b"x" * (SIZE_LINE_LIMIT - 1) + b"\r\nabc\r\n0\r\n\r\n", [SIZE_LINE_LIMIT + 1])
@example(b"0\r\nx:" + b"x" * (TRAILERS_LIMIT - 4) + b"\r\n\r\n", [TRAILERS_LIMIT + 2])
@example(b"0\r\nx:" + b"x" * (TRAILERS_LIMIT - 3) + b"\r\n\r\n", [TRAILERS_LIMIT + 2])
def test_chunked_whole_is_byte_by_byte_is_any_cut(data: bytes, positions: list[int]) -> None:
    whole = run(Chunked(), [data])
    same(run(Chunked(), each_byte(data)), whole)
    same(run(Chunked(), cuts(data, positions)), whole)
    assert data.startswith(whole[0])


class Seen:
    """What llhttp makes of a message."""

    def __init__(self) -> None:
        self.ended = 0

    def on_message_complete(self) -> None:
        self.ended += 1


def ended(data: bytes) -> int:
    """How many messages llhttp finds whole in a head and `data`; -1 when it refuses them."""
    seen = Seen()
    parser = httptools.HttpRequestParser(seen)
    try:
        parser.feed_data(HEAD)
        parser.feed_data(data)
    except httptools.HttpParserError:
        return -1
    return seen.ended


@settings(max_examples=examples(500))
@given(st.one_of(chunked_bodies(), mutated()))
def test_chunked_is_never_more_lenient_than_llhttp(data: bytes) -> None:
    """What the tracker takes for a whole body is one to llhttp too, not a byte sooner or later.

    The tracker may be stricter: sizes of 16 digits, controls in extensions, trailers that frame.
    """
    body, _, done, failed = run(Chunked(), [data])
    if failed:
        return
    if done:
        assert ended(body) == 1
        assert ended(body[:-1]) == 0
    else:
        assert ended(body) == 0


@settings(max_examples=examples(200))
@given(chunked_bodies())
def test_chunked_accepts_what_is_valid(data: bytes) -> None:
    body, rest, done, failed = run(Chunked(), [data])
    assert done
    assert not failed
    assert body + rest == data


@pytest.mark.parametrize("size", [*range(1, 40), *range(230, 300), *range(4080, 4110), 65_535, 65_536])
@pytest.mark.parametrize("line", [b"%x", b"%X", b"0%x"])
def test_one_chunk_at_a_time_goes_on_at_once(size: int, line: bytes) -> None:
    chunk = line % size + b"\r\n" + b"\r" * size + b"\r\n"
    tracker = Chunked()
    assert tracker.take(chunk) == (chunk, b"")
    assert tracker.take(chunk) == (chunk, b"")
    assert not tracker.failed
    assert run(tracker, [b"0\r\n\r\n"]) == (b"0\r\n\r\n", b"", True, False)


@pytest.mark.parametrize("size", [*range(1, 40), *range(230, 300), *range(4080, 4110)])
def test_what_only_looks_like_one_chunk_is_none(size: int) -> None:
    """Framing around bytes that are too few or too many, and no framing at all."""
    for held in (size - 1, size + 1):
        data = b"%x\r\n" % size + b"\r" * held + b"\r\n"
        same(run(Chunked(), [data]), run(Chunked(), each_byte(data)))
        assert run(Chunked(), [data])[0] != data
    assert run(Chunked(), [bytes(size) + b"\r\n"]) == (b"", run(Chunked(), [bytes(size) + b"\r\n"])[1], False, True)


HELD = [
    (b"3", b""),
    (b"3;a=b\r", b""),
    (b"3\r\n", b"3\r\n"),
    (b"3\r\nab", b"3\r\nab"),
    (b"3\r\nabc\r", b"3\r\nabc"),
    (b"3\r\nabc\r\n1", b"3\r\nabc\r\n"),
    (b"0\r\nX-Sum: ", b"0\r\n"),
    (b"0\r\nX-Sum: 9\r\n\r", b"0\r\nX-Sum: 9\r\n"),
]


@pytest.mark.parametrize(("data", "onward"), HELD)
def test_what_is_not_understood_is_held_back(data: bytes, onward: bytes) -> None:
    for pieces in ([data], each_byte(data)):
        assert run(Chunked(), pieces) == (onward, b"", False, False)


TRAILERS = [
    b"Content-Length: 5",
    b"transfer-encoding: chunked",
    b"Host: x",
    b" folded",
    b"no colon",
    b": x",
    b"a b: c",
    b"a\rb: c",
    b"X: a\x00",
]


@pytest.mark.parametrize("trailer", TRAILERS)
def test_trailers_that_frame_or_are_no_fields_fail(trailer: bytes) -> None:
    for pieces in ([b"0\r\n" + trailer + b"\r\n\r\n"], each_byte(b"0\r\n" + trailer + b"\r\n\r\n")):
        assert run(Chunked(), pieces) == (b"0\r\n", run(Chunked(), pieces)[1], False, True)


@given(chunked_bodies(), st.lists(st.integers(0, 200), max_size=5))
def test_content_without_chunks_is_what_llhttp_finds(data: bytes, positions: list[int]) -> None:
    class Content(Seen):
        body = b""

        def on_body(self, piece: bytes) -> None:
            self.body += piece

    seen = Content()
    with suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        httptools.HttpRequestParser(seen).feed_data(HEAD + data)
    whole = run(Unchunked(), [data])
    assert whole == run(Unchunked(), each_byte(data)) == run(Unchunked(), cuts(data, positions))
    assert whole[:3] == (seen.body, run(Chunked(), [data])[1], True)


@given(st.integers(0, 30), st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_length_whole_is_byte_by_byte_is_any_cut(length: int, data: bytes, positions: list[int]) -> None:
    expected = (data[:length], data[length:], len(data) >= length, False)
    for pieces in ([data], each_byte(data), cuts(data, positions)):
        assert run(Length(length), pieces) == expected


@given(st.binary(max_size=30))
def test_no_body_and_a_lasting_one(data: bytes) -> None:
    assert Empty().take(data) == (b"", data)
    assert UntilClose().take(data) == (data, b"")
