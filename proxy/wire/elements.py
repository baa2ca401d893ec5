"""The elements of one JSON array, each as soon as it is whole: how Gemini streams without `alt=sse`.

Only quotes, brackets and commas are looked at; whether an element is JSON is found out when it is decoded. An object or
array is whole with its closing bracket, anything else with the comma or bracket after it.
"""

from __future__ import annotations

import re
from typing import Final

from proxy.wire.piece import Piece

ELEMENT_LIMIT: Final = 1024 * 1024
"""Bytes of one element with the blanks around it: the default capture limit. Longer ones are skipped and counted."""

_OUTSIDE: Final = re.compile(rb'["\[\]{},]')
_INSIDE: Final = re.compile(rb'["\\]')


class ElementsReader:
    """Feed bytes, take elements.

    `skipped` counts what was too long. `ended`: the array is whole; `broken`: this is none, and nothing comes of it.
    """

    def __init__(self, limit: int = ELEMENT_LIMIT) -> None:
        self.skipped = 0
        self.broken = False
        self.ended = False
        self._limit = limit
        self._buffer = bytearray()
        self._base = 0  # offset of the buffer's first byte in the stream
        self._at = 0  # bytes of the buffer that have been looked at
        self._depth = 0  # of brackets; 1 between the elements
        self._text = False  # inside a string
        self._long = False  # inside an element over the limit

    def feed(self, data: bytes) -> list[Piece]:
        """Read on; return the elements that are now complete."""
        if self.broken or self.ended:
            return []
        buffer = self._buffer
        buffer += data
        if not self._depth and not self._opened():
            return []
        pieces: list[Piece] = []
        start = 0
        while (found := (_INSIDE if self._text else _OUTSIDE).search(buffer, self._at)) is not None:
            at = found.start()
            sign = buffer[at]
            if sign == 0x5C:  # a backslash, and whatever it escapes
                if at + 1 == len(buffer):
                    self._at = at
                    break
                self._at = at + 2
                continue
            self._at = at + 1
            start = self._sign(sign, start, at, pieces)
            if not self._depth:
                self.ended = True
                break
        else:
            self._at = len(buffer)
        if len(buffer) - start > self._limit:
            self._long = True
            start = self._at
        self._drop(start)
        return pieces

    def _opened(self) -> bool:
        """Look for the array's opening bracket."""
        head = self._buffer.lstrip(b" \t\r\n")
        if not head:
            self._drop(len(self._buffer))
            return False
        self.broken = head[0] != 0x5B
        self._depth = 1
        self._drop(len(self._buffer) - len(head) + 1)
        if self.broken:
            self._buffer.clear()
        return not self.broken

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._base += size
        self._at = max(0, self._at - size)

    def _sign(self, sign: int, start: int, at: int, pieces: list[Piece]) -> int:
        """Take a quote, bracket or comma at `at`; return where the element in work begins."""
        match sign:
            case 0x22:
                self._text = not self._text
            case 0x5B | 0x7B:
                self._depth += 1
            case 0x5D | 0x7D:
                self._depth -= 1
                if self._depth == 1:
                    return self._element(start, at + 1, pieces)
                if not self._depth:
                    return self._element(start, at, pieces) + 1
            case _ if self._depth == 1:
                return self._element(start, at, pieces) + 1
        return start

    def _element(self, start: int, end: int, pieces: list[Piece]) -> int:
        if self._long or end - start > self._limit:
            self._long = False
            self.skipped += 1
        elif text := bytes(self._buffer[start:end]).strip():
            pieces.append(Piece("", text, self._base + end))
        return end
