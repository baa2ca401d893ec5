"""The Unix socket on which relays ship their records."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, cast

from proxy.records import Acks, Counts, FrameBuffer, FrameError, Hello, Kept, Lost, Record, frame, from_relay, joined
from proxy.tasks import Tasks

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """What the intake hands its records to."""

    async def welcome(self, hello: Hello) -> Iterable[tuple[int, int]]:
        """A relay has connected; gives the ranges of its records that are done."""
        ...

    def record(self, hello: Hello, record: Record) -> None:
        """Take a record that is not done."""
        ...

    def lost(self, hello: Hello, lost: Lost) -> None:
        """Take what the relay says of exchanges that it gave up."""
        ...

    def kept(self, hello: Hello, kept: Kept) -> None:
        """Take what an observer knew of an open connection; comes before its records."""
        ...

    def again(self, hello: Hello, record: Record) -> bool:
        """Whether a record that is done is to be read once more."""
        ...

    def counts(self, relay: str, counts: Counts) -> None:
        """Take a relay's accounting."""
        ...

    def gone(self, hello: Hello) -> None:
        """A relay's connection is gone."""
        ...


class Connection(asyncio.Protocol):
    """One relay's connection."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._frames = FrameBuffer()
        self._transport = cast("asyncio.Transport", None)
        self._hello: Hello | None = None
        self._early: list[bytes] | None = None  # frames that came while the relay was being welcomed
        self._done: tuple[tuple[int, int], ...] = ()
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: a relay has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self._intake.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the relay is gone."""
        self._intake.connections.discard(self)
        if self._hello is not None:
            if self._intake.by_relay.get(self._hello.relay) is self:
                del self._intake.by_relay[self._hello.relay]
            self._intake.receiver.gone(self._hello)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes of the relay."""
        try:
            for body in self._frames.feed(data):
                if self._early is not None:
                    self._early.append(body)
                else:
                    self._messages(body)
        except FrameError as error:
            log.error("a relay's records can't be read, disconnected: %s", error)  # noqa: TRY400 - no traceback wanted
            self._transport.abort()

    def _messages(self, body: bytes) -> None:
        for message in from_relay(body):
            match message:
                case Hello():
                    self._hello = message
                    self._early = []
                    self._intake.by_relay[message.relay] = self
                    self._intake.tasks.start(self._welcome(message), "welcome")
                case Record():
                    if self._hello is None:
                        raise FrameError("a record before the greeting")
                    if self._is_done(message.seq) and not self._intake.receiver.again(self._hello, message):
                        self.acknowledge(Acks(((message.seq, message.seq),)))
                    else:
                        self._intake.receiver.record(self._hello, message)
                case Lost():
                    if self._hello is None:
                        raise FrameError("a record before the greeting")
                    if self._is_done(message.seq):
                        self.acknowledge(Acks(((message.seq, message.seq),)))
                    else:
                        self._intake.receiver.lost(self._hello, message)
                case Kept():
                    if self._hello is not None:
                        self._intake.receiver.kept(self._hello, message)
                case Counts():
                    if self._hello is not None:
                        self._intake.receiver.counts(self._hello.relay, message)

    def _is_done(self, seq: int) -> bool:
        return bool(self._done) and any(low <= seq <= high for low, high in self._done)

    async def _welcome(self, hello: Hello) -> None:
        self._done = joined(await self._intake.receiver.welcome(hello))
        early, self._early = self._early or [], None
        for body in early:
            try:
                self._messages(body)
            except FrameError as error:
                log.error("a relay's records can't be read, disconnected: %s", error)  # noqa: TRY400 - no traceback wanted
                self._transport.abort()

    def acknowledge(self, acks: Acks) -> None:
        """Tell the relay what it need not keep."""
        if not self._transport.is_closing():
            self._transport.write(frame([acks]))

    def pause(self, *, busy: bool) -> None:
        """Stop or go on reading: behind it the relay's ring fills, and no client waits."""
        if busy != self.busy and not self._transport.is_closing():
            self.busy = busy
            self._transport.pause_reading() if busy else self._transport.resume_reading()


class Intake:
    """The listening socket with its connections."""

    def __init__(self, path: Path, receiver: Receiver) -> None:
        self._path = path
        self._server: asyncio.Server | None = None
        self.receiver = receiver
        self.tasks = Tasks()
        self.connections: set[Connection] = set()
        self.by_relay: dict[str, Connection] = {}

    async def start(self) -> None:
        """Listen; a socket file that an observer before left behind is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: Connection(self), str(self._path))
        os.chmod(self._path, 0o600)  # noqa: PTH101 - a socket's mode

    def acknowledge(self, done: Mapping[str, Acks]) -> None:
        """Tell each relay what is committed."""
        for relay, acks in done.items():
            if (connection := self.by_relay.get(relay)) is not None:
                connection.acknowledge(acks)

    def pause(self, *, busy: bool) -> None:
        """Stop or go on reading from all relays."""
        for connection in self.connections:
            connection.pause(busy=busy)

    async def stop(self) -> None:
        """Close everything; relays keep what was not acknowledged."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.pause(busy=False)
            connection._transport.close()  # noqa: SLF001 - its own room
        await self.tasks.stop()
        self._path.unlink(missing_ok=True)
