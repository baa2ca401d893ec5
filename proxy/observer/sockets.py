"""The open connections whose messages are being read, and what a relay may forget of them.

Turns are committed as they complete. What is to be known to go on after a record - the heads, where each side's decoder
stands, the answer in the making - is handed to the relay with the record's acknowledgement (`Kept`): it is content, which no
disk may hold, and a relay holds content anyway. It is made when enough has passed since the last time, not for each record.

Turns have numbers. How many of a connection's turns are committed stands in the outbox, so that an observer that begins
again at an older `Kept` passes over the turns that its predecessor had committed.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from proxy.kpi.events import Event, Skipped, Turn
from proxy.meaning.talk import Talk, TalkState
from proxy.observer.assembly import Head, Passed
from proxy.observer.readers import SocketReader
from proxy.records import Answered, Kept, Opened
from proxy.wire.messages import Message
from proxy.wire.sockets import SocketSide
from proxy.wire.websocket import Bookmark

KEPT_BYTES: Final = 64 * 1024
"""Bytes of one connection that a relay holds before it is given a new `Kept`: about the most that a `Kept` takes itself."""
KEPT_AGE: Final = 5.0
"""Seconds for which a relay holds records of a quiet connection."""
EXTENSIONS: Final = "sec-websocket-extensions"


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """What a `Kept` holds. `talk` is None for a connection that no preset knows."""

    assistant: str
    opened: Opened
    answered: Answered
    client: Bookmark
    server: Bookmark
    talk: TalkState | None


class _Record(NamedTuple):
    """A record that is not acknowledged: how far its bytes go on both sides."""

    seq: int
    client: int
    server: int
    size: int


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Snapshot)


class Open:
    """One open connection. `known`: turns that an observer before this one has committed."""

    def __init__(self, head: Head, reader: SocketReader | None, known: int, start: Snapshot | None) -> None:
        self.head = head
        self.talk = reader.socket(head.exchange, start.talk if start is not None else None) if reader is not None else None
        self.known = known
        self._reader = reader
        engineio = bool(self.talk is not None and self.talk.preset.socket and self.talk.preset.socket.engineio)
        extensions = head.exchange.response_headers.get(EXTENSIONS, "")
        marks = (start.client, start.server) if start is not None else (None, None)
        self._client = SocketSide(extensions, client=True, engineio=engineio, start=marks[0])
        self._server = SocketSide(extensions, client=False, engineio=engineio, start=marks[1])
        self._ends = [start.server.offset, start.client.offset] if start is not None else [0, 0]
        self._records: deque[_Record] = deque()
        self._size = 0
        self._since: float | None = None  # when the oldest record that is not acknowledged came
        self._cut = False
        self._ended = False

    @property
    def turns(self) -> int | None:
        """How many turns there were; None once the connection has ended."""
        if self._ended:
            return None
        return max(self.known, self.talk.state.count) if self.talk is not None else self.known

    @property
    def unread(self) -> bool:
        """Whether nothing more will be read of it."""
        return self.talk is None or self._cut

    def read(self, passed: Passed, now: float) -> Sequence[Event]:
        """Take what passed; `now` is on the caller's monotonic clock."""
        size = 0
        for segment in passed.segments:
            side = int(segment.request)
            self._ends[side] = max(self._ends[side], segment.offset + len(segment.data))
            size += len(segment.data)
        self._records += [_Record(seq, self._ends[1], self._ends[0], size) for seq in passed.seqs]
        self._size += size
        self._ended = passed.ending is not None
        self._since = now if self._since is None else self._since
        if self.talk is None or self._reader is None:
            return self._unread(passed)
        try:
            return self._turns(passed, self.talk, self._reader)
        except Exception:  # noqa: BLE001 - as in Understanding.read: one hostile payload must not end the observer
            self._reader.fault()
            self.talk = None
            return ()

    def _turns(self, passed: Passed, talk: Talk, reader: SocketReader) -> Sequence[Event]:
        events: list[Turn] = []
        for message, said in self._messages(passed, reader):
            events += talk.said(message) if said else talk.answered(message)
        if (self._client.cut or self._server.cut) and not self._cut:
            self._cut = True
            events += talk.lost(passed.segments[-1].times[-1] if passed.segments else 0.0)
        if passed.ending is not None:
            events += talk.ended(passed.ending.reason, passed.ending.after)
        return [event for event in events if int(event.id.rpartition(".")[2]) >= self.known]

    def _unread(self, passed: Passed) -> Sequence[Event]:
        if passed.ending is None or self._reader is None:
            return []
        exchange = self.head.exchange
        return [Skipped(id=exchange.id, assistant=exchange.assistant, at=exchange.at, reason="tunnel")]

    def _messages(self, passed: Passed, reader: SocketReader) -> list[tuple[Message, bool]]:
        """The messages that are now whole, in the order in which they passed, with whether the client sent them."""
        messages: list[tuple[Message, bool]] = []
        for segment in passed.segments:
            side = self._client if segment.request else self._server
            found = side.feed(segment.offset, segment.data, segment.timeline)
            messages += [(message, segment.request) for message in found]
            if side.gaps:
                reader.gaps(side.gaps)
                side.gaps.clear()
        if self._cut:
            return []  # one side alone says nothing
        messages.sort(key=lambda item: (item[0].after or 0.0, not item[1]))
        return messages

    def settled(self, now: float) -> tuple[list[int], bytes | None]:
        """The sequence numbers that may be acknowledged, and what the relay is to keep for them, None for nothing."""
        if self._ended:
            return [record.seq for record in self._records], None
        unread = self.unread
        if self._since is None or not (unread or self._size >= KEPT_BYTES or now - self._since >= KEPT_AGE):
            return [], None
        client, server = self._client.bookmark(), self._server.bookmark()
        done = []
        while self._records and (unread or _before(self._records[0], client, server)):
            record = self._records.popleft()
            self._size -= record.size
            done.append(record.seq)
        self._since = now if self._records else None
        if not done:
            return [], None
        head = self.head
        talk = self.talk.state if self.talk is not None else None
        snapshot = Snapshot(head.exchange.assistant, head.opened, head.answered, client, server, talk)
        return done, zlib.compress(_encoder.encode(snapshot), 1)


def _before(record: _Record, client: Bookmark, server: Bookmark) -> bool:
    return record.client <= client.offset and record.server <= server.offset


def resumed(relay: str, kept: Kept) -> tuple[Head, Snapshot] | None:
    """What another observer knew of a connection; None when another version of it did."""
    try:
        snapshot = _decoder.decode(zlib.decompress(kept.state))
    except (msgspec.MsgspecError, zlib.error):
        return None
    return Head(relay, kept.exchange, snapshot.assistant, snapshot.opened, snapshot.answered), snapshot


class Sockets:
    """The open connections of all relays."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], Open] = {}
        self._committed: dict[str, dict[int, int]] = {}  # by relay and exchange: turns committed before its last connection
        self._starts: dict[tuple[str, int], Snapshot] = {}

    def __len__(self) -> int:
        return len(self._open)

    def welcome(self, relay: str, committed: dict[int, int]) -> None:
        """A relay has connected; `committed` counts the turns that are kept of its open connections."""
        self._committed[relay] = committed

    def again(self, relay: str, exchange: int) -> bool:
        """Whether records of an exchange that are done are to be read once more: their connection was open."""
        return exchange in self._committed.get(relay, {})

    def resume(self, relay: str, kept: Kept) -> Head | None:
        """Take what an observer before knew; gives the connection's heads."""
        if not self.again(relay, kept.exchange) or (found := resumed(relay, kept)) is None:
            return None
        head, self._starts[relay, kept.exchange] = found
        return head

    def of(self, head: Head, reader: SocketReader | None) -> Open:
        """The connection with these heads."""
        key = head.relay, head.number
        if (found := self._open.get(key)) is None:
            known = self._committed.get(head.relay, {}).get(head.number, 0)
            found = self._open[key] = Open(head, reader, known, self._starts.pop(key, None))
        return found

    def ended(self, head: Head) -> None:
        """A connection has ended."""
        self._open.pop((head.relay, head.number), None)
        self._committed.get(head.relay, {}).pop(head.number, None)

    def all(self) -> list[Open]:
        """Every connection that is open: some have records that wait although nothing more has come."""
        return list(self._open.values())

    def forget(self, relay: str) -> None:
        """A relay's connection is gone; it will tell again what was not acknowledged."""
        self._committed.pop(relay, None)
        for key in [key for key in self._open if key[0] == relay]:
            del self._open[key]
        for key in [key for key in self._starts if key[0] == relay]:
            del self._starts[key]
