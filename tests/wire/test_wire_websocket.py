"""WebSocket messages: fragments, masks, compression, control frames between; the same however cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.gaps import GapReason
from proxy.wire.websocket import Deflate, SocketMessage, SocketReader, negotiated
from tests.wire.cuts import drawn, everywhere
from tests.wire.frames import Packer, frame

TAKEOVER = Deflate(takeover=True)
ALONE = Deflate(takeover=False)
TEXT = b'{"type": "response.output_text.delta", "delta": "Bonjour"}'
MASK = b"\x01\xfe\x00\x7f"


def read(
    pieces: list[bytes], deflate: Deflate | None = None, limit: int = 70_000
) -> tuple[list[SocketMessage], list[GapReason], bool]:
    reader = SocketReader(deflate, limit)
    return [message for data in pieces for message in reader.feed(data)], reader.gaps, reader.closed


def packed(*texts: bytes, takeover: bool = True) -> list[bytes]:
    packer = Packer(takeover=takeover)
    return [packer.pack(text) for text in texts]


one, two = packed(TEXT, TEXT)
alone, other = packed(TEXT, b"x" * 500, takeover=False)
STREAMS: dict[str, tuple[bytes, Deflate | None, list[bytes], list[GapReason]]] = {
    "a text": (frame(TEXT), None, [TEXT], []),
    "masked": (frame(TEXT, mask=MASK) + frame(b"", mask=MASK) + frame(b"abcde", 2, mask=MASK), None, [TEXT, b"", b"abcde"], []),
    "of 16 bits": (frame(b"x" * 126) + frame(b"y"), None, [b"x" * 126, b"y"], []),
    "fragments": (frame(b"a", last=False) + frame(b"b", 0, last=False) + frame(b"c", 0), None, [b"abc"], []),
    "a ping inside": (frame(b"a", last=False) + frame(b"p", 9) + frame(b"q", 10) + frame(b"b", 0), None, [b"ab"], []),
    "a close": (frame(b"a") + frame(b"\x03\xe8", 8), None, [b"a"], []),
    "after the close": (frame(b"", 8) + frame(b"a"), None, [], ["frame_broken"]),
    "compressed": (frame(one, packed=True) + frame(two, packed=True) + frame(b"plain"), TAKEOVER, [TEXT, TEXT, b"plain"], []),
    "compressed alone": (frame(alone, packed=True) + frame(other, packed=True), ALONE, [TEXT, b"x" * 500], []),
    "compressed fragments": (frame(one[:3], last=False, packed=True) + frame(one[3:], 0), TAKEOVER, [TEXT], []),
    "compressed, not agreed": (frame(one, packed=True) + frame(b"a"), None, [], ["frame_broken"]),
    "broken compression": (frame(b"\xff\xff\xff", packed=True) + frame(b"a"), TAKEOVER, [], ["coding_broken"]),
    "an unknown extension": (b"\xa1\x01a" + frame(b"b"), None, [], ["frame_broken"]),
    "no message to go on with": (frame(b"a", 0), None, [], ["frame_broken"]),
    "a message inside a message": (frame(b"a", last=False) + frame(b"b"), None, [], ["frame_broken"]),
    "a long ping": (frame(b"p" * 126, 9), None, [], ["frame_broken"]),
    "a ping in pieces": (frame(b"p", 9, last=False), None, [], ["frame_broken"]),
    "no such opcode": (frame(b"p", 3), None, [], ["frame_broken"]),
    "unfinished": (frame(b"a") + frame(b"bcd")[:-1], None, [b"a"], []),
}


@pytest.mark.parametrize("name", STREAMS)
def test_messages_cut_everywhere(name):
    stream, deflate, texts, gaps = STREAMS[name]
    whole = read([stream], deflate)
    assert ([message.data for message in whole[0]], whole[1]) == (texts, gaps)
    for pieces in everywhere(stream):
        assert read(pieces, deflate) == whole


def test_a_length_of_64_bits():
    assert [message.data for message in read([frame(b"x" * 66_000, mask=MASK)])[0]] == [b"x" * 66_000]


def test_ends_kinds_and_the_close():
    messages, _, closed = read([frame(b"a") + frame(b"bc", 2) + frame(b"", 8)])
    assert [(message.text, message.end) for message in messages] == [(True, 3), (False, 7)]
    assert closed


def test_too_long_is_skipped():
    stream = frame(b"x" * 60, last=False) + frame(b"p", 9) + frame(b"y" * 60, 0) + frame(b"ok")
    for pieces in everywhere(stream):
        found, gaps, _ = read(pieces, limit=100)
        assert ([message.data for message in found], gaps) == ([b"ok"], ["frame_limit"])
    reader = SocketReader(limit=100)
    for at in range(0, 60_000, 50):
        reader.feed(frame(b"z" * 60_000)[at : at + 50])
        assert len(reader._buffer) <= 110


def test_what_follows_a_lost_compressed_message_can_not_be_read():
    stream = frame(Packer().pack(TEXT), packed=True) + frame(b"p" * 200, packed=True) + frame(b"a")
    found, gaps, _ = read([stream], TAKEOVER, limit=150)
    assert ([message.data for message in found], gaps) == ([TEXT], ["frame_limit", "coding_broken"])
    assert [message.data for message in read([stream], ALONE, limit=150)[0]] == [TEXT, b"a"]


def test_a_bomb_stops_at_the_cap():
    packer = Packer()
    bomb = packer.pack(bytes(4 * 1024 * 1024))
    assert read([frame(bomb, packed=True)], TAKEOVER, limit=1024 * 1024)[1] == ["coding_limit"]
    many = b"".join(frame(Packer().pack(bytes(1000 * 1000)), packed=True) for _ in range(20))
    found, gaps, _ = read([many], ALONE, limit=1024 * 1024)
    assert gaps == ["coding_limit"]
    assert sum(len(message.data) for message in found) <= 8 * 1024 * 1024 + 32 * len(many)


def test_what_was_negotiated():
    assert negotiated("", client=True) is None
    assert negotiated("x-other; a=b", client=True) is None
    assert negotiated("permessage-deflate", client=True) == TAKEOVER
    both = "x, Permessage-Deflate; server_no_context_takeover; client_max_window_bits=15"
    assert (negotiated(both, client=False), negotiated(both, client=True)) == (ALONE, TAKEOVER)


texts = st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 5), st.booleans()), max_size=6)


@given(texts, st.booleans(), st.data())
def test_what_was_sent_however_cut(messages, takeover, data):
    packer = Packer(takeover=takeover)
    stream = b""
    for text, cut, squeeze in messages:
        body = packer.pack(text) if squeeze else text
        stream += frame(body[:cut], last=False, packed=squeeze, mask=MASK) + frame(b"", 9) + frame(body[cut:], 0, mask=MASK)
    found, gaps, _ = read(drawn(stream, data), Deflate(takeover))
    assert ([message.data for message in found], gaps) == ([text for text, _, _ in messages], [])


@given(st.binary(max_size=200), st.sampled_from([None, TAKEOVER, ALONE]), st.data())
def test_any_bytes_no_exception(stream, deflate, data):
    assert read(drawn(stream, data), deflate, limit=20) == read([stream], deflate, limit=20)
