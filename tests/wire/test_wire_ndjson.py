"""Lines of JSON: the same however cut, long ones skipped, none lost at the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.ndjson import NdjsonReader
from proxy.wire.piece import Piece
from tests.wire.cuts import drawn, everywhere


def read(pieces: list[bytes], limit: int = 1024) -> tuple[list[Piece], int]:
    reader = NdjsonReader(limit)
    found = [piece for data in pieces for piece in reader.feed(data)]
    return [*found, *reader.close()], reader.skipped


STREAMS = {
    "lines": (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
    "crlf": (b'{"a":1}\r\n{"b":2}\r\n', [b'{"a":1}', b'{"b":2}']),
    "no last end": (b'{"a":1}\n{"b":2}', [b'{"a":1}', b'{"b":2}']),
    "blank lines": (b'\n \r\n{"a":1}\n\n', [b'{"a":1}']),
    "empty": (b"", []),
}


@pytest.mark.parametrize("name", STREAMS)
def test_lines_cut_everywhere(name):
    stream, lines = STREAMS[name]
    whole = read([stream])
    assert [piece.data for piece in whole[0]] == lines
    for pieces in everywhere(stream):
        assert read(pieces) == whole


def test_a_line_ends_with_its_line_end():
    assert [piece.end for piece in read([b'{"a":1}\n\n{"b":2}\r\n{}'])[0]] == [8, 18, 20]


@given(st.lists(st.sampled_from([b"{}", b"\n", b"\r\n", b" ", b"x" * 9]), max_size=20).map(b"".join), st.data())
def test_any_cut_gives_the_same_lines(stream, data):
    assert read(drawn(stream, data), limit=8) == read([stream], limit=8)


@given(st.binary(max_size=200))
def test_any_bytes_no_exception(stream):
    read([stream])


def test_nothing_of_a_long_line_is_kept():
    reader = NdjsonReader(limit=100)
    for _ in range(1000):
        assert reader.feed(b"x" * 60) == []
    assert len(reader._buffer) <= 100
    assert [piece.data for piece in reader.feed(b"\n{}\n")] == [b"{}"]
    assert reader.skipped == 1
