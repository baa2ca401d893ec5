"""WebSocket messages (RFC 6455) from the captured bytes of one direction, with permessage-deflate (RFC 7692).

The reader takes frames masked or not, joins fragments, and lets control frames pass between them. It follows what was
negotiated: without the extension a compressed message is a broken frame. With context takeover each message's dictionary is
the output before it, so that nothing after a compressed message that was lost can be read.

A connection may stay open for hours. A `Bookmark` says how another reader can go on in the middle of it.
"""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple

import msgspec

from proxy.wire.gaps import GapReason

MESSAGE_LIMIT: Final = 1024 * 1024
"""Bytes of one message, before and after inflating: the default capture limit. Longer ones are skipped and counted."""

OUTPUT_LIMIT: Final = 8 * 1024 * 1024
"""Bytes that messages may inflate to beyond RATIO times what came: a burst that compresses very well is no bomb yet."""

RATIO: Final = 32
"""Bytes of output for each compressed byte, over time: repeated JSON comes to some 20, a bomb to 1,000."""

WINDOW: Final = 32 * 1024
"""Bytes of output that a later message may refer to (RFC 7692 section 7.1.2: a window of 15 bits at most)."""

_TAIL: Final = b"\x00\x00\xff\xff"  # RFC 7692 section 7.2.2: taken off each message by its sender


class SocketMessage(NamedTuple):
    """One data message. `end` is the offset just past the byte that completed it."""

    text: bool
    data: bytes
    end: int


class Deflate(NamedTuple):
    """What permessage-deflate means for one direction. `takeover`: messages share their dictionary."""

    takeover: bool


def negotiated(extensions: str, *, client: bool) -> Deflate | None:
    """The meaning of an answer's `Sec-WebSocket-Extensions` for the messages of one side; None without compression."""
    for extension in extensions.lower().split(","):
        name, *parameters = (part.strip() for part in extension.split(";"))
        if name == "permessage-deflate":
            alone = "client_no_context_takeover" if client else "server_no_context_takeover"
            return Deflate(takeover=alone not in parameters)
    return None


class Bookmark(msgspec.Struct, frozen=True, array_like=True):
    """Where a reader stands: what it needs of the bytes before `offset` to go on without them.

    `window` is the dictionary that messages share. In the middle of a message over the limit `long` is true: `skip` bytes
    of its frame are to be dropped. `lost`: nothing more can be read.
    """

    offset: int = 0
    window: bytes = b""
    room: int = OUTPUT_LIMIT
    long: bool = False
    skip: int = 0
    packed: bool = False
    closed: bool = False
    lost: bool = False


class SocketReader:
    """Feed bytes, take messages. `closed`: a close frame came. What could not be read is in `gaps`."""

    def __init__(self, deflate: Deflate | None = None, limit: int = MESSAGE_LIMIT, start: Bookmark | None = None) -> None:
        at = start or Bookmark()
        self.gaps: list[GapReason] = []
        self.closed = at.closed
        self._deflate = deflate
        self._window = at.window
        self._room = at.room
        self._limit = limit
        self._buffer = bytearray()
        self._base = at.offset  # of the buffer's first byte in the stream
        self._skip = at.skip  # bytes still to be dropped of a frame over the limit
        self._parts: list[bytes] = []  # of the message in work
        self._size = limit + 1 if at.long else 0
        self._open = at.long  # a message is in work
        self._began = at.offset  # where it began
        self._text = False
        self._packed = at.packed
        self._lost = at.lost

    @property
    def fed(self) -> int:
        """Offset just past the last byte that was fed."""
        return self._base + len(self._buffer)

    @property
    def lost(self) -> bool:
        """Whether nothing more can be read."""
        return self._lost

    def bookmark(self) -> Bookmark:
        """Where another reader can go on: at the message in work, or inside one that is too long to be kept."""
        long = self._open and self._size > self._limit
        offset = self._base if long or not self._open else self._began
        return Bookmark(
            self.fed if self._lost else offset,
            self._window,
            self._room,
            long,
            self._skip,
            long and self._packed,
            self.closed,
            self._lost,
        )

    def feed(self, data: bytes) -> list[SocketMessage]:
        """Read on; return the messages that are now complete."""
        messages: list[SocketMessage] = []
        if not self._reads():
            self._base += len(data)
            return messages
        buffer = self._buffer
        buffer += data
        at = 0
        while self._reads():
            dropped = min(self._skip, len(buffer) - at)
            self._skip -= dropped
            at += dropped
            head = _head(buffer, at)
            if self._skip or head is None:
                break
            first, size, mask, start = head
            if not self._opened(first, size):
                break
            if not (self._open or first & 0x08):
                self._began = self._base + at
            if first & 0x08 == 0 and self._size + size > self._limit:
                self._size = self._limit + 1  # this message is lost; its later frames only end it
                self._parts.clear()
                self._skip = size
                payload = b""
                at = start
            elif len(buffer) < start + size:
                break
            else:
                payload = _unmasked(bytes(buffer[start : start + size]), mask)
                at = start + size
            self._frame(first, payload, self._base + at + self._skip, messages)
        if not self._reads():
            at = len(buffer)
            self._parts.clear()
        del buffer[:at]
        self._base += at
        return messages

    def _opened(self, first: int, size: int) -> bool:
        """Whether a frame may stand here (RFC 6455 sections 5.2, 5.4, 5.5)."""
        opcode = first & 0x0F
        good = not first & 0x30  # extensions that nobody here knows
        if opcode & 0x08:
            good = good and opcode in (0x8, 0x9, 0xA) and size <= 125 and bool(first & 0x80) and not first & 0x40
        else:
            good = good and opcode <= 0x2 and self._open is (opcode == 0)
            good = good and (not first & 0x40 or (opcode != 0 and self._deflate is not None))
        if not good or self.closed:
            self._lose("frame_broken")
        return not self._lost

    def _reads(self) -> bool:
        return not self._lost

    def _lose(self, reason: GapReason) -> None:
        self.gaps.append(reason)
        self._lost = True

    def _frame(self, first: int, payload: bytes, end: int, messages: list[SocketMessage]) -> None:
        opcode = first & 0x0F
        if opcode & 0x08:
            self.closed = self.closed or opcode == 0x8
            return
        if opcode:
            self._open = True
            self._text = opcode == 0x1
            self._packed = bool(first & 0x40)
        self._parts.append(payload)
        self._size += len(payload)
        if first & 0x80:
            self._message(end, messages)

    def _message(self, end: int, messages: list[SocketMessage]) -> None:
        data = b"".join(self._parts)
        long = self._size > self._limit
        self._parts, self._size, self._open = [], 0, False
        if long:
            self.gaps.append("frame_limit")
            if self._packed and self._deflate is not None and self._deflate.takeover:
                self._lose("coding_broken")
            return
        if self._packed:
            inflated = self._inflated(data)
            if inflated is None:
                return
            data = inflated
        messages.append(SocketMessage(self._text, data, end))

    def _inflated(self, data: bytes) -> bytes | None:
        # A decompressor for each message, begun with the shared dictionary: one that is kept would hold a second copy of it.
        inflate = zlib.decompressobj(-zlib.MAX_WBITS, zdict=self._window)
        self._room = min(OUTPUT_LIMIT, self._room + RATIO * len(data))
        limit = min(self._limit, self._room)
        try:
            out = inflate.decompress(data + _TAIL, limit + 1)
        except zlib.error:
            self._lose("coding_broken")
            return None
        self._room -= len(out)
        if len(out) > limit or inflate.unconsumed_tail:
            self._lose("coding_limit")
            return None
        if self._deflate is not None and self._deflate.takeover:
            self._window = out[-WINDOW:] if len(out) >= WINDOW else (self._window + out)[-WINDOW:]
        return out


def _head(buffer: bytearray, at: int) -> tuple[int, int, bytes, int] | None:
    """The frame's first byte, payload size and mask, and where the payload begins; None when more bytes are needed."""
    if len(buffer) < at + 2:
        return None
    size = buffer[at + 1] & 0x7F
    start = at + 2
    if size > 125:
        width = 2 if size == 126 else 8
        if len(buffer) < start + width:
            return None
        size = int.from_bytes(buffer[start : start + width], "big")
        start += width
    mask = b""
    if buffer[at + 1] & 0x80:
        mask = bytes(buffer[start : start + 4])
        start += 4
        if len(buffer) < start:
            return None
    return buffer[at], size, mask, start


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """RFC 6455 section 5.3, as one operation on whole numbers."""
    if not mask or not payload:
        return payload
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
