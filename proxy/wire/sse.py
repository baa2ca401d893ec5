"""Event streams as the WHATWG HTML standard (section 9.2.6) frames them, read incrementally.

Lines end in LF, CR or CRLF; a blank line dispatches the event; several `data` lines are joined by LF; a comment or a field
without a meaning is ignored (Flowise sends a `message:` line before each `data:`), and so is `id`, which serves reconnecting. A
CR dispatches at once, the LF after it is swallowed: only so are the values, offsets included, the same however the bytes are cut.

Nearly all events of assistants are one optional `event` line and one `data` line. One pattern reads each of those in one step;
any other shape goes line by line.
"""

from __future__ import annotations

import re
from typing import Final

from proxy.wire.piece import Piece

EVENT_LIMIT: Final = 1024 * 1024
"""Bytes of one event, and of one line: the default capture limit. Longer ones are skipped and counted."""

_BOM = b"\xef\xbb\xbf"
_COMMON = re.compile(rb"(?:event: ?([^\r\n]*)(?:\r\n|\n))?data: ?([^\r\n]*)(?:\r\n\r|\n)\n")
_LINE_END = re.compile(rb"[\r\n]")


class SseReader:
    """Feed bytes, take events; `close` gives the event that the stream's end completes. `skipped` counts what was too long."""

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self.skipped = 0
        self._limit = limit
        self._buffer = b""
        self._base = 0  # offset of the buffer's first byte in the stream
        self._scanned = 0  # bytes of the buffer that hold no line end
        self._held: list[bytes] = []  # more of the line in the buffer: joined at its end, so that many pieces cost no more
        self._held_size = 0
        self._started = False
        self._swallow = False  # the last line ended in CR: an LF right here belongs to it
        self._long = False  # inside a line over the limit
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Piece]:
        """Read on; return the events that are now complete."""
        if self._buffer and self._started:
            self._held.append(data)
            self._held_size += len(data)
            if len(self._buffer) + self._held_size <= self._limit and _LINE_END.search(data) is None:
                return []
            data = self._released()
        buffer = self._buffer + data if self._buffer else data
        if not self._started:
            if len(buffer) < len(_BOM) and _BOM.startswith(buffer):
                self._buffer = buffer
                return []
            self._started = True
            if buffer.startswith(_BOM):
                buffer = buffer[len(_BOM) :]
                self._base += len(_BOM)
        events: list[Piece] = []
        at = 0
        scan = self._scanned
        size = len(buffer)
        while at < size:
            if self._swallow:
                self._swallow = False
                if buffer[at] == 0x0A:
                    at += 1
                    scan = max(scan, at)
                    continue
            if at >= scan and not (self._data or self._name or self._long or self._size):
                at = scan = self._usual(buffer, at, events)
                if at == size:
                    break
            found = _LINE_END.search(buffer, max(at, scan))
            if found is None:
                scan = size
                break
            line_end = found.start()
            self._swallow = buffer[line_end] == 0x0D
            event = self._line(buffer[at:line_end], self._base + line_end + 1)
            if event is not None:
                events.append(event)
            at = scan = line_end + 1
        if size - at > self._limit:
            # Keep nothing of a line over the limit; what follows up to its end is dropped as it comes.
            if not self._long:
                self._long = True
            at = size
        self._buffer = buffer[at:]
        self._base += at
        self._scanned = max(0, scan - at)
        return events

    def _usual(self, buffer: bytes, at: int, events: list[Piece]) -> int:
        """Take the events of the usual form that stand at `at`, one after another; return where they end."""
        base, limit, match = self._base, self._limit, _COMMON.match
        while (common := match(buffer, at)) is not None:
            end = common.end()
            if end - at > limit:
                break
            name, data = common.groups()
            crlf = buffer[end - 2] == 0x0D
            events.append(Piece(name.decode("utf-8", "replace") if name else "", data, base + end - crlf))
            at = end
        return at

    def close(self) -> Piece | None:
        """What a stream that ended without its last blank line still holds.

        The standard drops it; the official clients of some assistants do not, so neither do we.
        """
        self._buffer += self._released()
        if self._buffer:
            self._line(self._buffer, self._base + len(self._buffer))
            self._base += len(self._buffer)
            self._buffer = b""
        return self._line(b"", self._base)

    def _released(self) -> bytes:
        held = b"".join(self._held)
        self._held.clear()
        self._held_size = 0
        return held

    def _line(self, line: bytes, end: int) -> Piece | None:
        if self._long or len(line) > self._limit:
            self._long = False
            self._size = self._limit + 1  # the event that it belonged to is lost with it
            return None
        if line:
            self._field(line)
            return None
        event = None
        if self._size > self._limit:
            self.skipped += 1
        elif self._data or self._name:
            # An event without data is not dispatched in browsers, but `event: ping` alone is what some servers send.
            event = Piece(self._name, b"\n".join(self._data), end)
        self._name = ""
        self._data = []
        self._size = 0
        return event

    def _field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._size += len(value) + 1
            if self._size <= self._limit:
                self._data.append(value)
            else:
                self._data = []
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
