"""The relay process: put together here, and nowhere else."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from functools import partial
from time import monotonic
from typing import Final

import uvloop

from proxy.parent import on_stop
from proxy.relay.client import Client
from proxy.relay.counters import Counters
from proxy.relay.door import Door
from proxy.relay.listener import Listener
from proxy.relay.plan import RelayPlan
from proxy.relay.shipper import Shipper
from proxy.relay.site import Numbers, Site
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

SWEEP: Final = 1.0
"""Seconds between looks at all connections: one timer instead of one per connection."""
COLLECT: Final = (10_000, 20, 50)
"""Allocations between collections: an exchange leaves no cycles behind, so the default of 700 finds nothing, often."""
LAST_ACKS: Final = 3.0
"""Seconds that a relay which has drained waits for its last records to be acknowledged."""


class Worker:
    """One relay: its listeners, sites, connections and the way to the observer."""

    def __init__(self, plan: RelayPlan) -> None:
        self._plan = plan
        self._tasks = Tasks()
        self._counters = Counters()
        self._shipper = Shipper(plan.relay, plan.observer, plan.capture, self._counters)
        self._clients: set[Client] = set()
        self._stopping = asyncio.Event()
        self._hurried = False
        numbers = Numbers()
        self._sites = [
            Site(plan, assistant, self._shipper, self._counters, self._tasks, numbers) for assistant in plan.assistants
        ]
        self._doors = [Door(site, plan.limits, self._counters, self._clients) for site in self._sites]
        self._listeners = [
            Listener(socket.socket(fileno=assistant.listener), partial(Client, door), self._tasks)
            for assistant, door in zip(plan.assistants, self._doors, strict=True)
        ]

    async def run(self) -> None:
        """Serve until SIGTERM, then drain."""
        on_stop(self._stop)
        self._tasks.start(self._shipper.run(), "shipper")
        for listener in self._listeners:
            listener.start()
        self._tasks.start(self._sweep(), "sweep")
        await self._stopping.wait()
        await self._drain()
        await self._tasks.stop()

    def _stop(self) -> None:
        """The first time: drain. The second time: at once."""
        if self._stopping.is_set():
            self._hurried = True
            self._shipper.hurry()
        self._stopping.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            now = monotonic()
            for client in tuple(self._clients):
                client.sweep(now)
            for site in self._sites:
                site.pool.sweep(now)
            self._shipper.send_counts(lambda: self._counters.counts(*self._shipper.pending))

    async def _drain(self) -> None:
        """Take no more connections, let answers finish, cut visibly what is left at the limit."""
        for listener in self._listeners:
            listener.stop()
        for door in self._doors:
            door.draining = True
        for client in tuple(self._clients):
            client.drain()
        end = monotonic() + self._plan.limits.drain
        while self._clients and not self._hurried and monotonic() < end:  # noqa: ASYNC110 - connections end in many ways, a look is simplest
            await asyncio.sleep(0.02)
        for client in tuple(self._clients):
            client.cut()
        for site in self._sites:
            site.pool.close()
        await asyncio.sleep(0)
        if not await self._shipper.drained(0.0 if self._hurried else LAST_ACKS):
            log.warning("%d records were not acknowledged by the observer and are lost", self._shipper.pending[0])
        self._shipper.send_counts(lambda: self._counters.counts(*self._shipper.pending))


async def _serve(plan: RelayPlan) -> None:
    await Worker(plan).run()


def main(plan: RelayPlan) -> None:
    """Run a relay until it is told to stop."""
    gc.freeze()  # what was imported stays for good: collections look only at what came after
    gc.set_threshold(*COLLECT)
    uvloop.run(_serve(plan))
