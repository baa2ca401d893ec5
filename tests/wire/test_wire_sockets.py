"""One side of a socket becomes messages with their times; another reader can go on at any bookmark, and reads the same."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.messages import Message
from proxy.wire.sockets import SocketSide
from proxy.wire.websocket import WINDOW, Bookmark, Deflate, SocketReader
from tests.wire.frames import Packer, frame

PACKED = "permessage-deflate"
MASK = b"\x01\xfe\x00\x7f"


def side(*, packed: bool = False, engineio: bool = False, start: Bookmark | None = None) -> SocketSide:
    return SocketSide(PACKED if packed else "", client=False, engineio=engineio, start=start)


def test_messages_and_their_times() -> None:
    stream = frame(b'{"a": 1}') + frame(b"\x00", 2) + frame(b"{") + frame(b'{"b": 2}')
    read = side()
    assert read.feed(0, stream[:12], ((9, 1.0), (10, 2.0), (12, 3.0))) == [Message({"a": 1}, "", 2.0)]
    assert read.feed(12, stream[12:], ((len(stream), 4.0),)) == [Message({"b": 2}, "", 4.0)]
    assert [gap.reason for gap in read.gaps] == ["json_syntax"]
    assert not read.cut


def test_packets_of_socket_io() -> None:
    packer = Packer()
    event = b'42["stream_token",{"id":"1","token":"a"}]'
    stream = b"".join(frame(packer.pack(text), packed=True) for text in (b"2", event, b"40", b"4?"))
    read = side(packed=True, engineio=True)
    found = read.feed(0, stream, ((len(stream), 1.0),))
    assert found == [Message(["stream_token", {"id": "1", "token": "a"}], "event", 1.0), Message(None, "connect", 1.0)]
    assert [gap.reason for gap in read.gaps] == ["packet_syntax"]


def test_nothing_is_read_after_missing_bytes() -> None:
    read = side()
    assert read.feed(5, frame(b"1"), ()) == []
    assert read.feed(0, frame(b"1"), ()) == []
    assert (read.cut, [gap.reason for gap in read.gaps]) == (True, ["cut"])


def test_bytes_that_are_known_are_passed_over() -> None:
    stream = frame(b"1") + frame(b"2")
    read = side()
    read.feed(0, stream[:4], ())
    assert [message.value for message in read.feed(2, stream[2:], ())] == [2]


values = st.lists(st.one_of(st.integers(), st.text(max_size=400), st.just("again and again " * 20)), max_size=8)


@given(values, st.sampled_from(["plain", "packed", "alone"]), st.booleans(), st.data())
def test_another_reader_goes_on_at_any_bookmark(said: list[Any], coding: str, fragments: bool, data: Any) -> None:
    packer = Packer(takeover=coding == "packed")
    stream = b""
    for value in said:
        text = json.dumps(value).encode()
        body = packer.pack(text) if coding != "plain" else text
        cut = len(body) // 2 if fragments else len(body)
        stream += frame(body[:cut], last=not fragments, packed=coding != "plain", mask=MASK)
        stream += (frame(b"ping", 9) + frame(body[cut:], 0)) if fragments else b""
    extensions = {"plain": "", "packed": PACKED, "alone": f"{PACKED}; server_no_context_takeover"}[coding]
    at = data.draw(st.integers(0, len(stream)))
    first = SocketSide(extensions, client=False)
    found = first.feed(0, stream[:at], ())
    mark = msgspec.msgpack.decode(msgspec.msgpack.encode(first.bookmark()), type=Bookmark)
    assert mark.offset <= at
    assert len(mark.window) <= WINDOW
    second = SocketSide(extensions, client=False, start=mark)
    found += second.feed(mark.offset, stream[mark.offset :], ())
    assert [message.value for message in found] == said
    assert not (first.gaps)
    assert not (second.gaps)


@pytest.mark.parametrize("takeover", [True, False])
def test_a_bookmark_inside_a_message_that_is_too_long(takeover: bool) -> None:
    stream = frame(b"x" * 60, last=False) + frame(b"y" * 60, 0) + frame(b"ok")
    for at in range(len(stream)):
        first = SocketReader(Deflate(takeover), limit=70)
        found = first.feed(stream[:at])
        second = SocketReader(Deflate(takeover), limit=70, start=first.bookmark())
        found += second.feed(stream[second.fed :])
        assert ([message.data for message in found], [*first.gaps, *second.gaps]) == ([b"ok"], ["frame_limit"])
        assert at - first.bookmark().offset <= 75


def test_what_can_not_be_read_is_not_waited_for() -> None:
    read = side()
    read.feed(0, b"\xff\xff" + bytes(100), ())
    read.feed(102, bytes(1000), ())
    assert (read.cut, read.bookmark().offset, read.bookmark().lost) == (True, 1102, True)


@given(st.binary(max_size=300), st.booleans(), st.booleans(), st.data())
def test_any_bytes_no_exception(stream: bytes, packed: bool, engineio: bool, data: Any) -> None:
    at = data.draw(st.integers(0, len(stream)))
    whole, parts = side(packed=packed, engineio=engineio), side(packed=packed, engineio=engineio)
    assert whole.feed(0, stream, ()) == [*parts.feed(0, stream[:at], ()), *parts.feed(at, stream[at:], ())]
    assert whole.bookmark() == parts.bookmark()
