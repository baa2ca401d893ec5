"""Takes content codings (RFC 9110 section 8.4) off a captured body: gzip, deflate, br, zstd, and stacks of them.

Each piece of the timeline is decoded on its own, in order, and its time belongs to the bytes that came out of it: a
server that streams through a compressor flushes after each event, and the event's time survives. Output is capped, because
a kilobyte of brotli can be a gigabyte of zeros.
"""

from __future__ import annotations

import zlib
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]  # ships no types
import zstandard

from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap

OUTPUT_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of one decoded body: eight times the default capture limit, the ratio of chatty JSON under gzip."""

CODINGS_LIMIT: Final = 3
"""Stacked codings. Two are seen behind some gateways; a longer list is an attack on the decoder."""

PIECE: Final = 64 * 1024
"""Bytes fed at once, so that the cap is looked at often."""


class _Decoder(Protocol):
    def decode(self, data: bytes, limit: int) -> bytes:
        """Decode a piece; may give more than `limit` bytes once, never many times more."""


class _Zlib:
    """gzip with several members (RFC 1952 section 2.2), zlib and raw deflate: servers send either as "deflate"."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inner = zlib.decompressobj(wbits)
        self._fresh = True

    def decode(self, data: bytes, limit: int) -> bytes:
        if self._fresh and data and self._wbits == zlib.MAX_WBITS and (data[0] & 0x0F) != 8:
            self._wbits = -zlib.MAX_WBITS  # not a zlib header (RFC 1950 section 2.2): raw deflate
            self._inner = zlib.decompressobj(self._wbits)
        self._fresh = self._fresh and not data
        out = bytearray()
        while data and len(out) <= limit:
            out += self._inner.decompress(data, limit + 1 - len(out))
            data = self._inner.unconsumed_tail
            if self._inner.eof:
                data = self._inner.unused_data
                if self._wbits <= zlib.MAX_WBITS or data[:1] != b"\x1f":
                    break  # trailing padding
                self._inner = zlib.decompressobj(self._wbits)
        return bytes(out)


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def decode(self, data: bytes, limit: int) -> bytes:
        if self._inner.is_finished():
            return b""
        out = bytearray(self._inner.process(data, output_buffer_limit=limit + 1))
        while len(out) <= limit and not self._inner.can_accept_more_data():
            more = self._inner.process(b"", output_buffer_limit=limit + 1 - len(out))
            if not more:
                break
            out += more
        return bytes(out)


class _Zstd:
    """Frames that need more than 8 MiB of window are refused (RFC 8878 section 3.1.1.1.2 asks for no more)."""

    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj()

    def decode(self, data: bytes, limit: int) -> bytes:
        out = bytearray()
        # This binding has no output limit, and zstd's ratio is bounded by about 1:30,000 for each block: feed little.
        for at in range(0, len(data), 256):
            if self._inner.eof or len(out) > limit:
                break
            out += self._inner.decompress(data[at : at + 256])
        return bytes(out)


def _decoder(coding: str) -> _Decoder | None:
    match coding:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case _:
            return None


def inflate(body: Body, content_encoding: str, limit: int = OUTPUT_LIMIT) -> tuple[Body, Gap | None]:
    """The body without its codings. With a gap, what came out before the fault, as a cut body."""
    codings = [coding for part in content_encoding.lower().split(",") if (coding := part.strip()) not in ("", "identity")]
    if len(codings) > CODINGS_LIMIT:
        return Body(cut=True), Gap("coding_unknown", len(body.data))
    for coding in reversed(codings):  # RFC 9110 section 8.4: listed in the order they were applied
        decoder = _decoder(coding)
        if decoder is None:
            return Body(cut=True), Gap("coding_unknown", len(body.data))
        body, gap = _decoded(body, decoder, limit)
        if gap is not None:
            return body, gap
    return body, None


def _decoded(body: Body, decoder: _Decoder, limit: int) -> tuple[Body, Gap | None]:
    out = bytearray()
    timeline: list[tuple[int, float]] = []
    gap: Gap | None = None
    start = 0
    for end, after in (*body.timeline, (len(body.data), body.after(len(body.data)) or 0.0)):
        before = len(out)
        for at in range(start, end, PIECE):
            try:
                out += decoder.decode(body.data[at : min(at + PIECE, end)], limit - len(out))
            except (zlib.error, brotli.error, zstandard.ZstdError):
                gap = Gap("coding_broken", len(body.data) - at)
                break
            if len(out) > limit:
                gap = Gap("coding_limit", len(body.data) - at)
                break
        start = end
        if len(out) > before and body.timeline:
            timeline.append((len(out), after))
        if gap is not None:
            break
    return Body(bytes(out[:limit]), tuple(timeline), cut=body.cut or gap is not None), gap
