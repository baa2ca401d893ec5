"""A head but for the digits of its Content-Length, as it comes and as it goes on.

Programs send the same head over and over, but for those digits. A head that differs in nothing else from one that was
accepted is accepted for the same reasons, and becomes the same on its way.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.relay.fields import LENGTH_DIGITS

KNOWN_LIMIT: Final = 2048
"""Bytes of a head that is kept while its connection is open: heads of programs are shorter, those of browsers not worth it."""


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """What stands before and behind the digits; all of the head and nothing where it has no length."""

    before: bytes
    behind: bytes
    sent_before: bytes  # the same of the head that goes on
    sent_behind: bytes
    same: bool  # it goes on as it came

    def length(self, raw: bytes) -> int | None:
        """The length in a head of this pattern, which has one; None where it is another head."""
        if not raw.startswith(self.before) or not raw.endswith(self.behind):
            return None
        digits = raw[len(self.before) : -len(self.behind)]
        return int(digits) if digits.isdigit() and len(digits) <= LENGTH_DIGITS else None

    def whole(self, data: bytes) -> int:
        """Where the body begins in `data` when that is a head of this pattern, its whole body and nothing else; else 0.

        A pattern without a length is taken for one without a body.
        """
        before, behind = self.before, self.behind
        if not data.startswith(before):
            return 0
        start = len(before)
        if not behind:
            return start if len(data) == start else 0
        end = data.find(behind, start, start + LENGTH_DIGITS + len(behind))
        digits = data[start:end] if end > 0 else b""
        begin = end + len(behind)
        return begin if digits.isdigit() and int(digits) == len(data) - begin else 0

    def onward(self, data: bytes) -> bytes:
        """What goes on for `data`, which begins with a head of this pattern."""
        if self.same:
            return data
        if not self.behind:
            return self.sent_before + data[len(self.before) :]
        start = len(self.before)
        end = data.index(self.behind, start)
        return b"".join((self.sent_before, data[start:end], self.sent_behind, data[end + len(self.behind) :]))


def pattern(raw: bytes, onward: bytes, *, length: bool) -> Pattern:
    """The pattern of a head that goes on as `onward`; with `length` both have one Content-Length, the same."""
    if not length:
        return Pattern(raw, b"", onward, b"", raw == onward)
    return Pattern(*_around_length(raw), *_around_length(onward), raw == onward)


def _around_length(raw: bytes) -> tuple[bytes, bytes]:
    start = raw.lower().index(b"\r\ncontent-length:") + 17
    length = raw[start : raw.index(b"\r\n", start)].strip(b" \t")
    start = raw.index(length, start)
    return raw[:start], raw[start + len(length) :]
