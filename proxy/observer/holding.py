"""What has come of the bodies of an exchange that has not ended, held small.

An answer that streams for a minute is a hundred kilobytes of events that differ in a word, and Python's objects for its
timeline are half as much again. A thousand open streams so took more than everything else in the observer. Segments are
therefore packed as they come, and unpacked when their exchange is understood: an eighth of the bytes for 0.5 us an event. A short
exchange comes in one record and is never packed. Rejected: zlib, which takes three times as long for the same size; one packer
for each stream, which packs better and takes more memory than what it packs; reading answers while they are made, as
sockets' are, which would keep half-read facts of each.

Half of what was packed so was timelines, floats in which nothing repeats. They are packed as steps, in bytes and in nanoseconds,
in which the relay's clock counts as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import sub
from typing import Final

import msgspec
import zstandard

from proxy.records import Segment
from proxy.wire.exchange import Body

MERGED: Final = 8
"""Packed pieces of an exchange that are packed once more, together: events say the same as those before, and what takes
800 bytes a second by itself takes 500 so, for another 0.5 us an event of streams of more than eight seconds."""
LEVEL: Final = 1
"""Of zstd: higher ones take longer and save nothing on pieces of some kilobytes."""
PACKED: Final = 50
"""Bytes that a packed piece takes beside its content, about."""

SECOND: Final = 1_000_000_000
"""Steps in time of a second."""


class _Steps(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A segment with its timeline in steps from entry to entry: bytes since `offset`, nanoseconds since the opening."""

    request: bool
    offset: int
    data: bytes
    ends: list[int]
    times: list[int]

    @classmethod
    def of(cls, segment: Segment) -> _Steps:
        ends = [*segment.cuts, len(segment.data)]
        times = [round(after * SECOND) for after in segment.times]
        return cls(segment.request, segment.offset, segment.data, _steps(ends), _steps(times))

    def segment(self) -> Segment:
        times = [time / SECOND for time in accumulate(self.times)]
        return Segment(self.request, self.offset, self.data, tuple(times), tuple(accumulate(self.ends[:-1])))


def _steps(values: list[int]) -> list[int]:
    return list(map(sub, values, chain((0,), values)))


def _joined(pieces: Iterable[_Steps]) -> Iterator[_Steps]:
    """Join the pieces of each side, which follow each other."""
    sides: dict[bool, list[_Steps]] = {}
    for piece in pieces:
        sides.setdefault(piece.request, []).append(piece)
    for request, some in sides.items():
        ends, times = [], []
        end, time = some[0].offset, 0
        for piece in some:
            if piece.times:
                ends += [piece.offset - end + piece.ends[0], *piece.ends[1:]]
                times += [piece.times[0] - time, *piece.times[1:]]
                end, time = piece.offset + sum(piece.ends), sum(piece.times)
        yield _Steps(request, some[0].offset, b"".join([piece.data for piece in some]), ends, times)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[_Steps]).decode


class Packing:
    """Packs and unpacks pieces; for one thread, as zstd's contexts are."""

    def __init__(self) -> None:
        self._compress = zstandard.ZstdCompressor(level=LEVEL).compress
        self._decompress = zstandard.ZstdDecompressor().decompress

    def pack(self, pieces: Sequence[_Steps]) -> bytes:
        """As few bytes as can be had fast. They are copied: zstandard's own result goes on holding the room it began with."""
        return bytes(memoryview(self._compress(_encode(pieces))))

    def unpack(self, packed: bytes) -> list[_Steps]:
        """What was packed."""
        return _decode(self._decompress(packed))


class Held:
    """The segments of both sides of an exchange. `size` is what they take, in bytes.

    `cut` says of each side (answer, request) that something of it is missing: only a prefix of a body is of use.
    """

    __slots__ = ("_ends", "_loose", "_merged", "_packing", "cut", "size")

    def __init__(self, packing: Packing) -> None:
        self.size = 0
        self.cut = [False, False]
        self._packing = packing
        self._ends = [0, 0]
        self._loose: list[bytes] = []
        self._merged: list[bytes] = []

    def fitting(self, segments: Sequence[Segment]) -> Sequence[Segment]:
        """Those that continue what is here; a side of which something is missing ends there."""
        fitting = []
        for segment in segments:
            side = int(segment.request)
            if self.cut[side] or segment.offset != self._ends[side]:
                self.cut[side] = True
                continue
            self._ends[side] += len(segment.data)
            fitting.append(segment)
        return fitting

    def give_up(self, segments: Iterable[Segment]) -> None:
        """Hold nothing of these, nor of what comes after them."""
        for segment in segments:
            self.cut[segment.request] = True

    def add(self, segments: Sequence[Segment]) -> None:
        """Hold fitting segments."""
        if segments:
            self._loose.append(self._packing.pack([_Steps.of(segment) for segment in segments]))
            self.size += len(self._loose[-1]) + PACKED
            if len(self._loose) == MERGED:
                self._merge()

    def _merge(self) -> None:
        """Pack what was packed piece by piece as one."""
        merged = self._packing.pack([*_joined(self._unpacked(self._loose))])
        self.size += len(merged) + PACKED - sum([len(packed) + PACKED for packed in self._loose])
        self._loose.clear()
        self._merged.append(merged)

    def take(self) -> list[Segment]:
        """All segments, in order; nothing is held after it."""
        segments = [piece.segment() for piece in self._unpacked((*self._merged, *self._loose))]
        self._merged.clear()
        self._loose.clear()
        self.size = 0
        return segments

    def _unpacked(self, packed: Iterable[bytes]) -> list[_Steps]:
        return [piece for each in packed for piece in self._packing.unpack(each)]


def body(segments: Iterable[Segment], size: int, *, chunked: bool, cut: bool) -> Body:
    """One side of an exchange from its segments; `size` is that of the whole body."""
    of_it = tuple(segments)
    if len(of_it) == 1:
        data, timeline = of_it[0].data, of_it[0].timeline
    else:
        data = b"".join([segment.data for segment in of_it])
        timeline = tuple([entry for segment in of_it for entry in segment.timeline])
    return Body(data, timeline, chunked, cut=cut or len(data) < size)
