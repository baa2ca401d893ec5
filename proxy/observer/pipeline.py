"""From records to the outbox: assemble, understand, commit, acknowledge.

Understanding runs on the event loop in short slices, commits run in the outbox's own thread. What waits here is bounded:
past QUEUE_LIMIT the intake stops reading, the relays' rings fill, and no client waits for anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Final, Protocol

from proxy.kpi.events import Event, Skipped
from proxy.observer.assembly import Assembled, Assembly
from proxy.observer.suspects import Suspects
from proxy.records import Counts, Hello, Record, joined
from proxy.wire.exchange import Exchange

log = logging.getLogger(__name__)

QUEUE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of whole exchanges that wait to be understood: seconds of work, and the size of one relay's ring."""
SLICE: Final = 0.02
"""Seconds of understanding at a stretch, so that the console's pages stay quick."""
BATCH: Final = 1000
"""Exchanges of one commit at most."""
PACE: Final = 0.05
"""Seconds between commits while little waits: each costs a flush to disk, and nobody waits for the acknowledgement."""


class Reader(Protocol):
    """Understands the exchanges of one assistant; never raises."""

    def read(self, exchange: Exchange) -> tuple[Event, ...]:
        """Give the turns and ratings of an exchange, or why it has none."""
        ...


class Outbox(Protocol):
    """Keeps events and the records they came from, in one transaction."""

    def commit(self, events: Sequence[Event], done: Mapping[str, Sequence[tuple[int, int]]], low: Mapping[str, int]) -> object:
        """Keep events, and mark records as understood."""
        ...

    def done(self, relay: str) -> Sequence[tuple[int, int]]:
        """Give the ranges of a relay's records that are understood."""
        ...


class Pipeline:
    """The observer's front half.

    `executor` runs a function in the outbox's thread; `unwritable` is what a full or failing disk makes a commit raise.
    """

    def __init__(
        self,
        readers: Mapping[str, Reader],
        outbox: Outbox,
        suspects: Suspects,
        executor: Callable[..., asyncio.Future[object]],
        unwritable: tuple[type[Exception], ...],
    ) -> None:
        self._unwritable = unwritable
        self._readers = readers
        self._outbox = outbox
        self._suspects = suspects
        self._in_thread = executor
        self._queue: deque[Assembled] = deque()
        self._queued = 0  # bytes of the queue
        self._low: dict[str, int] = {}
        self._unsettled: Counter[str] = Counter()  # by relay: exchanges that are whole and not committed
        self._news = asyncio.Event()
        self._progress = asyncio.Condition()
        self._replays: dict[str, float] = {}  # by relay: time of its last record
        self.assembly = Assembly()
        self.pause: Callable[[bool], None] = lambda _: None
        self.acknowledge: Callable[[dict[str, list[tuple[int, int]]]], None] = lambda _: None
        self.relays: dict[str, Counts] = {}  # of the relays that are connected
        self.unreadable: Counter[str] = Counter()  # exchanges lost to the figures, by reason

    # -- the intake's side ----------------------------------------------------------------------------------------

    async def welcome(self, hello: Hello) -> Iterable[tuple[int, int]]:
        """A relay has connected. What it sent over a connection before is committed first, so that it comes once."""
        async with self._progress:
            await self._progress.wait_for(lambda: not self._unsettled[hello.relay])
        self._low[hello.relay] = hello.low
        if hello.replay:
            self._replays[hello.relay] = 0.0
        done = await self._in_thread(self._outbox.done, hello.relay)
        return done if isinstance(done, Sequence) else ()

    def record(self, hello: Hello, record: Record) -> None:
        """Take a record."""
        if hello.replay and record.opened is not None:
            self._replays[hello.relay] = record.opened.at
        assembled = self.assembly.feed(hello.relay, record)
        if assembled is None:
            return
        self._queue.append(assembled)
        self._queued += _size(assembled)
        self._unsettled[assembled.relay] += 1
        self._news.set()
        if self._queued > QUEUE_LIMIT:
            self.pause(True)

    def counts(self, relay: str, counts: Counts) -> None:
        """Take a relay's accounting."""
        self.relays[relay] = counts

    def gone(self, hello: Hello) -> None:
        """A relay's connection is gone; its unfinished exchanges come again, or never end."""
        self.assembly.forget(hello.relay)
        self.relays.pop(hello.relay, None)
        self._replays.pop(hello.relay, None)

    @property
    def earliest(self) -> float | None:
        """Unix seconds before which nothing more is on its way from here; None: nothing old is."""
        times = [item.exchange.at for item in self._queue if item.exchange is not None][:1]
        times += self._replays.values()
        return min(times, default=None)

    # -- the work -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Understand and commit, for ever."""
        while True:
            await self._news.wait()
            await asyncio.sleep(PACE)
            self._news.clear()
            while self._queue:
                await self._step()

    async def drained(self) -> None:
        """Wait until everything that has come whole is committed."""
        async with self._progress:
            await self._progress.wait_for(lambda: not self._unsettled.total())

    async def _step(self) -> None:
        events: list[Event] = []
        done: dict[str, list[tuple[int, int]]] = {}
        taken: Counter[str] = Counter()
        count = 0
        end = monotonic() + SLICE
        while self._queue and count < BATCH and monotonic() < end:
            item = self._queue.popleft()
            self._queued -= _size(item)
            events += self._understand(item)
            done.setdefault(item.relay, []).extend((seq, seq) for seq in item.seqs)
            taken[item.relay] += 1
            count += 1
        self._suspects.rest()
        ranges = {relay: list(joined(pairs)) for relay, pairs in done.items()}
        await self._commit(events, ranges)
        self.acknowledge(ranges)
        async with self._progress:
            self._unsettled -= taken
            self._progress.notify_all()
        if self._queued < QUEUE_LIMIT // 2:
            self.pause(False)

    def _understand(self, item: Assembled) -> tuple[Event, ...]:
        exchange = item.exchange
        if exchange is None:
            self.unreadable["headless"] += 1
            return ()
        reader = self._readers.get(exchange.assistant)
        if reader is None:
            self.unreadable["assistant_gone"] += 1
            return ()
        if exchange.id in self._suspects:
            self.unreadable["set_aside"] += 1
            return (Skipped(id=exchange.id, assistant=exchange.assistant, at=exchange.at, reason="set_aside"),)
        self._suspects.work(exchange.id)
        return reader.read(exchange)

    async def _commit(self, events: Sequence[Event], done: Mapping[str, Sequence[tuple[int, int]]]) -> None:
        """Commit, however long it takes: a full disk is waited for, the relays keep the rest."""
        delay = 0.1
        while True:
            try:
                await self._in_thread(self._outbox.commit, events, done, dict(self._low))
            except self._unwritable as error:
                log.error("the outbox can't be written, trying again in %.1f s: %s", delay, error)  # noqa: TRY400
                await asyncio.sleep(delay)
                delay = min(delay * 2, 10.0)
            else:
                return


def _size(item: Assembled) -> int:
    exchange = item.exchange
    return 500 + (len(exchange.request.data) + len(exchange.response.data) if exchange is not None else 0)
