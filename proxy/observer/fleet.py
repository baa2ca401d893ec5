"""The fleet's gauges: figures out of the shared store, shown by the one observer that leads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from proxy.export.gauges import Snapshot

log = logging.getLogger(__name__)

LIFE: Final = 12.0
"""Seconds of a lead. With RENEW and the reading of figures, another shows them within 20 s of the leader's death."""
RENEW: Final = 4.0
"""Seconds between two renewals: two may fail before the lead is lost."""
PACE: Final = 10.0
"""Seconds between two looks at the ledger."""
FINISH: Final = 1.0
"""Seconds that giving up the lead may take at the end: it runs out by itself."""


class Lease(Protocol):
    """The lead, held by one at a time."""

    async def hold(self, seconds: float) -> bool:
        """Take it or keep it."""
        ...

    async def release(self) -> None:
        """Give it up."""
        ...


class Fleet:
    """Shows the gauges while this observer leads, and nothing while another does.

    `read` gives the figures, `show` takes them (none: nothing is shown). `away` is what lease and reading raise when the store
    can't be reached.
    """

    def __init__(
        self,
        lease: Lease,
        read: Callable[[], Awaitable[Sequence[Snapshot]]],
        show: Callable[[Sequence[Snapshot]], None],
        *,
        clock: Callable[[], float],
        away: tuple[type[Exception], ...],
    ) -> None:
        self._lease = lease
        self._read = read
        self._show = show
        self._clock = clock
        self._away = away
        self._until = float("-inf")
        self._gained = asyncio.Event()

    @property
    def leading(self) -> bool:
        """Whether the lead is ours now, as far as this host's clock can say."""
        return self._clock() < self._until

    async def run(self) -> None:
        """Lead whenever nobody else does, for ever."""
        await asyncio.gather(self._renewing(), self._showing())

    async def _renewing(self) -> None:
        while True:
            await self.renew()
            await asyncio.sleep(RENEW)

    async def renew(self) -> None:
        """Ask for the lead once. With the store away a lead lasts until it would have run out, and is then given up."""
        led, asked = self.leading, self._clock()
        try:
            self._until = asked + LIFE if await self._lease.hold(LIFE) else float("-inf")
        except self._away as error:
            log.debug("the lead can't be renewed: %s", error)
        if self.leading and not led:
            log.info("this observer shows the fleet's gauges from now on")
            self._gained.set()
        elif not self.leading:
            self._show(())

    async def _showing(self) -> None:
        while True:
            self._gained.clear()
            await self.look()
            try:
                async with asyncio.timeout(PACE):
                    await self._gained.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Read and show the figures, when leading before and after."""
        if not self.leading:
            return
        try:
            latest = await self._read()
        except self._away as error:
            log.debug("no figures for the gauges: %s", error)
            return
        self._show(latest if self.leading else ())

    async def finish(self) -> None:
        """Let another lead at once."""
        self._until = float("-inf")
        try:
            async with asyncio.timeout(FINISH):
                await self._lease.release()
        except TimeoutError:
            log.debug("the lead runs out by itself: the store is slow")
        except self._away as error:
            log.debug("the lead runs out by itself: %s", error)
