"""The connections to one address of an assistant, kept open between exchanges."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from proxy.relay.dial import Address, dial, dialled
from proxy.relay.plain import Plain
from proxy.relay.upstream import Upstream
from proxy.relay.watch import Watch

FAILURES: Final = 3
"""Requests in a row without an answer after which an address is left out; a refused connection is enough alone."""
BACK_OFF: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds that an address is left out before it is tried again, by how often that has failed."""


class Pool:
    """Idle connections of one address; the one used last is taken first, so that a quiet pool shrinks."""

    def __init__(
        self,
        address: Address,
        tls: ssl.SSLContext | None,
        server_name: str,
        count: Callable[[str], None],
        watch: Watch,
        *,
        size: int,
        idle: float,
        connect_time: float,
    ) -> None:
        self.address = address
        self.count = count  # takes "opened" and "closed" for each connection
        self.busy = 0  # exchanges that are on their way
        self.turn = 0  # the last time it was chosen, counted in choices
        self.failures = 0  # in a row
        self.ejected = False
        self.retry_at = 0.0
        self._ejections = 0
        self._retired = False
        self._watch = watch
        self._tls = tls
        self._near = address.near and tls is None
        self._server_name = server_name
        self._size = size
        self._idle_limit = idle
        self._connect_time = connect_time
        self._idle: list[Upstream] = []

    # -- connections ----------------------------------------------------------------------------------------------

    def take(self) -> Upstream | None:
        """Give an idle connection, if there is one."""
        while self._idle:
            upstream = self._idle.pop()
            if upstream.usable():
                return upstream
            upstream.transport.abort()
        return None

    def open(self) -> Upstream | None:
        """Open a new connection, if that can be done at once."""
        if not self._near or (connection := dialled(self.address)) is None:
            return None
        upstream = Upstream(self)
        try:
            Plain(connection, upstream, self._watch)
        except OSError:
            return None
        return upstream

    async def connect(self) -> Upstream:
        """Open a new connection; raises OSError (ssl.SSLError and TimeoutError are such)."""
        address = self.address
        upstream = Upstream(self)
        async with asyncio.timeout(self._connect_time or None):
            connection = await dial(address, self._watch)
            if self._tls is None:
                Plain(connection, upstream, self._watch)
            else:
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: upstream, sock=connection, ssl=self._tls, server_hostname=self._server_name)
        return upstream

    def release(self, upstream: Upstream, now: float) -> None:
        """Take a connection back after an exchange that ended cleanly."""
        upstream.exchange = None
        if len(self._idle) >= self._size or self._retired or upstream.transport.is_closing():
            upstream.transport.close()
            return
        upstream.fresh = False
        upstream.idle_since = now
        self._idle.append(upstream)

    def discard(self, upstream: Upstream) -> None:
        """Close an idle connection at once."""
        self.forget(upstream)
        upstream.transport.abort()

    def forget(self, upstream: Upstream) -> None:
        """Take a connection out of the pool."""
        if upstream in self._idle:
            self._idle.remove(upstream)

    @property
    def used(self) -> bool:
        """Whether it has connections."""
        return bool(self.busy or self._idle)

    def sweep(self, now: float) -> None:
        """Close what has been idle too long; the oldest stand first."""
        if not self._idle_limit:
            return
        while self._idle and now - self._idle[0].idle_since > self._idle_limit:
            self._idle.pop(0).transport.close()

    def close(self) -> None:
        """Close all idle connections, and each busy one when it comes back."""
        self._retired = True
        while self._idle:
            self._idle.pop().transport.close()

    # -- health ---------------------------------------------------------------------------------------------------

    def failed(self, now: float, *, surely: bool = False) -> None:
        """Note a request without an answer, or (surely) that there is no connection to be had."""
        self.failures += 1
        if surely or self.failures >= FAILURES:
            self.ejected = True
            self.retry_at = now + BACK_OFF[min(self._ejections, len(BACK_OFF) - 1)]
            self._ejections += 1

    def answered(self) -> None:
        """Note that it is well."""
        self.failures = self._ejections = 0
        self.ejected = False
