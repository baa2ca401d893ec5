"""Puts the records of an exchange together again.

A record belongs to (relay, exchange); an exchange is whole when its ending has come. Its sequence numbers are
acknowledged only after what was understood of it is committed, so that a relay can send an unfinished one again.

An upgraded connection is not waited for: each of its records goes on as it comes, as a `Passed`.
"""

from __future__ import annotations

from typing import Final

from proxy.records import Answered, Ending, Opened, Record, Segment
from proxy.wire.exchange import Body, Exchange

HELD_LIMIT: Final = 512 * 1024 * 1024
"""Bytes of unfinished exchanges over all relays: eight relays at their default limit. Past it bodies are not held."""


SWITCHED: Final = 101
"""Status of the answer after which a connection is a tunnel."""


class _Part:
    """What has come of one exchange."""

    __slots__ = ("answered", "assistant", "cut", "data", "head", "lines", "opened", "seqs")

    def __init__(self, assistant: str) -> None:
        self.assistant = assistant
        self.opened: Opened | None = None
        self.answered: Answered | None = None
        self.seqs: list[int] = []
        self.data: tuple[list[bytes], list[bytes]] = ([], [])  # response, request
        self.lines: tuple[list[tuple[int, float]], list[tuple[int, float]]] = ([], [])
        self.cut = [False, False]
        self.head: Head | None = None  # of a connection that was upgraded

    def sizes(self, side: int) -> int:
        return sum(map(len, self.data[side]))


class Head:
    """The two heads of an upgraded connection."""

    __slots__ = ("answered", "exchange", "number", "opened", "relay")

    def __init__(self, relay: str, number: int, assistant: str, opened: Opened, answered: Answered) -> None:
        self.relay = relay
        self.number = number
        self.opened = opened
        self.answered = answered
        self.exchange = Exchange(
            id=f"{relay}.{number}",
            assistant=assistant,
            at=opened.at,
            client=opened.client,
            method=opened.method,
            path=opened.path,
            query=dict(opened.query),
            headers=_fields(opened.headers),
            request=Body(),
            request_after=0.0,
            status=answered.status,
            answered_after=answered.after,
            response_headers=_fields(answered.headers),
            response=Body(),
            ending="complete",
            ended_after=0.0,
        )


class Passed:
    """What passed of an upgraded connection, with the sequence numbers that carried it."""

    __slots__ = ("ending", "head", "relay", "segments", "seqs")

    def __init__(self, head: Head, seqs: list[int], segments: tuple[Segment, ...], ending: Ending | None) -> None:
        self.relay = head.relay
        self.head = head
        self.seqs = seqs
        self.segments = segments
        self.ending = ending


class Assembled:
    """A whole exchange with the sequence numbers that carried it."""

    __slots__ = ("exchange", "relay", "seqs")

    def __init__(self, relay: str, seqs: list[int], exchange: Exchange | None) -> None:
        self.relay = relay
        self.seqs = seqs
        self.exchange = exchange  # None: its opening was dropped, nothing can be understood of it


class Assembly:
    """The unfinished exchanges of all relays."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[int, _Part]] = {}
        self.held = 0  # bytes of bodies
        self.headless = 0  # exchanges whose opening was dropped by a full ring

    @property
    def unfinished(self) -> int:
        """Exchanges that have not ended."""
        return sum(map(len, self._parts.values()))

    def resume(self, head: Head) -> None:
        """Know an upgraded connection of which another observer has had the first records."""
        part = _Part(head.exchange.assistant)
        part.opened, part.answered, part.head = head.opened, head.answered, head
        self._parts.setdefault(head.relay, {})[head.number] = part

    def feed(self, relay: str, record: Record) -> Assembled | Passed | None:
        """Take a record; give the exchange when it is whole, or what passed of an upgraded connection."""
        parts = self._parts.setdefault(relay, {})
        part = parts.get(record.exchange)
        if part is None:
            part = parts[record.exchange] = _Part(record.assistant)
        part.seqs.append(record.seq)
        part.opened = record.opened or part.opened
        part.answered = record.answered or part.answered
        if part.answered is not None and part.answered.status == SWITCHED and part.opened is not None:
            return self._passed(relay, record, part, part.opened, part.answered)
        for segment in record.segments:
            side = int(segment.request)
            if part.cut[side] or part.opened is None or segment.offset != part.sizes(side) or self.held > HELD_LIMIT:
                part.cut[side] = True
                continue
            part.data[side].append(segment.data)
            part.lines[side].extend(segment.timeline)
            self.held += len(segment.data)
        if record.ending is None:
            return None
        del parts[record.exchange]
        self.held -= part.sizes(0) + part.sizes(1)
        if part.opened is None:
            self.headless += 1
            return Assembled(relay, part.seqs, None)
        return Assembled(relay, part.seqs, _exchange(f"{relay}.{record.exchange}", part, part.opened, record.ending))

    def _passed(self, relay: str, record: Record, part: _Part, opened: Opened, answered: Answered) -> Passed:
        early: tuple[Segment, ...] = ()
        if part.head is None:
            part.head = Head(relay, record.exchange, part.assistant, opened, answered)
            if data := b"".join(part.data[1]):  # the client did not wait for the answer
                early = (Segment(True, 0, data, tuple(part.lines[1])),)
                self.held -= len(data)
                part.data[1].clear()
        seqs, part.seqs = part.seqs, []
        if record.ending is not None:
            del self._parts[relay][record.exchange]
        return Passed(part.head, seqs, (*early, *record.segments), record.ending)

    def forget(self, relay: str) -> None:
        """A relay's connection is gone: it will send again what was not acknowledged, from the start."""
        for part in self._parts.pop(relay, {}).values():
            self.held -= part.sizes(0) + part.sizes(1)


def _exchange(name: str, part: _Part, opened: Opened, ending: Ending) -> Exchange:
    answered = part.answered
    return Exchange(
        id=name,
        assistant=part.assistant,
        at=opened.at,
        client=opened.client,
        method=opened.method,
        path=opened.path,
        query=dict(opened.query),
        headers=_fields(opened.headers),
        request=_body(part, 1, ending.request_size, chunked=opened.chunked),
        request_after=ending.request_after,
        status=answered.status if answered else None,
        answered_after=answered.after if answered else None,
        response_headers=_fields(answered.headers) if answered else {},
        response=_body(part, 0, ending.response_size, chunked=bool(answered and answered.chunked)),
        ending=ending.reason,
        ended_after=ending.after,
        own=bool(answered and answered.own),
    )


def _body(part: _Part, side: int, size: int, *, chunked: bool) -> Body:
    pieces = part.data[side]
    data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return Body(data, tuple(part.lines[side]), chunked, cut=part.cut[side] or len(data) < size)


def _fields(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields
