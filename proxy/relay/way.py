"""An exchange's way to its assistant: the address it was given, then the connection, and what has to wait until there is one.

It keeps no reference to its exchange: a cycle would leave each pair to the garbage collector.
"""

from __future__ import annotations

from time import monotonic
from typing import Protocol

from proxy.records import EndReason
from proxy.relay.parties import Underway
from proxy.relay.pool import Pool
from proxy.relay.reading import CONNECT
from proxy.relay.site import Site
from proxy.relay.upstream import Upstream
from proxy.relay.upstreams import Failure


class Traveller(Underway, Protocol):
    """An exchange, as its way knows it."""

    def connected(self, now: float) -> None:
        """There is a connection, and what waited for it has been sent."""

    def fail(self, status: int, why: str, reason: EndReason, detail: str, *, unreachable: bool = False) -> None:
        """There is none."""


class Way:
    """Counts as one open request of its pool until `end`."""

    __slots__ = ("_ended", "_pending", "_site", "pool", "upstream")

    def __init__(self, site: Site, pool: Pool) -> None:
        self._site = site
        self.pool = pool
        self.pool.busy += 1
        self.upstream: Upstream | None = None
        self._pending = b""  # to be sent when the connection is open
        self._ended = False

    def begin(self, exchange: Traveller, data: bytes) -> None:
        """Send the head and what came with it, on an idle connection if there is one."""
        upstream = self.pool.take() or self._site.upstreams.open(self.pool)
        if upstream is None:
            self.connect(exchange, data)
        else:
            self.attach(exchange, upstream)
            upstream.transport.write(data)

    def connect(self, exchange: Traveller, data: bytes) -> None:
        """Open a connection and send `data`; the client is not read before, so little more can come."""
        self.upstream = None
        self._pending = data
        exchange.client.reading.pause(CONNECT)
        self._site.tasks.start(self._open(exchange), "connect")

    async def _open(self, exchange: Traveller) -> None:
        found = await self._site.upstreams.connect(self.pool)
        if isinstance(found, Failure):
            exchange.fail(found.status, found.why, found.reason, found.detail, unreachable=found.status == 502)
            return
        pool, upstream = found
        if self._ended:
            pool.release(upstream, monotonic())
            return
        self.pool.busy -= 1
        self.pool = pool
        pool.busy += 1
        self.attach(exchange, upstream)
        pending, self._pending = self._pending, b""
        upstream.transport.write(pending)
        exchange.connected(monotonic())

    def attach(self, exchange: Traveller, upstream: Upstream) -> None:
        """Use a connection that is open."""
        self.upstream = upstream
        upstream.exchange = exchange
        if exchange.client.full:
            upstream.hold()

    def send(self, data: bytes) -> None:
        """Send more of the request."""
        if self.upstream is None:
            self._pending += data
        else:
            self.upstream.transport.write(data)

    def hold(self) -> None:
        """Do not read from the assistant until the client has caught up."""
        if self.upstream is not None:
            self.upstream.hold()

    def go_on(self) -> None:
        """Read on."""
        if self.upstream is not None:
            self.upstream.go_on()

    def end(self, now: float, *, reusable: bool) -> None:
        """The request is over: a connection that is `reusable` goes back to its pool, another is broken off."""
        self._ended = True
        self.pool.busy -= 1
        upstream, self.upstream = self.upstream, None
        if upstream is None:
            return
        upstream.exchange = None
        if reusable:
            self.pool.release(upstream, now)
        else:
            upstream.transport.abort()
