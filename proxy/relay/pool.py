"""The connections to one address of an assistant, kept open between exchanges."""

from __future__ import annotations

import asyncio
import ssl

from proxy.relay.plan import Upstream as Address
from proxy.relay.upstream import Upstream


class Pool:
    """Idle connections of one address; the one used last is taken first, so that a quiet pool shrinks."""

    def __init__(self, address: Address, *, size: int, idle: float, connect_time: float) -> None:
        self.address = address
        self.busy = 0  # exchanges that are on their way
        self._size = size
        self._idle_limit = idle
        self._connect_time = connect_time
        self._idle: list[Upstream] = []
        self._tls = _context(address) if address.tls else None

    def take(self) -> Upstream | None:
        """Give an idle connection, if there is one."""
        while self._idle:
            upstream = self._idle.pop()
            if upstream.usable():
                return upstream
            upstream.transport.abort()
        return None

    async def connect(self) -> Upstream:
        """Open a new connection; raises OSError, ssl.SSLError (an OSError) or TimeoutError."""
        loop = asyncio.get_running_loop()
        address = self.address
        async with asyncio.timeout(self._connect_time or None):
            if address.unix:
                _, upstream = await loop.create_unix_connection(lambda: Upstream(self), address.unix)
            else:
                name = address.host if self._tls else None
                _, upstream = await loop.create_connection(
                    lambda: Upstream(self), address.host, address.port, ssl=self._tls, server_hostname=name
                )
        return upstream

    def release(self, upstream: Upstream, now: float) -> None:
        """Take a connection back after an exchange that ended cleanly."""
        upstream.exchange = None
        if len(self._idle) >= self._size or upstream.transport.is_closing():
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

    def sweep(self, now: float) -> None:
        """Close what has been idle too long; the oldest stand first."""
        if not self._idle_limit:
            return
        while self._idle and now - self._idle[0].idle_since > self._idle_limit:
            self._idle.pop(0).transport.close()

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().transport.close()


def _context(address: Address) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=address.ca_file)
    if not address.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
