"""Ships records to the observer, and never waits for it.

Records stay in a ring until the observer acknowledges their sequence numbers; after a reconnect everything that is still
there is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final, cast

from proxy.records import (
    Answered,
    Counts,
    Ending,
    FrameBuffer,
    FrameError,
    FromRelay,
    Hello,
    Opened,
    Record,
    Segment,
    frame,
    from_observer,
)
from proxy.relay.counters import Counters
from proxy.relay.ring import Ring
from proxy.settings.model import Capture as Limits

log = logging.getLogger(__name__)

LINGER: Final = 0.01
"""Seconds that a record waits for others, so that a busy relay writes a hundred frames a second and not thousands."""
LINGER_BYTES: Final = 64 * 1024
"""Bytes that wait so long: encoding and writing more at once would make a request wait for it."""
BATCH_BYTES: Final = 1024 * 1024
"""Body bytes of one frame, far below FRAME_LIMIT."""
LOOK: Final = 3.0
"""Seconds between two looks at what is left at the end, each of which is told."""
RETRY: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between attempts to reach the observer; the last one repeats."""


class Shipper(asyncio.Protocol):
    """The relay's side of the connection to the observer; one for the life of the relay."""

    def __init__(self, relay: str, path: str, limits: Limits, counters: Counters) -> None:
        self._relay = relay
        self._path = path
        self.ring = Ring(limits, counters, monotonic)
        self._seq = 0  # of the last record
        self._unread: set[int] = set()  # open connections that the observer does not read
        self._next = 1  # the first record that this connection has not been given
        self._timer: asyncio.Handle | None = None
        self._gathered = 0  # bytes since the last flush
        self._hurried = False
        self._transport: asyncio.Transport | None = None
        self._frames = FrameBuffer()
        self._full = False  # the socket's buffer
        self._lost = asyncio.Event()
        self._empty = asyncio.Event()

    # -- records --------------------------------------------------------------------------------------------------

    def ship(
        self,
        exchange: int,
        assistant: str,
        opened: Opened | None,
        segments: tuple[Segment, ...],
        answered: Answered | None,
        ending: Ending | None,
    ) -> bool:
        """Take a record; the signature is that of Capture's `ship`. Says whether more of this exchange's bytes are wanted."""
        self._seq = seq = self._seq + 1
        size = self.ring.add(Record(seq, exchange, assistant, opened, segments, answered, ending))
        wanted = exchange not in self._unread
        if ending is not None:
            self._unread.discard(exchange)
        if self._transport is None:
            return wanted
        self._gathered += size
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LINGER, self._flush)
        elif self._gathered >= LINGER_BYTES and not self._hurried:
            self._hurried = True
            self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_soon(self._flush)
        return wanted

    # -- the connection -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a connection to the observer, for ever."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            try:
                await loop.create_unix_connection(lambda: self, self._path)
            except OSError:
                await asyncio.sleep(RETRY[min(attempt, len(RETRY) - 1)])
                attempt += 1
                continue
            attempt = 0
            await self._lost.wait()
            await asyncio.sleep(RETRY[0])  # an observer that ends at once must not be met in a tight loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who this relay is, and send again what was never acknowledged."""
        self._lost.clear()
        self._transport = typed = cast("asyncio.Transport", transport)
        self._frames = FrameBuffer()
        self._full = False
        self._next = self.ring.first
        typed.write(frame([Hello(self._relay, self._next)]))
        for kept in self.ring.kept:
            typed.write(frame([kept]))
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Go back to trying."""
        self._transport = None
        self.ring.disconnected()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._lost.set()

    def pause_writing(self) -> None:
        """The observer reads slower than the relay ships: the ring holds the rest."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on from where the ring was left."""
        self._full = False
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take acknowledgements."""
        try:
            for body in self._frames.feed(data):
                for acks in from_observer(body):
                    self.ring.acknowledged(acks.ranges)
                    self._unread.update(acks.unread)
                    for kept in acks.kept:
                        self.ring.keep(kept)
                    self._tell()
                    if not self.ring:
                        self._empty.set()
        except FrameError as error:
            log.error("the observer's answer can't be read, reconnecting: %s", error)  # noqa: TRY400 - no traceback wanted
            if self._transport is not None:
                self._transport.abort()

    def _flush(self) -> None:
        self._timer = None
        self._gathered = 0
        self._hurried = False
        transport = self._transport
        self._next = max(self._next, self.ring.first)  # a full ring may have dropped what was next
        while transport is not None and self._next <= self._seq and not self._full:
            batch: list[FromRelay] = []
            size = 0
            while self._next <= self._seq and size < BATCH_BYTES:
                kept = self.ring.get(self._next)
                self._next += 1
                if kept is not None:
                    batch.append(kept[0])
                    size += kept[1]
            if batch:
                transport.write(frame(batch))
        if transport is not None:
            self.ring.handed = self._next

    def _tell(self) -> None:
        """Tell an observer that is at work what was given up for want of room."""
        if self.ring.losses and self._transport is not None:
            for lost in self.ring.losses.take(self._seq):
                self._seq = lost.seq
                self.ring.tell(lost)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(LINGER, self._flush)

    def send_counts(self, make: Callable[[], Counts]) -> None:
        """Ship the relay's own accounting when the observer is there to take it."""
        if self._transport is not None and not self._full:
            self._transport.write(frame([make()]))

    async def drained(self, patience: float, end: float) -> bool:
        """Wait until everything is acknowledged: `patience` seconds, and while acknowledgements come until `end` (monotonic)."""
        self._empty.clear()
        held, since = 0, monotonic()
        while self.ring and (now := monotonic()) < min(end, since + patience):
            if held:
                log.info("%d records wait for the observer, for %.0f s at most", len(self.ring), end - now)
            held = len(self.ring)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK, patience, end - now)):
                    await self._empty.wait()
                    break  # or somebody is in a hurry
            if len(self.ring) != held:
                since = monotonic()
        return not self.ring

    def give_up(self) -> int:
        """Keep nothing that the observer was not handed, and tell it how much that is; gives the number of records."""
        before = len(self.ring)
        self.ring.give_up()
        given_up = before - len(self.ring)
        self._tell()
        self._flush()
        return given_up

    def hurry(self) -> None:
        """Wait no longer for acknowledgements."""
        self._empty.set()
