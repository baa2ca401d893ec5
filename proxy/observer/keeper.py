"""From the outbox to the store: apply what waits, settle what is due, and tell who listens what changed.

With the store away the outbox grows and nothing is lost; when it is back the keeper goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from proxy.kpi.changes import Change
from proxy.kpi.events import Event

log = logging.getLogger(__name__)

CADENCE: Final = 0.5
"""Seconds between commits in quiet times: figures follow the traffic within two."""
BATCH: Final = 1000
"""Events of one commit: some ten milliseconds of the store's time."""
SETTLE_BATCH: Final = 1000
BACKOFF: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


class Outbox(Protocol):
    """The waiting events, in order."""

    def pending(self, limit: int) -> Sequence[tuple[int, Event]]:
        """Give the first ones."""
        ...

    def applied(self, upto: int) -> object:
        """Drop those that are in the store."""
        ...


class Applier(Protocol):
    """Writes events to the store, each once."""

    async def apply(self, batch: Sequence[tuple[int, Event]]) -> Sequence[Change]:
        """Apply a batch; gives what changed by this call."""
        ...


class Settler(Protocol):
    """Gives due sessions their outcome."""

    async def settle(self, now: float, limit: int) -> Sequence[Change]:
        """Settle what is due at `now`."""
        ...


class Keeper:
    """The observer's back half. `away` are the exceptions that say that the store can't be reached."""

    def __init__(
        self,
        outbox: Outbox,
        applier: Applier,
        settler: Settler,
        *,
        executor: Callable[..., asyncio.Future[object]],
        changed: Callable[[Sequence[Change]], None],
        clock: Callable[[], float],
        earliest: Callable[[], float | None],
        away: tuple[type[Exception], ...],
    ) -> None:
        self._outbox = outbox
        self._applier = applier
        self._settler = settler
        self._in_thread = executor
        self._changed = changed
        self._clock = clock
        self._earliest = earliest
        self._away = away
        self._oldest: float | None = None  # Unix seconds of the oldest event that waits
        self.store_up = True

    @property
    def lag(self) -> float:
        """Seconds since the oldest waiting event happened."""
        return max(0.0, self._clock() - self._oldest) if self._oldest is not None else 0.0

    async def run(self) -> None:
        """Apply and settle, for ever."""
        failures = 0
        while True:
            try:
                more = await self.step()
            except self._away as error:
                if self.store_up:
                    log.error("the store can't be reached, figures wait in the outbox: %s", error)  # noqa: TRY400
                self.store_up = False
                await asyncio.sleep(BACKOFF[min(failures, len(BACKOFF) - 1)])
                failures += 1
                continue
            if not self.store_up:
                log.info("the store is back")
            self.store_up = True
            failures = 0
            if not more:
                await asyncio.sleep(CADENCE)

    async def step(self) -> bool:
        """One commit and one settling; says whether more waits."""
        batch = await self._waiting()
        if batch:
            self._changed(await self._applier.apply(batch))
            await self._in_thread(self._outbox.applied, batch[-1][0])
        full = len(batch) == BATCH
        self._oldest = batch[-1][1].at if full else None
        settled: Sequence[Change] = ()
        if not full:
            settled = await self._settler.settle(self._now(), SETTLE_BATCH)
            self._changed(settled)
        return full or len(settled) >= SETTLE_BATCH

    async def _waiting(self) -> Sequence[tuple[int, Event]]:
        batch = await self._in_thread(self._outbox.pending, BATCH)
        if not isinstance(batch, Sequence):
            return ()
        self._oldest = batch[0][1].at if batch else None
        return batch

    def _now(self) -> float:
        """The time up to which everything has been told: no session may settle while its next turn is on the way."""
        now = self._clock()
        earliest = self._earliest()
        return now if earliest is None else min(now, earliest)

    async def finish(self, limit: float) -> None:
        """Apply what waits, as far as it goes within `limit` seconds; the rest stays in the outbox for the next start."""
        try:
            async with asyncio.timeout(limit):
                while await self.step():
                    pass
        except TimeoutError:
            log.warning("the store was not told everything in time; the rest is in the outbox and comes at the next start")
        except self._away as error:
            log.warning("the store can't be reached; what waits is in the outbox and comes at the next start: %s", error)
