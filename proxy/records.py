"""The only words that relay and observer share: what a relay ships, and what the observer answers.

A connection carries *frames*: a 4-byte big-endian length and that many bytes of MessagePack, one list of messages.
The relay opens with `Hello`; the observer answers each commit with `Acks`. A record is kept by the relay until its
sequence number is acknowledged, and sent again after a reconnect; the observer acknowledges the records of an exchange
only when what it understood of them is committed, so nothing of an unfinished exchange is lost with an observer.

An upgraded connection may never end. Its records are acknowledged while it is open, together with a `Kept`: what the
observer would need to go on after them. The relay holds that for it, in memory as it holds the records, and gives it back
to the next observer.

The parts of a record hold no reference back to it, so the garbage collector need not look at the thousands in a ring.

Times: `at` is wall-clock Unix seconds; every `after` is seconds since the exchange opened, on a monotonic clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, Literal

import msgspec

FRAME_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of one frame. A relay's batches stay far below; a longer length means that the peer does not speak this protocol."""

EndReason = Literal[
    "complete",  # the response ended as its framing says
    "client_gone",  # the client left first
    "upstream_broken",  # the assistant closed or broke the framing mid-answer
    "upstream_unreachable",  # no connection, or closed before one byte of answer (502)
    "timeout",  # a limit on waiting for the assistant passed (504)
    "refused",  # the relay answered itself: bad framing, a limit, draining
    "drained",  # cut by the end of a drain
]


class Hello(msgspec.Struct, frozen=True, array_like=True, tag="hello"):
    """First message of a connection.

    `relay` is new for every start of a relay, so that sequence numbers may start at 1. `low` is the lowest sequence
    number the relay still holds: the observer forgets what it remembered below it. With `replay` the records are of the
    past (demo history, imports): their wall-clock times, not the present, drive the settling of sessions.
    """

    relay: str
    low: int = 1
    replay: bool = False


class Opened(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A request's head. Header names are lower case; only allowed headers are here, credentials never (see relay/curtain).

    The exception is a token that the observer is to verify: it is here whole, as `token:NAME`, where the settings ask for that.
    """

    at: float
    client: str  # address of the peer, without port; "" for a Unix socket
    method: str
    path: str  # of the target, without the query, as it came
    query: tuple[tuple[str, str], ...]  # only the parameters that presets name
    headers: tuple[tuple[str, str], ...]
    chunked: bool = False  # the request body's bytes include chunk framing


class Answered(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A final response's head. `own` when the relay itself answered."""

    after: float
    status: int
    headers: tuple[tuple[str, str], ...]
    chunked: bool = False  # the response body's bytes include chunk framing
    own: bool = False


class Segment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A run of body bytes of one side, as they passed, piece by piece: `times` has the `after` of each of them.

    `cuts` are the offsets in `data` at which one piece ends and the next begins, one fewer than times. Numbers side by side and
    no pairs of them: a relay makes tens of thousands a second, and each pair is one thing more for the garbage collector.
    """

    request: bool
    offset: int
    data: bytes
    times: tuple[float, ...]
    cuts: tuple[int, ...] = ()

    @property
    def timeline(self) -> tuple[tuple[int, float], ...]:
        """(End offset in the whole body, after) of each piece.

        The byte at offset `o` passed at the time of the first entry whose end offset is greater than `o`.
        """
        offset = self.offset
        ends = [offset + cut for cut in self.cuts]
        ends.append(offset + len(self.data))
        return tuple(zip(ends, self.times, strict=True))


def segment(request: bool, offset: int, pieces: Sequence[bytes], times: Iterable[float]) -> Segment:
    """Join pieces that passed one after the other, each with its `after`; there is at least one."""
    return Segment(request, offset, b"".join(pieces), tuple(times), tuple(accumulate(map(len, pieces[:-1]))))


class Ending(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The one end of an exchange. Sizes are bytes of the whole bodies, captured or not."""

    after: float
    reason: EndReason
    request_size: int
    response_size: int
    request_after: float  # when the last byte of the request body came in
    cut: bool = False  # some of the bodies is missing from the segments
    detail: str = ""  # for refused: head, framing, limit, draining ...


class Record(msgspec.Struct, frozen=True, array_like=True, tag="record", gc=False):
    """News of one exchange since its last record. A short exchange is one record with everything in it."""

    seq: int
    exchange: int
    assistant: str
    opened: Opened | None = None
    segments: tuple[Segment, ...] = ()
    answered: Answered | None = None
    ending: Ending | None = None


class Lost(msgspec.Struct, frozen=True, array_like=True, tag="lost", gc=False):
    """Exchanges of an assistant that the relay gave up, or their openings: no figure can have them, so they are counted.

    `at` is in the hour in which they began. Its number is acknowledged like a record's.
    """

    seq: int
    assistant: str
    at: float
    exchanges: int


class Counts(msgspec.Struct, frozen=True, array_like=True, tag="counts"):
    """A relay's own accounting, cumulative since its start: shipped once a second, never kept, the latest wins.

    `values` is keyed by metric name and label values, e.g. ("requests", "rh", "2xx"), ("errors", "rh", "timeout"),
    ("bytes", "rh", "in"), ("connections", "client" or "upstream", "opened" or "closed"), ("dropped", "body", "ring_full").
    `overhead` counts exchanges by bucket of OVERHEAD_BOUNDS (seconds spent in the relay), plus their sum in seconds.
    """

    values: dict[tuple[str, str, str], int]
    overhead: tuple[int, ...]
    overhead_sum: float
    pending: int  # records not yet acknowledged
    pending_bytes: int  # of them, and of each latest `Kept`
    level: int = 0  # index of LEVELS: the worst of the last minute


LEVELS: Final = ("full", "no_texts", "timings", "bytes")
"""How much of the captures a relay still keeps: everything; all but texts; no fields of heads either, so that times and sizes
remain; only the sums of `Counts`."""
OVERHEAD_BOUNDS: Final = (0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1.0)


class Kept(msgspec.Struct, frozen=True, array_like=True, tag="kept", gc=False):
    """What an observer knows of an open connection whose records up to here are acknowledged; only observers read `state`.

    The latest one of an exchange replaces the one before. After a reconnect the relay sends it ahead of all records.
    """

    exchange: int
    state: bytes


class Acks(msgspec.Struct, frozen=True, array_like=True, tag="acks"):
    """Sequence numbers that need not be kept any longer, as closed ranges.

    `kept` comes with ranges that hold records of open connections. `unread`: connections of which no more copies are wanted.
    """

    ranges: tuple[tuple[int, int], ...]
    kept: tuple[Kept, ...] = ()
    unread: tuple[int, ...] = ()


FromRelay = Hello | Record | Lost | Counts | Kept

_encoder = msgspec.msgpack.Encoder()
_from_relay = msgspec.msgpack.Decoder(list[FromRelay])
_from_observer = msgspec.msgpack.Decoder(list[Acks])


def frame(messages: Sequence[FromRelay | Acks]) -> bytes:
    """Encode one frame."""
    body = _encoder.encode(messages)
    return len(body).to_bytes(4, "big") + body


class FrameError(ValueError):
    """The peer does not speak this protocol, or another version of it."""


class FrameBuffer:
    """Cuts a byte stream into frames; raises `FrameError` when the stream can't be one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Add bytes; return the bodies of the frames that are now whole."""
        buffer = self._buffer
        buffer += data
        bodies = []
        start = 0
        while len(buffer) - start >= 4:
            size = int.from_bytes(buffer[start : start + 4], "big")
            if size > FRAME_LIMIT:
                raise FrameError(f"a frame of {size} bytes (limit {FRAME_LIMIT})")
            if len(buffer) - start - 4 < size:
                break
            bodies.append(bytes(buffer[start + 4 : start + 4 + size]))
            start += 4 + size
        if start:
            del buffer[:start]
        return bodies


def from_relay(body: bytes) -> list[FromRelay]:
    """Decode a frame's body on the observer's side; raises `FrameError`."""
    try:
        return _from_relay.decode(body)
    except msgspec.MsgspecError as error:
        raise FrameError(str(error)) from error


def from_observer(body: bytes) -> list[Acks]:
    """Decode a frame's body on the relay's side; raises `FrameError`."""
    try:
        return _from_observer.decode(body)
    except msgspec.MsgspecError as error:
        raise FrameError(str(error)) from error


def joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Closed ranges, sorted, with touching and overlapping ones merged."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)
