"""Bodies of Engine.IO by polling, both revisions: packets, attachments, bodies that were cut, and anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.exchange import Body
from proxy.wire.messages import Messages
from proxy.wire.polling import PACKETS_LIMIT, is_polling, read_packets

TEXT = {"content-type": "text/plain; charset=UTF-8"}


def read(data: bytes, revision: str = "4", *, cut: bool = False) -> Messages:
    return read_packets(Body(data, ((len(data), 0.5),) if data else (), cut=cut), TEXT, revision)


def values(found: Messages) -> list[object]:
    return [(message.event, message.value) for message in found.messages]


def test_packets_of_revision_4():
    found = read(b'0{"sid":"x"}\x1e40\x1e42["a",1]\x1ebAQID\x1e2\x1e42/chat,["b"]')
    assert values(found) == [("connect", None), ("event", ["a", 1]), ("event", ["b"])]
    assert (found.gaps, found.messages[0].after) == ((), 0.5)


def test_packets_of_revision_3_are_measured_as_javascript_does():
    said = '42["é😀"]'
    size = len(said) + 1  # the emoji is two units of UTF-16
    assert values(read(f'{size}:{said}6:b4AQID7:42["b"]'.encode(), "3")) == [("event", ["é😀"]), ("event", ["b"])]
    binary = b'\x00\x01\x02\xff42["\xc3\xa9abcd"]' + b"\x01\x03\xff\x04\x01\x02" + b'\x00\x07\xff42["b"]'
    assert values(read(binary, "3")) == [("event", ["éabcd"]), ("event", ["b"])]


def test_a_body_that_was_cut_gives_what_is_whole():
    found = read(b'42["a"]\x1e42["b', cut=True)
    assert (values(found), [gap.reason for gap in found.gaps]) == ([("event", ["a"])], ["cut"])
    found = read(b'7:42["a"]9:42["b', "3", cut=True)
    assert (values(found), [gap.reason for gap in found.gaps]) == ([("event", ["a"])], ["packet_syntax"])


@pytest.mark.parametrize("revision", ["3", "4"])
def test_what_is_no_packet_is_a_gap_or_nothing(revision):
    for data in (b"", b"ok", b"4", b"49", b"42hello", b"x:42[]", b"999999999999:4", b"\x00\xff", b"\x01\x0b\xff", b"5:42[]"):
        assert read(data, revision).messages == ()


def test_packets_are_limited():
    found = read(b"\x1e".join([b"42[]"] * (PACKETS_LIMIT + 5)))
    assert (len(found.messages), [gap.reason for gap in found.gaps]) == (PACKETS_LIMIT, ["messages_limit"])


def test_what_a_poll_is():
    assert is_polling({"EIO": "4", "transport": "polling", "sid": "x"})
    assert not is_polling({"EIO": "4", "transport": "websocket"})
    assert not is_polling({"transport": "polling"})


@given(st.binary(max_size=60), st.sampled_from(["3", "4"]), st.booleans())
def test_any_bytes_no_exception(data, revision, cut):
    read(data, revision, cut=cut)
    read(b"\x00" + data, revision, cut=cut)
    read(b"3:4" + data, revision, cut=cut)
