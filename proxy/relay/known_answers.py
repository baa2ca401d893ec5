"""The same for answers: the last head among those of one connection of an assistant (see known)."""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.relay.body import Chunked, Length, Tracker
from proxy.relay.curtain import Curtain, Fields, is_readable
from proxy.relay.fields import Refusal
from proxy.relay.pattern import KNOWN_LIMIT, Pattern, pattern
from proxy.relay.request import RequestHead
from proxy.relay.response import Heads, ResponseHead, ResponseReader, read_heads

STRANGERS: Final = 8
"""Answers in a row that begin unlike the one before, after which a connection's are no longer kept: each has a number of its
own then, and keeping them costs what knowing them would save. A date alone changes only once a second."""


class KnownAnswer(msgspec.Struct, frozen=True, gc=False):
    """The head of an answer to a plain request, and what the client gets."""

    head: ResponseHead
    pattern: Pattern
    straight: bool  # a whole message with this head may go straight


class Answers:
    """The last head among the answers of one connection of an assistant."""

    __slots__ = ("_fields", "_strangers", "last")

    def __init__(self) -> None:
        self.last: KnownAnswer | None = None
        self._fields: Fields | None = None
        self._strangers = 0  # in a row

    def read(self, reader: ResponseReader, data: bytes, request: RequestHead) -> Heads | Refusal:
        """Cut heads off `data` as `read_heads` does."""
        plain = not (request.old or request.upgrade or request.method == b"HEAD")  # what else the reading rests on
        if plain and self.last is not None and (again := _again(self.last, data)) is not None:
            self._strangers = 0
            return again
        found = read_heads(reader, data, request)
        if plain and not isinstance(found, Refusal):
            self._keep(found[0])
        return found

    def fields(self, curtain: Curtain) -> Fields:
        """What the observer may see of the head."""
        if self._fields is None:
            self._fields = curtain.response(self.last.head.wanted if self.last is not None else ())
        return self._fields

    def _keep(self, heads: list[ResponseHead]) -> None:
        """Take a final head to mind that may come again."""
        self.last = self._fields = None
        head = heads[-1] if heads else None
        if head is None or head.interim:
            return
        self._strangers += 1
        if self._strangers > STRANGERS or not head.keep_alive or len(head.raw) > KNOWN_LIMIT:
            return
        length = isinstance(head.body, Length)
        if not length and not isinstance(head.body, Chunked):
            return
        straight = length and not head.old and is_readable(head.kind)
        self.last = KnownAnswer(head, pattern(head.raw, head.onward(close=False), length=length), straight)


def _again(last: KnownAnswer, data: bytes) -> Heads | None:
    end = data.find(b"\r\n\r\n") + 4
    raw = data[:end]
    body: Tracker
    if last.pattern.behind:
        length = last.pattern.length(raw)
        if length is None:
            return None
        body = Length(length)
    elif raw == last.pattern.before:
        body = Chunked()
    else:
        return None
    return [msgspec.structs.replace(last.head, raw=raw, body=body)], data[end:]
