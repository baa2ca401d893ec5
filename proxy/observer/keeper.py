"""From the outbox to the store: apply what waits, settle what is due, and tell who listens what changed.

With the store away the outbox grows and nothing is lost; when it is back the keeper goes on where it was. What was applied stays
in the outbox for another HOLD seconds: a store that lost its last writes is told them again, and counts once what it still has.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Container, Sequence
from typing import Final, Protocol

from proxy.kpi.changes import Change
from proxy.kpi.events import Event
from proxy.store.abreast import WentBackError

log = logging.getLogger(__name__)

CADENCE: Final = 0.5
"""Seconds between looks into the outbox in quiet times."""
BUSY: Final = 1.0
"""Seconds between commits that follow each other: figures follow the traffic within two, for two round trips a second."""
SETTLE: Final = 1.0
"""Seconds between two looks for what is due."""
BATCH: Final = 1000
"""Events of one commit: some ten milliseconds of the store's time."""
SETTLE_BATCH: Final = 1000
HOLD: Final = 60.0
"""Seconds for which the outbox keeps what the store has: a Redis that died lost up to one, a fail-over up to the half minute for
which Sentinel waits by default before it holds a master for dead."""
CHECK: Final = 5.0
"""Seconds between two looks whether the store still has what it had."""
BACKOFF: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


class Outbox(Protocol):
    """The waiting events, in order."""

    since: float | None
    """The Unix second from which on the first of the last `pending` waits."""

    def pending(self, limit: int) -> Sequence[tuple[int, Event]]:
        """Give the first ones."""
        ...

    def applied(self, upto: int) -> object:
        """Note that those up to this id are in the store."""
        ...

    def forget(self, upto: int) -> object:
        """Drop those up to this id."""
        ...

    def rewind(self) -> object:
        """Give all that were not dropped once more."""
        ...

    def discard(self, numbers: Sequence[int]) -> object:
        """Give up events that nobody can count."""
        ...


class Applier(Protocol):
    """Writes events to the store, each once."""

    async def apply(self, batch: Sequence[tuple[int, Event]]) -> Sequence[Change]:
        """Apply a batch; gives what changed by this call."""
        ...

    async def check(self) -> None:
        """Raise what `apply` raises when the store no longer has what it had."""
        ...


class Settler(Protocol):
    """Gives due sessions their outcome."""

    async def settle(self, now: float, limit: int) -> Sequence[Change]:
        """Settle what is due at `now`."""
        ...


class Fleet(Protocol):
    """All observers of the store."""

    async def agree(self, told: float, now: float) -> float:
        """Say up to when (Unix seconds) everything was told from here; gives up to when it was from everywhere."""
        ...

    async def leave(self) -> None:
        """Nothing more comes from here."""
        ...


class Keeper:
    """The observer's back half.

    `earliest` is the Unix second before which no news is on its way, `ready` says whether what the relays held at the start has
    come. `away` are the exceptions that say that the store can't be reached, `unwritable` those of the outbox on a full or
    failing disk: what was applied is then applied again, to no effect.

    `clock` gives Unix seconds, `monotonic` seconds that are never set back; `assistants` are those of the settings.
    """

    def __init__(
        self,
        outbox: Outbox,
        applier: Applier,
        settler: Settler,
        fleet: Fleet,
        *,
        executor: Callable[..., asyncio.Future[object]],
        changed: Callable[[Sequence[Change]], None],
        assistants: Container[str],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        earliest: Callable[[], float | None],
        ready: Callable[[], bool],
        away: tuple[type[Exception], ...],
        unwritable: tuple[type[Exception], ...],
    ) -> None:
        self._outbox = outbox
        self._applier = applier
        self._settler = settler
        self._fleet = fleet
        self._in_thread = executor
        self._changed = changed
        self._assistants = assistants
        self._clock = clock
        self._monotonic = monotonic
        self._earliest = earliest
        self._ready = ready
        self._away = away
        self._unwritable = unwritable
        self._since: float | None = None  # Unix second from which on the first event waits
        self._held: deque[tuple[float, int]] = deque()  # from when on what up to an id may be forgotten
        self._more = False  # behind the batch in work
        self._committed = False  # something, in the last step
        self._looked = float("-inf")  # for what is due
        self._checked = 0.0
        self._announced = 0  # the highest id whose changes were told
        self.store_up = True

    @property
    def lag(self) -> float:
        """Seconds for which the first waiting event is over; one of the past, that a replay tells, waits since it was told."""
        return max(0.0, self._clock() - self._since) if self._since is not None else 0.0

    async def run(self) -> None:
        """Apply and settle, for ever."""
        failures, rewound = 0, False
        while True:
            try:
                if not rewound:  # what an observer before this one applied may be lost by now; the mark says what is new
                    await self._in_thread(self._outbox.rewind)
                    rewound = True
                more = await self.step()
            except (*self._away, *self._unwritable) as error:
                self._failed(error, first=not failures)
                await asyncio.sleep(BACKOFF[min(failures, len(BACKOFF) - 1)])
                failures += 1
                continue
            if failures:
                log.info("the store is back")
            self.store_up = True
            failures = 0
            if not more:
                await asyncio.sleep(BUSY if self._committed else CADENCE)

    def _failed(self, error: Exception, *, first: bool) -> None:
        self.store_up = not isinstance(error, self._away)
        if first and self.store_up:
            log.error("the outbox can't be written, trying again: %s", error)
        elif first:
            log.error("the store can't be reached, figures wait in the outbox: %s", error)

    async def step(self) -> bool:
        """One commit, and one settling where it is time; says whether more waits."""
        now, news = self._clock(), self._earliest()  # before the outbox is read, which has all that is older
        try:
            batch = await self._waiting()
            self._committed = bool(batch)
            if batch:
                await self._apply(batch)
            await self._forget()
        except WentBackError as error:
            log.error("%s; what the outbox still has is told again", error)  # noqa: TRY400 - no traceback wanted
            self._held.clear()
            await self._in_thread(self._outbox.rewind)
            return True
        full = self._more
        if not full:
            self._since = None
        if full or not self._ready() or self._monotonic() < self._looked + SETTLE:
            return full
        # No session may settle while its next turn is on the way, here or on another host.
        told = await self._fleet.agree(now if news is None else min(now, news), now)
        settled = await self._settler.settle(told, SETTLE_BATCH)
        self._changed(settled)
        if len(settled) >= SETTLE_BATCH:
            return True
        self._looked = self._monotonic()
        return False

    async def _apply(self, batch: Sequence[tuple[int, Event]]) -> None:
        known = [(number, event) for number, event in batch if event.assistant in self._assistants]
        if len(known) < len(batch):
            strange = [number for number, event in batch if event.assistant not in self._assistants]
            log.warning("%d events are dropped: the settings do not name their assistants", len(strange))
            await self._in_thread(self._outbox.discard, strange)
        last = batch[-1][0]
        changes = await self._applier.apply(known)
        if last > self._announced:  # told again is not new
            self._announced = last
            self._changed(changes)
        await self._in_thread(self._outbox.applied, last)
        self._held.append((self._monotonic() + HOLD, last))

    async def _forget(self) -> None:
        """See from time to time that the store still has it all, and forget what it has had for HOLD seconds."""
        now = self._monotonic()
        if not self._held or now < self._checked + CHECK:
            return
        await self._applier.check()
        self._checked = now
        upto = 0
        while self._held and self._held[0][0] <= now:
            upto = self._held.popleft()[1]
        if upto:
            await self._in_thread(self._outbox.forget, upto)

    async def _waiting(self) -> Sequence[tuple[int, Event]]:
        batch = await self._in_thread(self._outbox.pending, BATCH)
        if not isinstance(batch, Sequence):
            return ()
        self._more = len(batch) == BATCH
        if batch and batch[0][0] <= self._announced < batch[-1][0]:  # changes are told for all of a commit or none of it
            batch = [item for item in batch if item[0] <= self._announced]
            self._more = True
        self._since = self._outbox.since if batch else None
        return batch

    async def finish(self, limit: float) -> None:
        """Apply what waits, as far as it goes within `limit` seconds; the rest stays in the outbox for the next start."""
        try:
            async with asyncio.timeout(limit):
                while await self.step():
                    pass
                await self._fleet.leave()
        except TimeoutError:
            log.warning("the store was not told everything in time; the rest is in the outbox and comes at the next start")
        except (*self._away, *self._unwritable) as error:
            log.warning("the store can't be reached; what waits is in the outbox and comes at the next start: %s", error)
