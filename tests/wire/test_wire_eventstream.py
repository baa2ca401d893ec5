"""AWS event streams: both checksums count, the same however cut, no message held that is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.eventstream import EventStreamReader
from proxy.wire.gaps import GapReason
from proxy.wire.piece import Piece
from tests.wire.cuts import drawn, everywhere
from tests.wire.frames import aws, aws_raw


def read(pieces: list[bytes], limit: int = 1024) -> tuple[list[Piece], list[GapReason]]:
    reader = EventStreamReader(limit)
    return [piece for data in pieces for piece in reader.feed(data)], reader.gaps


START = aws("messageStart", b'{"role":"assistant"}')
DELTA = aws("contentBlockDelta", b'{"delta":{"text":"Hi"}}')
FAULT = aws("throttlingException", b'{"message":"x"}', "exception")
OTHERS = aws_raw(
    b"\x01a\x00\x01b\x01\x01c\x02\x07\x01d\x03\x00\x07\x01e\x04" + bytes(4) + b"\x01f\x05" + bytes(8) + b"\x01g\x08" + bytes(8)
    + b"\x01h\x09" + bytes(16) + b"\x01i\x06\x00\x02xy\x0b:event-type\x07\x00\x04last",
    b"{}",
)  # fmt: skip


def damaged(message: bytes, at: int) -> bytes:
    return message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]


STREAMS: dict[str, tuple[bytes, list[str], list[GapReason]]] = {
    "events": (START + DELTA + DELTA, ["messageStart", "contentBlockDelta", "contentBlockDelta"], []),
    "an exception": (START + FAULT, ["messageStart", "throttlingException"], []),
    "every type of header": (OTHERS, ["last"], []),
    "a broken payload": (START + damaged(DELTA, len(DELTA) - 8) + FAULT, ["messageStart", "throttlingException"], ["checksum"]),
    "a broken prelude": (START + damaged(DELTA, 2) + FAULT, ["messageStart"], ["frame_broken"]),
    "broken headers": (aws_raw(b"\x05abc", b"{}") + FAULT, ["throttlingException"], ["frame_broken"]),
    "no such header": (aws_raw(b"\x01a\x0a", b"{}") + FAULT, ["throttlingException"], ["frame_broken"]),
    "a long header": (aws_raw(b"\x01a\x07\xff\xffx", b"{}"), [], ["frame_broken"]),
    "unfinished": (START + DELTA[:-1], ["messageStart"], []),
    "too long": (aws("x", b"y" * 2000) + DELTA, ["contentBlockDelta"], ["frame_limit"]),
    "no event stream": (b'{"message": "no event stream"}', [], ["frame_broken"]),
}


@pytest.mark.parametrize("name", STREAMS)
def test_messages_cut_everywhere(name):
    stream, names, gaps = STREAMS[name]
    whole = read([stream])
    assert ([piece.name for piece in whole[0]], whole[1]) == (names, gaps)
    for pieces in everywhere(stream):
        assert read(pieces) == whole


def test_a_message_is_whole_with_its_last_byte():
    pieces, _ = read([START + DELTA])
    assert [(piece.end, piece.data) for piece in pieces] == [
        (len(START), b'{"role":"assistant"}'),
        (len(START + DELTA), b'{"delta":{"text":"Hi"}}'),
    ]


@given(st.lists(st.sampled_from([START, DELTA, FAULT, OTHERS, aws("x", b"y" * 300)]), max_size=6).map(b"".join), st.data())
def test_any_cut_gives_the_same_messages(stream, data):
    at = data.draw(st.integers(0, max(0, len(stream) - 1)))
    if stream and data.draw(st.booleans()):
        stream = damaged(stream, at)
    assert read(drawn(stream, data), limit=200) == read([stream], limit=200)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_no_exception(headers, rest):
    read([aws_raw(headers, rest), rest])
    read([rest])


def test_nothing_of_a_long_message_is_kept():
    reader = EventStreamReader(limit=100)
    message = aws("x", bytes(60_000))
    for at in range(0, len(message), 50):
        assert reader.feed(message[at : at + 50]) == []
        assert len(reader._buffer) <= 100
    assert [piece.name for piece in reader.feed(DELTA[:100])] == [] or len(DELTA) <= 100
