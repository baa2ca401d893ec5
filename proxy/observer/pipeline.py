"""From records to the outbox: assemble, understand, commit, acknowledge.

Understanding runs on the event loop in short slices, commits run in the outbox's own thread (proxy.observer.commits). What
waits here is bounded: past QUEUE_LIMIT the intake stops reading, the relays' rings fill, and no client waits for anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final, assert_never

import msgspec

from proxy.kpi.events import Event, Skipped
from proxy.observer.assembly import Assembled, Assembly, Missed, Passed
from proxy.observer.commits import Commits, over
from proxy.observer.readers import Reader, SocketReader
from proxy.observer.receipts import Receipts
from proxy.observer.sockets import Open, Sockets
from proxy.observer.suspects import Suspects
from proxy.records import Acks, Counts, Hello, Kept, Lost, Opened, Record
from proxy.wire.exchange import Exchange

QUEUE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of whole exchanges that wait to be understood: a third of a second's work, three commits. More is of no use, the relays
hold it anyway."""
SLICE: Final = 0.02
"""Seconds of understanding at a stretch, so that the console's pages stay quick."""
STRETCH: Final = 0.1
"""Seconds of understanding between two commits while more waits: nothing is understood during a flush to disk."""
BATCH: Final = 1000
"""Exchanges of one commit at most."""
PACE: Final = 0.05
"""Seconds between commits while little waits: each costs a flush to disk, and nobody waits for the acknowledgement."""
TIDY: Final = 1.0
"""Seconds between looks at the open connections of which nothing new has come."""


class Pipeline:
    """The observer's front half."""

    def __init__(self, readers: Mapping[str, Reader], commits: Commits, suspects: Suspects) -> None:
        self._readers = readers
        self._commits = commits
        self._suspects = suspects
        self._queue: deque[Assembled | Passed | Missed] = deque()
        self._queued = 0  # bytes of the queue
        self._unsettled: Counter[str] = Counter()  # by relay: exchanges that are whole and not committed
        self._news = asyncio.Event()
        self._progress = asyncio.Condition()
        self._working: float | None = None  # `earliest` of what is being committed
        self._waited: float | None = None  # `since` of what is being committed
        self._replays: dict[str, float] = {}  # by relay: time of its last record
        self._past: set[str] = set()  # relays that replay, until what they sent is committed
        self._left: set[str] = set()  # relays whose connection is gone, with records that wait to be understood
        self._tidied = monotonic()
        self.assembly = Assembly()
        self.sockets = Sockets()
        self.pause: Callable[[bool], None] = lambda _: None
        self.tap: Callable[[Exchange], None] = lambda _: None
        self.see: Callable[[Exchange, Sequence[Event]], None] = lambda _, _events: None
        self.admit: Callable[[str, Opened], Opened] = lambda _, opened: opened  # gives a head without the token it came with
        self.acknowledge: Callable[[Mapping[str, Acks]], None] = lambda _: None
        self.relays: dict[str, Counts] = {}  # of the relays that are connected
        self.unreadable: Counter[str] = Counter()  # exchanges lost to the figures, by reason

    # -- the intake's side ----------------------------------------------------------------------------------------

    async def welcome(self, hello: Hello) -> Iterable[tuple[int, int]]:
        """A relay has connected. What it sent over a connection before is committed first, so that it comes once."""
        async with self._progress:
            await self._progress.wait_for(lambda: not self._unsettled[hello.relay])
        self._leave(hello.relay)
        self._commits.low[hello.relay] = hello.low
        if hello.replay:
            self._replays[hello.relay] = 0.0
            self._past.add(hello.relay)
        self.sockets.welcome(hello.relay, dict(await self._commits.sockets(hello.relay)))
        return await self._commits.done(hello.relay)

    def kept(self, hello: Hello, kept: Kept) -> None:
        """Take what an observer knew of an open connection."""
        if (head := self.sockets.resume(hello.relay, kept)) is not None:
            self.assembly.resume(head)

    def again(self, hello: Hello, record: Record) -> bool:
        """Whether a record that is done is to be read once more: for the state of an open connection."""
        return self.sockets.again(hello.relay, record.exchange)

    def record(self, hello: Hello, record: Record) -> None:
        """Take a record."""
        if record.opened is not None:
            if (opened := self.admit(record.assistant, record.opened)) is not record.opened:
                record = msgspec.structs.replace(record, opened=opened)
            if hello.replay:
                self._replays[hello.relay] = opened.at
        assembled = self.assembly.feed(hello.relay, record)
        if assembled is not None:
            self._wait(assembled)

    def lost(self, hello: Hello, lost: Lost) -> None:
        """Take what a relay says of exchanges that it gave up."""
        self._wait(Missed(hello.relay, lost))

    def _wait(self, item: Assembled | Passed | Missed) -> None:
        self._queue.append(item)
        self._queued += item.size
        self._unsettled[item.relay] += 1
        self._news.set()
        if self._queued > QUEUE_LIMIT:
            self.pause(True)

    def counts(self, relay: str, counts: Counts) -> None:
        """Take a relay's accounting."""
        self.relays[relay] = counts

    def gone(self, hello: Hello) -> None:
        """A relay's connection is gone; its unfinished exchanges come again, or never end."""
        self.assembly.forget(hello.relay)
        if self._unsettled[hello.relay]:
            self._left.add(hello.relay)
        else:
            self._leave(hello.relay)
        self.relays.pop(hello.relay, None)
        self._replays.pop(hello.relay, None)

    def _leave(self, relay: str) -> None:
        """Forget the open connections of a relay; not before what has come of them is understood."""
        self._left.discard(relay)
        self._past.discard(relay)
        self.sockets.forget(relay)

    @property
    def earliest(self) -> float | None:
        """Unix seconds before which nothing more is on its way from here; None: nothing old is."""
        waiting = (item.at for item in self._queue if isinstance(item, Assembled))
        first = next((at for at in waiting if at is not None), None)
        times = [at for at in (self._working, first) if at is not None]
        times += self._replays.values()
        return min(times, default=None)

    @property
    def since(self) -> float | None:
        """Unix seconds since which the first exchange that waits here is over, None without one; a replay's does not wait."""
        if self._waited is not None:
            return self._waited
        whole = (item for item in self._queue if isinstance(item, Assembled) and item.relay not in self._past)
        return next((over for item in whole if (over := item.over) is not None), None)

    # -- the work -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Understand and commit, for ever."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TIDY):
                    await self._news.wait()
                await asyncio.sleep(PACE)
            self._news.clear()
            while self._queue:
                await self._step()
            if monotonic() - self._tidied >= TIDY and len(self.sockets):
                await self._tidy()

    async def drained(self) -> None:
        """Wait until everything that has come whole is committed."""
        async with self._progress:
            await self._progress.wait_for(lambda: not self._unsettled.total())

    async def _step(self) -> None:
        events: list[Event] = []
        receipts = Receipts()
        touched: dict[int, Open] = {}
        taken: Counter[str] = Counter()
        count = 0
        since: float | None = None
        start = monotonic()
        self._working, self._waited = self.earliest, self.since
        while self._queue and count < BATCH and (now := monotonic()) < start + STRETCH:
            while self._queue and count < BATCH and monotonic() < now + SLICE:
                item = self._queue.popleft()
                self._queued -= item.size
                taken[item.relay] += 1
                count += 1
                match item:
                    case Assembled():
                        found: Sequence[Event] = self._understand(item)
                        receipts.add(item.relay, item.seqs)
                    case Passed():
                        opened = self.sockets.of(item.head, self._socket_reader(item))
                        found = opened.read(item, start)
                        touched[id(opened)] = opened
                        if item.ending is not None:
                            self.sockets.ended(item.head)
                    case Missed():
                        found = ()
                        events.append(item.event)  # of the past, and nothing waits for it
                        receipts.add(item.relay, (item.lost.seq,))
                    case _:
                        assert_never(item)
                events += found
                if found and item.relay not in self._past:
                    since = min([over(event) for event in found] + ([since] if since is not None else []))
            self._suspects.rest()
            await asyncio.sleep(0)
        for opened in touched.values():
            receipts.settle(opened, start)
        await self._settle(events, receipts, since)
        self._working = self._waited = None
        async with self._progress:
            self._unsettled -= taken
            for relay in [relay for relay in self._left if not self._unsettled[relay]]:
                self._leave(relay)
            self._progress.notify_all()
        if self._queued < QUEUE_LIMIT // 2:
            self.pause(False)

    async def _tidy(self) -> None:
        """Acknowledge what waits of connections of which nothing new has come."""
        self._tidied = now = monotonic()
        receipts = Receipts()
        for opened in self.sockets.all():
            receipts.settle(opened, now)
        await self._settle([], receipts, None)

    async def _settle(self, events: Sequence[Event], receipts: Receipts, since: float | None) -> None:
        ranges = receipts.close()
        if not (events or ranges or receipts.sockets):
            return
        await self._commits.commit(events, ranges, receipts.sockets, since)
        self.acknowledge(receipts.acks)

    def _socket_reader(self, item: Passed) -> SocketReader | None:
        exchange = item.head.exchange
        reader = self._readers.get(exchange.assistant)
        if reader is None or exchange.id in self._suspects:
            if item.ending is not None:
                self.unreadable["assistant_gone" if reader is None else "set_aside"] += 1
            return None
        self._suspects.work(exchange.id)
        return reader

    def _understand(self, item: Assembled) -> tuple[Event, ...]:
        exchange = item.exchange()
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
        self.tap(exchange)
        self._suspects.work(exchange.id)
        events = reader.read(exchange)
        self.see(exchange, events)
        return events
