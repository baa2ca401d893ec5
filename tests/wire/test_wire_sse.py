"""Event streams: the standard's framing, the same values however the bytes are cut, bounded memory."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.piece import Piece
from proxy.wire.sse import SseReader


def read(*pieces: bytes, limit: int = 1024 * 1024) -> list[Piece]:
    reader = SseReader(limit)
    events = [event for piece in pieces for event in reader.feed(piece)]
    last = reader.close()
    return [*events, last] if last else events


def values(stream: bytes) -> list[tuple[str, bytes]]:
    return [(event.name, event.data) for event in read(stream)]


STREAMS = {
    "lf": (b"data: a\n\ndata: b\n\n", [("", b"a"), ("", b"b")]),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", [("", b"a"), ("", b"b")]),
    "cr": (b"data: a\r\rdata: b\r\r", [("", b"a"), ("", b"b")]),
    "mixed ends": (b"data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", [("", b"a"), ("", b"b"), ("", b"c")]),
    "names": (b"event: ping\ndata: {}\n\nevent:done\r\ndata:1\r\n\r\n", [("ping", b"{}"), ("done", b"1")]),
    "name after data": (b"data: 1\nevent: x\n\n", [("x", b"1")]),
    "several data lines": (b"data: a\ndata: b\ndata:\ndata:  c\n\n", [("", b"a\nb\n\n c")]),
    "comments": (b": OPENROUTER PROCESSING\n\ndata: a\n: c\n\n", [("", b"a")]),
    "unknown field of flowise": (b"message:\ndata:{}\n\n", [("", b"{}")]),
    "bare name of dify": (b"event: ping\n\ndata: a\n\n", [("ping", b""), ("", b"a")]),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("", b"a")]),
    "an id": (b"id: 7\ndata: a\n\n", [("", b"a")]),
    "no colon": (b"data\n\n", [("", b"")]),
    "unfinished": (b"data: a\n\ndata: b", [("", b"a"), ("", b"b")]),
    "blank lines": (b"\n\n\r\n\rdata: a\n\n\n\n", [("", b"a")]),
    "empty": (b"", []),
}


@pytest.mark.parametrize("name", STREAMS)
def test_the_standards_framing(name):
    stream, expected = STREAMS[name]
    assert values(stream) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_cut_everywhere(name):
    stream, _ = STREAMS[name]
    whole = read(stream)
    assert read(*[stream[at : at + 1] for at in range(len(stream))]) == whole
    for cut in range(len(stream) + 1):
        assert read(stream[:cut], stream[cut:]) == whole


pieces_of_streams = st.sampled_from(
    [
        b"data: x",
        b"data:",
        b"event: e",
        b"event:",
        b"id: 7",
        b": c",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\n\r\n",
        b"\xef\xbb\xbf",
        b"y" * 9,
        b"\0",
    ]
)


@given(st.lists(pieces_of_streams, max_size=30).map(b"".join), st.data(), st.sampled_from([8, 20, 1 << 20]))
def test_any_cut_gives_the_same_events(stream, data, limit):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    edges = [0, *cuts, len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert read(*pieces, limit=limit) == read(stream, limit=limit)


@given(st.binary(max_size=300))
def test_any_bytes_no_exception(stream):
    assert read(stream) == read(*[stream[at : at + 1] for at in range(len(stream))])


def test_ends_are_where_the_event_was_complete():
    stream = b"data: a\n\n: c\nevent: x\r\ndata: b\r\n\r\ndata: c\r\r"
    assert [event.end for event in read(stream)] == [9, len(stream) - 10, len(stream)]


def test_what_is_too_long_is_skipped_and_counted():
    reader = SseReader(limit=16)
    stream = b"data: " + b"x" * 40 + b"\n\ndata: ok\n\n" + b"data: 12345678\n" * 3 + b"\ndata: end\n\n"
    assert [event.data for event in reader.feed(stream)] == [b"ok", b"end"]
    assert reader.skipped == 2


def test_nothing_of_a_long_line_is_kept():
    reader = SseReader(limit=100)
    for _ in range(1000):
        assert reader.feed(b"data: " + b"x" * 60) == []
    assert len(reader._buffer) <= 100
    assert [event.data for event in reader.feed(b"\n\ndata: a\n\n")] == [b"a"]
