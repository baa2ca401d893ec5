"""The elements of a streamed array come one by one, the same however cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.elements import ElementsReader
from proxy.wire.piece import Piece
from tests.wire.cuts import drawn, everywhere


def read(pieces: list[bytes], limit: int = 1024) -> tuple[list[Piece], int, bool, bool]:
    reader = ElementsReader(limit)
    found = [piece for data in pieces for piece in reader.feed(data)]
    return found, reader.skipped, reader.ended, reader.broken


STREAMS = {
    "gemini": (b'[{"a": "x"}\n,\r\n{"b": [1, {"c": 2}]}\n]', [b'{"a": "x"}', b'{"b": [1, {"c": 2}]}'], True),
    "scalars": (b' [1, "two", null , [3]] ', [b"1", b'"two"', b"null", b"[3]"], True),
    "brackets in texts": (rb'[{"a": "]}[,\"\\"}, "\\", "]"]', [rb'{"a": "]}[,\"\\"}', rb'"\\"', b'"]"'], True),
    "empty array": (b"[ ]", [], True),
    "cut": (b'[{"a": 1}, {"b"', [b'{"a": 1}'], False),
    "after the end": (b"[1] [2]", [b"1"], True),
    "nothing": (b" \n", [], False),
    "an object": (b'{"a": [1]}', [], False),
}


@pytest.mark.parametrize("name", STREAMS)
def test_elements_cut_everywhere(name):
    stream, elements, ended = STREAMS[name]
    whole = read([stream])
    assert ([piece.data for piece in whole[0]], whole[2]) == (elements, ended)
    for pieces in everywhere(stream):
        assert read(pieces) == whole


def test_an_object_is_whole_with_its_bracket():
    assert [piece.end for piece in read([b'[{"a":1} , 2 ,[3]]'])[0]] == [8, 13, 17]


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=10,
)


@given(st.lists(values, max_size=5), st.sampled_from([None, 1]), st.data())
def test_the_elements_are_those_of_the_array(items, indent, data):
    stream = json.dumps(items, indent=indent).encode()
    found, _, ended, _ = read(drawn(stream, data), limit=1 << 20)
    assert [json.loads(piece.data) for piece in found] == items
    assert ended


@given(st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"x", b" "]), max_size=30).map(b"".join), st.data())
def test_any_cut_gives_the_same_elements(stream, data):
    assert read(drawn(stream, data), limit=6) == read([stream], limit=6)


@given(st.binary(max_size=200))
def test_any_bytes_no_exception(stream):
    read([stream])
    read([b"[" + stream])


def test_nothing_of_a_long_element_is_kept():
    reader = ElementsReader(limit=100)
    reader.feed(b'["')
    for _ in range(1000):
        assert reader.feed(b"x" * 60) == []
    assert len(reader._buffer) <= 100
    assert [piece.data for piece in reader.feed(b'", 7]')] == [b"7"]
    assert reader.skipped == 1
