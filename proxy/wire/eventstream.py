"""The AWS event stream, `application/vnd.amazon.eventstream`, read incrementally: Bedrock's and Lex's streams.

A message is a prelude (total length, length of the headers, CRC-32 of both), headers, a payload and the CRC-32 of all of
that. A prelude that fails its check means that the framing is lost; a message that fails its own is dropped alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

from proxy.wire.gaps import GapReason
from proxy.wire.piece import Piece

MESSAGE_LIMIT: Final = 1024 * 1024
"""Bytes of one message: the default capture limit (the protocol allows 24 MiB). Longer ones are skipped and counted."""

HEADERS_LIMIT: Final = 128 * 1024
"""Bytes of a message's headers, as the protocol has it."""

_PRELUDE: Final = 12
_SMALLEST: Final = _PRELUDE + 4
_SIZES: Final[Mapping[int, int]] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; 6 (bytes) and 7 (text) begin with their length."""


class EventStreamReader:
    """Feed bytes, take messages, each named by its `:event-type` or `:exception-type`. What could not be read is in `gaps`."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self.gaps: list[GapReason] = []
        self._limit = limit
        self._buffer = bytearray()
        self._base = 0  # offset of the buffer's first byte in the stream
        self._skip = 0  # bytes still to be dropped of a message over the limit
        self._lost = False

    def feed(self, data: bytes) -> list[Piece]:
        """Read on; return the messages that are now complete."""
        if self._lost:
            return []
        buffer = self._buffer
        buffer += data
        pieces: list[Piece] = []
        at = 0
        while True:
            if self._skip:
                dropped = min(self._skip, len(buffer) - at)
                self._skip -= dropped
                at += dropped
            if len(buffer) - at < _PRELUDE:
                break
            total = int.from_bytes(buffer[at : at + 4], "big")
            headers = int.from_bytes(buffer[at + 4 : at + 8], "big")
            check = int.from_bytes(buffer[at + 8 : at + 12], "big")
            if zlib.crc32(buffer[at : at + 8]) != check or total < _SMALLEST + headers or headers > HEADERS_LIMIT:
                self._lost = True
                self.gaps.append("frame_broken")
                at = len(buffer)
                break
            if total > self._limit:
                self.gaps.append("frame_limit")
                self._skip = total
                continue
            if len(buffer) - at < total:
                break
            self._message(bytes(buffer[at : at + total]), headers, self._base + at + total, pieces)
            at += total
        del buffer[:at]
        self._base += at
        return pieces

    def _message(self, message: bytes, size: int, end: int, pieces: list[Piece]) -> None:
        if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:], "big"):
            self.gaps.append("checksum")
            return
        headers = _texts(message[_PRELUDE : _PRELUDE + size])
        if headers is None:
            self.gaps.append("frame_broken")
            return
        name = headers.get(":event-type") or headers.get(":exception-type") or headers.get(":error-code") or ""
        pieces.append(Piece(name, message[_PRELUDE + size : -4], end))


def _texts(data: bytes) -> dict[str, str] | None:
    """Headers whose value is text; None for bytes that are no headers."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        name = data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
        if at >= len(data):
            return None
        kind = data[at]
        at += 1
        if kind in (6, 7):
            size = int.from_bytes(data[at : at + 2], "big")
            at += 2
            if kind == 7:
                found[name.decode("utf-8", "replace")] = data[at : at + size].decode("utf-8", "replace")
        elif kind in _SIZES:
            size = _SIZES[kind]
        else:
            return None
        at += size
        if at > len(data):
            return None
    return found
