"""The last heads of a connection, known well enough to see them again.

Programs send the same head over and over, but for the digits of Content-Length. A head that differs in nothing else from
one that was accepted is accepted for the same reasons, so it need not be read: that saves a fifth of the work on a request,
and as much again on an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from proxy.relay.body import Chunked, Length, Tracker
from proxy.relay.curtain import Shown
from proxy.relay.fields import LENGTH_DIGITS, Refusal
from proxy.relay.request import RequestHead
from proxy.relay.response import ResponseHead, ResponseReader, read_heads

if TYPE_CHECKING:
    from proxy.relay.site import Site

KNOWN_LIMIT: Final = 2048
"""Bytes of a head that is kept while its connection is open: heads of programs are shorter, those of browsers not worth it."""
STRANGERS: Final = 8
"""Answers in a row that begin unlike the one before, after which a connection's are no longer kept: each has a number of its
own then, and keeping them costs what knowing them would save. A date alone changes only once a second."""


class Known(msgspec.Struct, frozen=True, gc=False):
    """A head, whom it is for, and what the observer may see of it."""

    head: RequestHead
    site: Site
    shown: Shown
    before: bytes  # up to the digits of the length; all of the head without a length
    behind: bytes  # from the digits on; b"" without

    def body(self, raw: bytes) -> Tracker | None:
        """A tracker for the body behind `raw`, None where that is another head."""
        if not self.behind:
            return self.head.body() if raw == self.before else None
        length = _between(self.before, raw, self.behind)
        return Length(length) if length is not None else None


def known(head: RequestHead, site: Site, shown: Shown) -> Known:
    """Take a head that was accepted to mind."""
    if head.length is None or head.upgrade:  # with a body it would ask for no upgrade
        return Known(head, site, shown, head.raw, b"")
    return Known(head, site, shown, *_around_length(head.raw))


class Answers:
    """The last head among the answers of one connection of an assistant."""

    __slots__ = ("_before", "_behind", "_head", "_strangers")

    def __init__(self) -> None:
        self._head: ResponseHead | None = None
        self._before = b""  # as in Known
        self._behind = b""
        self._strangers = 0  # in a row

    def read(self, reader: ResponseReader, data: bytes, request: RequestHead) -> tuple[list[ResponseHead], bytes] | Refusal:
        """Cut heads off `data` as `read_heads` does."""
        plain = not (request.old or request.upgrade or request.method == b"HEAD")  # what else the reading rests on
        if plain and self._head is not None and (again := self._again(self._head, data)) is not None:
            self._strangers = 0
            return again
        found = read_heads(reader, data, request)
        if plain and not isinstance(found, Refusal):
            self._keep(found[0])
        return found

    def _again(self, last: ResponseHead, data: bytes) -> tuple[list[ResponseHead], bytes] | None:
        end = data.find(b"\r\n\r\n") + 4
        raw = data[:end]
        body: Tracker
        if self._behind:
            length = _between(self._before, raw, self._behind)
            if length is None:
                return None
            body = Length(length)
        elif raw == self._before:
            body = Chunked()
        else:
            return None
        return [msgspec.structs.replace(last, raw=raw, body=body)], data[end:]

    def _keep(self, heads: list[ResponseHead]) -> None:
        """Take a final head to mind that may come again."""
        self._head = None
        head = heads[-1] if heads else None
        if head is None or head.interim:
            return
        self._strangers += 1
        if self._strangers > STRANGERS or not head.keep_alive or len(head.raw) > KNOWN_LIMIT:
            return
        if isinstance(head.body, Length):
            self._before, self._behind = _around_length(head.raw)
        elif isinstance(head.body, Chunked):
            self._before, self._behind = head.raw, b""
        else:
            return
        self._head = head


def _around_length(raw: bytes) -> tuple[bytes, bytes]:
    """What stands before and behind the digits of a head's one Content-Length."""
    start = raw.lower().index(b"\r\ncontent-length:") + 17
    length = raw[start : raw.index(b"\r\n", start)].strip(b" \t")
    start = raw.index(length, start)
    return raw[:start], raw[start + len(length) :]


def _between(before: bytes, raw: bytes, behind: bytes) -> int | None:
    """The length in a head that is known but for it."""
    if not raw.startswith(before) or not raw.endswith(behind):
        return None
    digits = raw[len(before) : -len(behind)]
    return int(digits) if digits.isdigit() and len(digits) <= LENGTH_DIGITS else None
