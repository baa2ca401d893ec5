"""Codings come off piece by piece; a bomb stops at the cap."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.exchange import Body
from proxy.wire.inflate import inflate


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
    "zstd in gzip": ("zstd, gzip", lambda data: gzip.compress(zstandard.ZstdCompressor().compress(data))),
    "identity": (" Identity ", lambda data: data),
    "gzip of two members": ("GZIP", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
}

TEXT = b"Bonjour, bonjour. " * 50


@pytest.mark.parametrize("name", PACKERS)
def test_every_coding_cut_everywhere(name):
    coding, pack = PACKERS[name]
    packed = pack(TEXT)
    assert inflate(Body(packed), coding) == (Body(TEXT), None)
    for cut in range(1, len(packed)):
        body, gap = inflate(Body(packed, ((cut, 1.0), (len(packed), 2.0))), coding)
        assert (body.data, gap) == (TEXT, None)
        assert body.timeline[-1] == (len(TEXT), 2.0) or body.timeline == ((len(TEXT), 1.0),)


def test_a_flushed_event_keeps_its_time():
    packer = zlib.compressobj(wbits=31)
    first = packer.compress(b"data: a\n\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    second = packer.compress(b"data: b\n\n") + packer.flush()
    body, _ = inflate(Body(first + second, ((len(first), 1.0), (len(first + second), 5.0))), "gzip")
    assert body.timeline == ((9, 1.0), (18, 5.0))


@pytest.mark.parametrize("name", ["gzip", "zlib", "br", "zstd", "zstd in gzip"])
def test_a_bomb_stops_at_the_cap(name):
    coding, pack = PACKERS[name]
    body, gap = inflate(Body(pack(bytes(40 * 1024 * 1024))), coding)
    assert gap is not None
    assert gap.reason == "coding_limit"
    assert len(body.data) == 8 * 1024 * 1024
    assert body.cut


def test_what_can_not_be_decoded_is_a_gap():
    for coding, data, reason in (
        ("snappy", b"x", "coding_unknown"),
        ("gzip, gzip, gzip, gzip", b"x", "coding_unknown"),
        ("gzip", b"no gzip", "coding_broken"),
        ("br", b"\xff\xff\xff\xff", "coding_broken"),
        ("zstd", b"no zstd, no", "coding_broken"),
    ):
        body, gap = inflate(Body(data), coding)
        assert gap is not None
        assert gap.reason == reason
        assert body.cut


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]), st.binary(max_size=200))
def test_any_bytes_no_exception(coding, data):
    inflate(Body(data), coding)


@given(st.sampled_from(sorted(PACKERS)), st.binary(max_size=300), st.integers(0, 300), st.integers(0, 255))
def test_a_damaged_stream_no_exception(name, text, at, byte):
    coding, pack = PACKERS[name]
    packed = bytearray(pack(text))
    if packed:
        packed[at % len(packed)] = byte
    inflate(Body(bytes(packed)), coding)
