"""Lines of JSON, read incrementally: Ollama's streams, and servers that write one object a line under any media type.

A line ends in LF; a CR before it and blank lines are dropped. The last line may lack its end.
"""

from __future__ import annotations

from typing import Final

from proxy.wire.piece import Piece

LINE_LIMIT: Final = 1024 * 1024
"""Bytes of one line: the default capture limit. Longer ones are skipped and counted."""


class NdjsonReader:
    """Feed bytes, take lines; `close` gives the line that the stream's end completes. `skipped` counts what was too long."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self.skipped = 0
        self._limit = limit
        self._buffer = bytearray()
        self._base = 0  # offset of the buffer's first byte in the stream
        self._scanned = 0  # bytes of the buffer that hold no line end
        self._long = False  # inside a line over the limit

    def feed(self, data: bytes) -> list[Piece]:
        """Read on; return the lines that are now complete."""
        buffer = self._buffer
        buffer += data
        pieces: list[Piece] = []
        at = 0
        while (found := buffer.find(b"\n", max(at, self._scanned))) >= 0:
            self._line(bytes(buffer[at:found]), self._base + found + 1, pieces)
            at = found + 1
        if len(buffer) - at > self._limit:
            self._long = True
            at = len(buffer)
        del buffer[:at]
        self._base += at
        self._scanned = len(buffer)
        return pieces

    def close(self) -> list[Piece]:
        """Return what a stream that ended without its last line end still holds."""
        pieces: list[Piece] = []
        self._line(bytes(self._buffer), self._base + len(self._buffer), pieces)
        self._buffer.clear()
        return pieces

    def _line(self, line: bytes, end: int, pieces: list[Piece]) -> None:
        if self._long or len(line) > self._limit:
            self._long = False
            self.skipped += 1
        elif text := line.strip():
            pieces.append(Piece("", text, end))
