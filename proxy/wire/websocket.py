"""WebSocket messages (RFC 6455) from the captured bytes of one direction, with permessage-deflate (RFC 7692).

The reader takes frames masked or not, joins fragments, and lets control frames pass between them. It follows what was
negotiated: without the extension a compressed message is a broken frame. With context takeover each message's dictionary is
the output before it, so that nothing after a compressed message that was lost can be read.
"""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple

from proxy.wire.gaps import GapReason

MESSAGE_LIMIT: Final = 1024 * 1024
"""Bytes of one message, before and after inflating: the default capture limit. Longer ones are skipped and counted."""

OUTPUT_LIMIT: Final = 8 * 1024 * 1024
"""Bytes that all messages of one direction may inflate to, as for any other body (see `inflate`)."""

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


class SocketReader:
    """Feed bytes, take messages. `closed`: a close frame came. What could not be read is in `gaps`."""

    def __init__(self, deflate: Deflate | None = None, limit: int = MESSAGE_LIMIT) -> None:
        self.gaps: list[GapReason] = []
        self.closed = False
        self._deflate = deflate
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._room = OUTPUT_LIMIT
        self._limit = limit
        self._buffer = bytearray()
        self._base = 0  # offset of the buffer's first byte in the stream
        self._skip = 0  # bytes still to be dropped of a frame over the limit
        self._parts: list[bytes] = []  # of the message in work
        self._size = 0
        self._open = False  # a message is in work
        self._text = False
        self._packed = False
        self._lost = False

    def feed(self, data: bytes) -> list[SocketMessage]:
        """Read on; return the messages that are now complete."""
        messages: list[SocketMessage] = []
        if not self._reads():
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
        if self._deflate is not None and not self._deflate.takeover:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        limit = min(self._limit, self._room)
        try:
            out = self._inflate.decompress(data + _TAIL, limit + 1)
        except zlib.error:
            self._lose("coding_broken")
            return None
        self._room -= len(out)
        if len(out) > limit or self._inflate.unconsumed_tail:
            self._lose("coding_limit")
            return None
        if self._inflate.eof:  # RFC 7692 section 7.2.3.5: a final block ends the message's stream, not the connection's
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
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
