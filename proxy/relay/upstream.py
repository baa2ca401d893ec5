"""One connection to an assistant."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from typing import Final, Protocol, cast

from proxy.relay.known_answers import Answers
from proxy.relay.parties import Underway
from proxy.relay.reading import UPSTREAM

LINGER: Final = 2.0
"""Seconds that a connection gets to put out what has been written to it, once it is no longer needed."""


class Keeper(Protocol):
    """What a connection knows of its pool."""

    @property
    def count(self) -> Callable[[str], None]:
        """Takes "opened" and "closed"."""

    def discard(self, upstream: Upstream) -> None:
        """Close it at once, now that it is idle."""

    def forget(self, upstream: Upstream) -> None:
        """It is gone."""


class Upstream(asyncio.Protocol):
    """A connection of a pool. It serves one exchange at a time; any byte or end while idle discards it."""

    __slots__ = ("_poll", "_pool", "answers", "exchange", "fresh", "idle_since", "transport")

    def __init__(self, pool: Keeper) -> None:
        self._pool = pool
        self.answers = Answers()
        self.exchange: Underway | None = None
        self.transport = cast("asyncio.Transport", None)
        self.fresh = True  # has not served an exchange yet
        self.idle_since = 0.0
        self._poll = select.poll()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected."""
        self.transport = cast("asyncio.Transport", transport)
        self._pool.count("opened")
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

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
        self._pool.count("closed")
        if self.exchange is not None:
            self.exchange.upstream_lost(broken=exc is not None, fresh=self.fresh)
        else:
            self._pool.forget(self)

    def pause_writing(self) -> None:
        """asyncio: the assistant reads slower than the client sends."""
        if self.exchange is not None:
            self.exchange.client.reading.pause(UPSTREAM)

    def resume_writing(self) -> None:
        """asyncio: it has caught up."""
        if self.exchange is not None:
            self.exchange.client.reading.resume(UPSTREAM)

    def hold(self) -> None:
        """Stop reading: the client is behind."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read on."""
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def finish(self) -> None:
        """Close when everything is out; an assistant that reads nothing is waited for LINGER seconds."""
        self.transport.close()
        if self.transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(LINGER, self.transport.abort)
