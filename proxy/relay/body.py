"""Where a body ends. Trackers take the bytes of a connection and say which of them belong to the body.

A body is spliced: its bytes, chunk framing and trailers included, go on as they came. A tracker only finds the end, and
holds back what it has not understood yet (a cut chunk-size line, a trailer), so that nothing is forwarded which two
parsers could read differently. A failed tracker takes no more bytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Protocol

SIZE_LINE_LIMIT: Final = 4096
"""Bytes of one chunk-size line, extensions included: the longest that common servers accept."""
TRAILERS_LIMIT: Final = 16 * 1024
"""Bytes of all trailers of a body."""
_HEX: Final = b"0123456789abcdefABCDEF"
_NOT_IN_TRAILERS: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"host", b"connection", b"trailer", b"upgrade", b"content-encoding"}
)  # RFC 9110 6.5.1: fields that frame or route a message
_CONTROLS: Final = bytes([*range(9), *range(10, 32), 127])
_TOKEN: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIZE_DIGITS: Final = 15
"""Digits of a chunk size: below 2**63, where other parsers overflow."""


class Tracker(Protocol):
    """What all trackers have in common."""

    @property
    def done(self) -> bool:
        """The body has ended as its framing says."""
        ...

    @property
    def failed(self) -> str:
        """Why the framing is wrong; "" while it is right."""
        ...

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Give (body bytes that may go on, bytes that come after the body)."""
        ...


class Empty:
    """No body: it has ended before its first byte."""

    __slots__ = ()
    done: bool = True
    failed: str = ""

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Nothing is of the body."""
        return b"", data


EMPTY: Final = Empty()
"""It has no state, so one serves all."""


class Length:
    """A body of Content-Length bytes."""

    __slots__ = ("done", "failed", "left")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0
        self.failed = ""

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Up to `left` bytes are of the body."""
        size = len(data)
        if size < self.left:
            self.left -= size
            return data, b""
        left, self.left, self.done = self.left, 0, True
        return (data, b"") if size == left else (data[:left], data[left:])


class UntilClose:
    """A body that ends with the connection; the owner sets `done` at a clean close."""

    __slots__ = ("done", "failed")

    def __init__(self) -> None:
        self.done = False
        self.failed = ""

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Everything is of the body."""
        return data, b""


class Chunked:
    """A chunked body (RFC 9112 7.1), read strictly: CRLF only, no blanks around sizes, at most 15 hexadecimal digits."""

    __slots__ = ("_held", "_left", "_trailers", "done", "failed")

    def __init__(self) -> None:
        self._held = b""  # start of a line or of the CRLF after a chunk's data, not understood yet
        self._left = 0  # bytes of the chunk's data still to come; -1: its CRLF is awaited; see also _trailers
        self._trailers = -1  # bytes of trailers so far; -1: the last chunk has not come
        self.done = False
        self.failed = ""

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Follow the chunks through `data`."""
        if self._held:
            data = self._held + data
            self._held = b""
        elif not self._left and self._trailers < 0 and data.startswith(_size_lines(len(data))) and data.endswith(b"\r\n"):
            return data, b""  # one chunk: so comes nearly every event
        position = 0
        size = len(data)
        while position < size and not self.done and not self.failed:
            left = self._left
            if left > 0:
                if size - position < left:
                    self._left = left - (size - position)
                    return data, b""
                position += left
                self._left = -1
            if self._left == -1:
                if data[position : position + 2] != b"\r\n":
                    return self._incomplete(data, position, b"\r\n", "no CRLF after the data of a chunk")
                position += 2
                self._left = 0
                continue
            end = data.find(b"\n", position)
            if end < 0:
                return self._cut_line(data, position)
            line = data[position : end - 1]
            if data[end - 1 : end] != b"\r" or end == position:
                self.failed = "a line of the chunk framing ends without CR"
            elif self._trailers < 0:
                self._chunk(line)
            else:
                self._trailer(line)
            if self.failed:
                break
            position = end + 1
        return data[:position], data[position:]

    def _incomplete(self, data: bytes, position: int, expected: bytes, failure: str) -> tuple[bytes, bytes]:
        """Bytes that are no prefix of what has to come are a failure, a prefix is held back."""
        tail = data[position:]
        if expected.startswith(tail):
            self._held = tail
        else:
            self.failed = failure
        return data[:position], b""

    def _cut_line(self, data: bytes, position: int) -> tuple[bytes, bytes]:
        tail = data[position:]
        if self._trailers < 0:
            digits = tail.partition(b";")[0].rstrip(b"\r")
            if digits.strip(_HEX) or len(digits) > _SIZE_DIGITS:
                self.failed = "a chunk size that is not hexadecimal"
        if len(tail) > 1 + (SIZE_LINE_LIMIT if self._trailers < 0 else TRAILERS_LIMIT):  # 1: its CR
            self.failed = "a line of the chunk framing is too long"
        if not self.failed:
            self._held = tail
        return data[:position], b""

    def _chunk(self, line: bytes) -> None:
        digits, extension, extensions = line.partition(b";")
        if not digits or digits.strip(_HEX) or len(digits) > _SIZE_DIGITS:
            self.failed = "a chunk size that is not hexadecimal"
        elif extension and (len(line) > SIZE_LINE_LIMIT or not _are_extensions(extensions)):
            self.failed = "a chunk extension that is none, or too long"
        elif (length := int(digits, 16)) == 0:
            self._trailers = 0
        else:
            self._left = length

    def _trailer(self, line: bytes) -> None:
        if not line:
            self.done = True
            return
        self._trailers += len(line) + 2
        name, colon, value = line.partition(b":")
        if self._trailers > TRAILERS_LIMIT:
            self.failed = "trailers are too long"
        elif not colon or not name or name.translate(None, _TOKEN) or value.translate(None, _CONTROLS) != value:
            self.failed = "a trailer that is no field"
        elif name.lower() in _NOT_IN_TRAILERS:
            self.failed = "a trailer that would frame the message"


@lru_cache(1024)
def _size_lines(length: int) -> tuple[bytes, ...]:
    """What `length` bytes that are one whole chunk without extensions begin with, in small and in capital letters."""
    for digits in range(1, _SIZE_DIGITS):
        size = length - digits - 4
        if size > 0 and len(line := b"%x" % size) == digits:
            return line + b"\r\n", line.upper() + b"\r\n"
    return ()


def _are_extensions(text: bytes) -> bool:
    """RFC 9112 7.1.1 without blanks and escapes, as strict as llhttp: names, each alone or with a token or a quoted string."""
    parts = text.split(b'"')
    quoted = b"".join(parts[1::2])
    if len(parts) % 2 == 0 or b"\\" in quoted or quoted.translate(None, _CONTROLS) != quoted:
        return False
    for extension in b'"'.join(parts[::2]).split(b";"):
        name, equals, value = extension.partition(b"=")
        if (
            not name
            or name.translate(None, _TOKEN)
            or (equals and value != b'"' and (not value or value.translate(None, _TOKEN)))
        ):
            return False
    return True
