"""The relay process: put together here, and nowhere else."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import socket
from time import monotonic
from typing import Final

import msgspec
import uvloop

from proxy.parent import finish, handed, on_stop
from proxy.records import Counts
from proxy.relay.counters import Counters
from proxy.relay.door import Door, Guest, listening_tls
from proxy.relay.listener import Listener
from proxy.relay.plan import AssistantPlan, RelayPlan
from proxy.relay.shipper import Shipper
from proxy.relay.site import Numbers, Site
from proxy.relay.watch import watching
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

SWEEP: Final = 1.0
"""Seconds between looks at a connection: one timer instead of one per connection."""
LUMP: Final = 25
"""Connections looked at in one go. Each may ship what it has copied of a stream, some 20 microseconds: all of a thousand at
once would hold up every event on its way."""
COLLECT: Final = (2_000, 100, 50)
"""Allocations between collections: an exchange leaves no cycles behind, so the default of 700 finds nothing, often. With 10,000
each held up traffic for 1 to 9 ms; after fewer, what is young is still in the caches."""
PATIENCE: Final = 10.0
"""Seconds without an acknowledgement after which a relay that has drained takes the observer for gone: one that is just being
started again, after a reload or a crash, needs two, on a full machine several. What is left of the drain is the limit."""
LAST_ACKS: Final = 3.0
"""Seconds that such a relay waits at most when nothing of the drain is left."""
FAREWELL: Final = 1.5
"""Seconds to tell the observer how much it was not told."""


class Worker:
    """One relay: its listeners, sites, connections and the way to the observer."""

    def __init__(self, plan: RelayPlan) -> None:
        self._tasks = Tasks()
        self._counters = Counters()
        self._watch = watching()
        self._shipper = Shipper(plan.relay, plan.observer, plan.capture, self._counters)
        self._clients: set[Guest] = set()
        self._stopping = asyncio.Event()
        self._hurried = False
        self._numbers = Numbers()
        self._sites: list[Site] = []
        self._doors: dict[int, Door] = {}
        self._listeners: dict[int, Listener] = {}
        self._handover = socket.socket(fileno=plan.handover) if plan.handover is not None else None
        self._taken = 0  # messages of it
        self._spare = {number: socket.socket(fileno=number) for number in plan.inherited}  # no door has them yet
        self._furnish(plan)

    def _furnish(self, plan: RelayPlan) -> None:
        """Put a plan in place: connections stay, what has begun goes on as it began. Raises OSError before anything changes."""
        if self._handover is not None:
            self._spare |= handed(self._handover, plan.handed - self._taken)
            self._taken = plan.handed
        self._arrange(plan)
        for listening in self._spare.values():  # named by an older plan alone
            listening.close()
        self._spare.clear()

    def _arrange(self, plan: RelayPlan) -> None:
        behind: dict[int, list[tuple[AssistantPlan, Site]]] = {}
        for assistant in plan.assistants:
            site = Site(plan, assistant, self._shipper, self._counters, self._tasks, self._watch, self._numbers)
            behind.setdefault(assistant.entrance.listener, []).append((assistant, site))
        if missing := behind.keys() - self._doors.keys() - self._spare.keys():
            raise OSError(errno.EBADF, f"{len(missing)} listening sockets did not come")
        contexts = {descriptor: listening_tls(sites[0][0].entrance) for descriptor, sites in behind.items()}
        for descriptor, sites in behind.items():
            door = self._doors.setdefault(descriptor, Door(self._counters, self._clients))
            door.furnish(sites, plan.limits, contexts[descriptor])
            if descriptor not in self._listeners:
                listener = Listener(self._spare.pop(descriptor), door, self._tasks, self._watch)
                listener.start()
                self._listeners[descriptor] = listener
        for descriptor in self._doors.keys() - behind.keys():
            self._shut(self._doors.pop(descriptor), self._listeners.pop(descriptor))
        for client in self._clients:
            client.forget()
        for site in self._sites:
            site.upstreams.close()
        self._sites = [site for sites in behind.values() for _, site in sites]
        self._shipper.ring.limit(plan.capture)
        self._plan = plan

    def _shut(self, door: Door, listener: Listener) -> None:
        """Take no more connections there; those that are open end by themselves, idle ones now."""
        door.draining = True
        for client in tuple(self._clients):
            if client.door is door:
                client.drain()
        listener.last()
        listener.stop()

    def _refurnish(self, line: bytes) -> None:
        try:
            self._furnish(msgspec.json.decode(line, type=RelayPlan))
        except OSError as error:
            log.error("the new settings can't be used, the old ones stay: %s", error)  # noqa: TRY400 - no traceback wanted

    async def run(self) -> None:
        """Serve until SIGTERM, then drain."""
        on_stop(self._stop, self._refurnish)
        self._tasks.start(self._shipper.run(), "shipper")
        self._tasks.start(self._sweep(), "sweep")
        await self._stopping.wait()
        await self._drain()
        await self._tasks.stop()
        finish()

    def _stop(self) -> None:
        """The first time: drain. The second time: at once."""
        if self._stopping.is_set():
            self._hurried = True
            self._shipper.hurry()
        self._stopping.set()

    async def _sweep(self) -> None:
        while True:
            clients = tuple(self._clients)
            lumps = range(0, len(clients) or 1, LUMP)
            for start in lumps:
                await asyncio.sleep(SWEEP / len(lumps))
                now = monotonic()
                for client in clients[start : start + LUMP]:
                    if client in self._clients:  # still
                        client.sweep(now)
            now = monotonic()
            for site in self._sites:
                site.upstreams.sweep(now)
            self._shipper.send_counts(self._counts)

    def _counts(self) -> Counts:
        ring = self._shipper.ring
        return self._counters.counts(len(ring), ring.bytes, ring.level)

    async def _drain(self) -> None:
        """Take no more connections, let answers finish, cut visibly what is left at the limit."""
        for listener in self._listeners.values():
            listener.stop()
        for door in self._doors.values():
            door.draining = True
        for client in tuple(self._clients):
            client.drain()
        end = monotonic() + self._plan.limits.drain
        while self._clients and not self._hurried and monotonic() < end:  # noqa: ASYNC110 - connections end in many ways, a look is simplest
            await asyncio.sleep(0.02)
        for client in tuple(self._clients):
            client.cut()
        for site in self._sites:
            site.upstreams.close()
        await asyncio.sleep(0)
        patience, least = (0.0, 0.0) if self._hurried else (PATIENCE, LAST_ACKS)
        if not await self._shipper.drained(patience, max(end, monotonic() + least)):
            await self._give_up()
        self._shipper.send_counts(self._counts)

    async def _give_up(self) -> None:
        """Records hold texts, which no disk may have: what the observer has no time for is lost, and counted."""
        given_up = self._shipper.give_up()
        patience = 0.0 if self._hurried else FAREWELL
        if await self._shipper.drained(patience, monotonic() + patience):
            log.warning("the observer had no time for %d records: they are given up, and counted as dropped", given_up)
        else:
            left = len(self._shipper.ring)
            log.warning(
                "the observer had no time for %d records: they are given up; %d more it has not acknowledged", given_up, left
            )


async def _serve(plan: RelayPlan) -> None:
    await Worker(plan).run()


def main(plan: RelayPlan) -> None:
    """Run a relay until it is told to stop."""
    gc.freeze()  # what was imported stays for good: collections look only at what came after
    gc.set_threshold(*COLLECT)
    uvloop.run(_serve(plan))
