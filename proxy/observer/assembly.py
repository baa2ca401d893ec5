"""Puts the records of an exchange together again.

A record belongs to (relay, exchange); an exchange is whole when its ending has come. Its sequence numbers are
acknowledged only after what was understood of it is committed, so that a relay can send an unfinished one again.

An upgraded connection is not waited for: each of its records goes on as it comes, as a `Passed`.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

from proxy.kpi.events import Skipped
from proxy.observer.holding import Held, Packing, body
from proxy.records import Answered, Ending, Lost, Opened, Record, Segment
from proxy.wire.exchange import Body, Exchange

HELD_LIMIT: Final = 64 * 1024 * 1024
"""Bytes, packed, of the bodies of unfinished exchanges over all relays: some 700 MiB of event streams. What comes past it is
given up, body by body; heads, times and sizes stay."""
ITEM: Final = 2000
"""Bytes that an exchange takes beside its bodies, about: heads and Python's own."""

SWITCHED: Final = 101
"""Status of the answer after which a connection is a tunnel."""


class _Part:
    """What has come of one exchange."""

    __slots__ = ("answered", "assistant", "head", "held", "opened", "seqs")

    def __init__(self, assistant: str, packing: Packing) -> None:
        self.assistant = assistant
        self.opened: Opened | None = None
        self.answered: Answered | None = None
        self.seqs = array("Q")  # a minute's stream has as many as a list would make kilobytes of
        self.held = Held(packing)
        self.head: Head | None = None  # of a connection that was upgraded


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

    def __init__(self, head: Head, seqs: Sequence[int], segments: tuple[Segment, ...], ending: Ending | None) -> None:
        self.relay = head.relay
        self.head = head
        self.seqs = seqs
        self.segments = segments
        self.ending = ending

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return ITEM + sum([len(segment.data) for segment in self.segments])


class Assembled:
    """A whole exchange with the sequence numbers that carried it. It stays packed until `exchange` is called, which is once."""

    __slots__ = ("_ending", "_last", "_part", "name", "relay", "size")

    def __init__(self, relay: str, number: int, part: _Part, last: Sequence[Segment], ending: Ending) -> None:
        self.relay = relay
        self.name = f"{relay}.{number}"
        self.size = ITEM + part.held.size + sum([len(segment.data) for segment in last])
        self._part = part
        self._last = last  # what came with the ending, and was never packed
        self._ending = ending

    @property
    def seqs(self) -> Sequence[int]:
        """The sequence numbers."""
        return self._part.seqs

    @property
    def at(self) -> float | None:
        """When it began; None when its opening was dropped."""
        return self._part.opened.at if self._part.opened is not None else None

    @property
    def over(self) -> float | None:
        """When it ended; None when its opening was dropped."""
        return None if (at := self.at) is None else at + self._ending.after

    def exchange(self) -> Exchange | None:
        """Put it together; None when its opening was dropped, so that nothing can be understood of it."""
        part = self._part
        if part.opened is None:
            return None
        segments = [*part.held.take(), *self._last]
        return _exchange(self.name, part, part.opened, segments, self._ending)


class Missed:
    """Exchanges that a relay gave up."""

    __slots__ = ("lost", "relay")

    size: Final = ITEM

    def __init__(self, relay: str, lost: Lost) -> None:
        self.relay = relay
        self.lost = lost

    @property
    def event(self) -> Skipped:
        """What the figures are told of them."""
        lost = self.lost
        name = f"{self.relay}.lost.{lost.seq}"
        return Skipped(id=name, assistant=lost.assistant, at=lost.at, reason="dropped", times=lost.exchanges)


class Assembly:
    """The unfinished exchanges of all relays."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[int, _Part]] = {}
        self._packing = Packing()
        self.held = 0  # bytes of bodies, packed
        self.unheld = 0  # bodies given up past HELD_LIMIT
        self.headless = 0  # exchanges whose opening was dropped by a full ring

    @property
    def unfinished(self) -> int:
        """Exchanges that have not ended."""
        return sum(map(len, self._parts.values()))

    def resume(self, head: Head) -> None:
        """Know an upgraded connection of which another observer has had the first records."""
        part = _Part(head.exchange.assistant, self._packing)
        part.opened, part.answered, part.head = head.opened, head.answered, head
        self._parts.setdefault(head.relay, {})[head.number] = part

    def feed(self, relay: str, record: Record) -> Assembled | Passed | None:
        """Take a record; give the exchange when it is whole, or what passed of an upgraded connection."""
        parts = self._parts.setdefault(relay, {})
        part = parts.get(record.exchange)
        if part is None:
            part = parts[record.exchange] = _Part(record.assistant, self._packing)
        part.seqs.append(record.seq)
        part.opened = record.opened or part.opened
        part.answered = record.answered or part.answered
        if part.answered is not None and part.answered.status == SWITCHED and part.opened is not None:
            return self._passed(relay, record, part, part.opened, part.answered)
        held = part.held
        segments = held.fitting(record.segments) if part.opened is not None else ()
        if record.ending is None:
            self._hold(held, segments)
            return None
        del parts[record.exchange]
        self.held -= held.size
        if part.opened is None:
            self.headless += 1
        return Assembled(relay, record.exchange, part, segments, record.ending)

    def _hold(self, held: Held, segments: Sequence[Segment]) -> None:
        if segments and self.held > HELD_LIMIT:
            held.give_up(segments)
            self.unheld += len({segment.request for segment in segments})
            return
        self.held -= held.size
        held.add(segments)
        self.held += held.size

    def _passed(self, relay: str, record: Record, part: _Part, opened: Opened, answered: Answered) -> Passed:
        early: tuple[Segment, ...] = ()
        if part.head is None:
            part.head = Head(relay, record.exchange, part.assistant, opened, answered)
            self.held -= part.held.size
            early = tuple(part.held.take())  # the client did not wait for the answer
        seqs, part.seqs = part.seqs, array("Q")
        if record.ending is not None:
            del self._parts[relay][record.exchange]
        return Passed(part.head, seqs, (*early, *record.segments), record.ending)

    def forget(self, relay: str) -> None:
        """A relay's connection is gone: it will send again what was not acknowledged, from the start."""
        for part in self._parts.pop(relay, {}).values():
            self.held -= part.held.size


def _exchange(name: str, part: _Part, opened: Opened, segments: Sequence[Segment], ending: Ending) -> Exchange:
    answered = part.answered
    asked = [segment for segment in segments if segment.request]
    said = [segment for segment in segments if not segment.request]
    response_cut, request_cut = part.held.cut
    return Exchange(
        id=name,
        assistant=part.assistant,
        at=opened.at,
        client=opened.client,
        method=opened.method,
        path=opened.path,
        query=dict(opened.query),
        headers=_fields(opened.headers),
        request=body(asked, ending.request_size, chunked=opened.chunked, cut=request_cut),
        request_after=ending.request_after,
        status=answered.status if answered else None,
        answered_after=answered.after if answered else None,
        response_headers=_fields(answered.headers) if answered else {},
        response=body(said, ending.response_size, chunked=bool(answered and answered.chunked), cut=response_cut),
        ending=ending.reason,
        ended_after=ending.after,
        own=bool(answered and answered.own),
    )


def _fields(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields
