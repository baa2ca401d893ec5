"""Takes the chunk framing (RFC 9112 section 7.1) off a captured body.

The relay copies bodies as they passed. Offsets move when framing goes, so the timeline is rewritten along with the bytes: a
piece that ended at raw offset `r` ends at the number of content bytes before `r`. Whoever reads the result asks `Body.after`
as if there had been no framing.

The relay has already refused ambiguous framing, so reading is lenient here: bare LF as line end, any chunk extension,
trailers ignored. A capture may end anywhere; what is whole is kept.
"""

from __future__ import annotations

import sys

from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap

LINE_LIMIT = 4096
"""Bytes of a chunk-size line with its extensions; llhttp, which let the body pass, allows less than a head for it."""

_HEX = frozenset(b"0123456789abcdefABCDEF")


def unchunk(body: Body) -> tuple[Body, Gap | None]:
    """The content of a chunked body. A gap when the framing broke off or was never one."""
    data = body.data
    size = len(data)
    pieces: list[bytes] = []
    starts = [0]  # raw offsets at which the content of a chunk begins ...
    lengths = [0]  # ... and the content bytes that were there before it
    sizes: dict[bytes, int | None] = {}  # events of a stream are nearly all of a few sizes
    length_so_far = 0
    at = 0
    gap = Gap("cut", 0)
    ended = False
    while at < size:
        line_end = data.find(b"\n", at, at + LINE_LIMIT)
        if line_end < 0:
            if size - at >= LINE_LIMIT:
                gap = Gap("chunk_framing", size - at)
            break
        line = data[at:line_end]
        length = sizes.get(line)
        if length is None:
            length = sizes[line] = _chunk_size(line)
        if length is None:
            gap = Gap("chunk_framing", size - at)
            break
        at = line_end + 1
        if length == 0:
            ended = True
            break
        piece = data[at : at + length]
        pieces.append(piece)
        starts.append(at)
        lengths.append(length_so_far)
        length_so_far += len(piece)
        if len(piece) < length:
            break
        at += length
        at += 2 if data.startswith(b"\r\n", at) else data.startswith(b"\n", at)
    starts.append(sys.maxsize)
    lengths.append(length_so_far)
    whole = Body(b"".join(pieces), _moved(body.timeline, starts, lengths), chunked=False, cut=body.cut or not ended)
    return whole, None if ended else gap


def _chunk_size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    if not 0 < len(digits) <= 16 or not _HEX.issuperset(digits):
        return None
    return int(digits, 16)


def _moved(timeline: tuple[tuple[int, float], ...], starts: list[int], lengths: list[int]) -> tuple[tuple[int, float], ...]:
    moved = []
    chunk = last = 0
    for end, after in timeline:
        while starts[chunk + 1] <= end:
            chunk += 1
        offset = min(lengths[chunk] + end - starts[chunk], lengths[chunk + 1])
        if offset > last:
            moved.append((offset, after))
            last = offset
    return tuple(moved)
