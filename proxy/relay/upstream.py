"""Connections to one assistant, kept open between exchanges."""

from __future__ import annotations

import asyncio
import select
import ssl
from typing import TYPE_CHECKING, cast

from proxy.relay.plan import Upstream as Address

if TYPE_CHECKING:
    from proxy.relay.exchange import Exchange


class Upstream(asyncio.Protocol):
    """One connection to the assistant. It serves one exchange at a time; any byte or end while idle discards it."""

    __slots__ = ("_poll", "_pool", "exchange", "fresh", "idle_since", "transport")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.exchange: Exchange | None = None
        self.transport = cast("asyncio.Transport", None)
        self.fresh = True  # has not served an exchange yet
        self.idle_since = 0.0
        self._poll = select.poll()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected."""
        self.transport = cast("asyncio.Transport", transport)
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
        self._pool.opened += 1

    def usable(self) -> bool:
        """Whether it can carry a request: open, and nothing in its socket, not even an end, that the loop has yet to read."""
        return not self.transport.is_closing() and not self._poll.poll(0)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes of the assistant."""
        if self.exchange is not None:
            self.exchange.response_data(data)
        else:
            self._pool.discard(self)  # a server that speaks unasked answers nobody's question

    def eof_received(self) -> bool:
        """asyncio: the assistant sends no more."""
        if self.exchange is not None:
            self.exchange.upstream_ended()
        if self.exchange is not None:
            self.transport.abort()  # an upload that nobody reads any more would hold up a close
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is gone."""
        self._pool.opened -= 1
        if self.exchange is not None:
            self.exchange.upstream_lost(broken=exc is not None, fresh=self.fresh)
        else:
            self._pool.forget(self)

    def pause_writing(self) -> None:
        """asyncio: the assistant reads slower than the client sends."""
        if self.exchange is not None:
            self.exchange.client.pause("upstream")

    def resume_writing(self) -> None:
        """asyncio: it has caught up."""
        if self.exchange is not None:
            self.exchange.client.resume("upstream")


class Pool:
    """The connections to one upstream; the one used last is taken first, so that a quiet pool shrinks."""

    def __init__(self, address: Address, *, size: int, idle: float, connect_time: float) -> None:
        self.address = address
        self.opened = 0  # connections now, busy ones included
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
