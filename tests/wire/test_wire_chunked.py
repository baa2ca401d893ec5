"""Chunk framing comes off, and every byte keeps its time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.chunked import unchunk
from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap


def framed(pieces: list[bytes], ends: bytes = b"\r\n", trailer: bytes = b"") -> bytes:
    chunks = b"".join(b"%x%b%b%b" % (len(piece), ends, piece, ends) for piece in pieces if piece)
    return chunks + b"0" + ends + trailer + ends


def test_content_without_framing():
    for ends in (b"\r\n", b"\n"):
        body, gap = unchunk(Body(framed([b"hello ", b"world"], ends), chunked=True))
        assert (body.data, body.chunked, body.cut, gap) == (b"hello world", False, False, None)


def test_extensions_and_trailers_are_ignored():
    body, gap = unchunk(Body(b"5;name=value\r\nhello\r\n000\r\nDigest: x\r\n\r\n", chunked=True))
    assert (body.data, gap) == (b"hello", None)


def test_a_cut_capture_gives_what_is_whole():
    raw = framed([b"hello ", b"world"])
    for end in range(len(raw) - 4):
        body, gap = unchunk(Body(raw[:end], chunked=True))
        assert b"hello world".startswith(body.data)
        assert body.cut or body.data == b"hello world"
        assert (gap is None) is not body.cut


def test_what_is_no_framing_is_a_gap():
    for raw in (b"zz\r\nhello", b"\r\n", b"-5\r\nhello\r\n", b"0x5\r\nhello", b"5" * 17 + b"\r\n"):
        body, gap = unchunk(Body(raw, chunked=True))
        assert body.cut
        assert gap is not None
        assert gap.reason == "chunk_framing"
    assert unchunk(Body(b"5" * 5000, chunked=True))[1] == Gap("chunk_framing", 5000)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=8), st.data())
def test_each_byte_keeps_its_time(pieces, data):
    raw = framed(pieces)
    cuts = sorted(set(data.draw(st.lists(st.integers(1, len(raw)), max_size=10))) | {len(raw)})
    timeline = tuple((cut, float(at)) for at, cut in enumerate(cuts))
    before = Body(raw, timeline, chunked=True)
    after, gap = unchunk(before)
    assert gap is None
    assert after.data == b"".join(pieces)
    at = 0
    offset = 0
    for piece in pieces:
        at += len(b"%x" % len(piece)) + 2
        for inside in range(len(piece)):
            assert after.after(offset) == before.after(at + inside)
            offset += 1
        at += len(piece) + 2


@given(st.binary(max_size=200), st.lists(st.integers(1, 200), max_size=5))
def test_any_bytes_no_exception(raw, ends):
    body, _ = unchunk(Body(raw, tuple((end, 0.0) for end in sorted(set(ends))), chunked=True))
    assert len(body.data) <= len(raw)
