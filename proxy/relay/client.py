"""The client's side: one connection, its exchanges one after the other, pipelined requests in order."""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic
from typing import Final, cast

import httptools

from proxy.relay.answers import answer
from proxy.relay.body import Tracker
from proxy.relay.exchange import Exchange
from proxy.relay.head import SILENT, Refusal
from proxy.relay.site import Site

PIPELINE_LIMIT: Final = 64 * 1024
"""Bytes of requests that wait behind the current one; past it the connection is not read, and nothing is lost."""
LINGER: Final = 2.0
"""Seconds that a connection is still read after its last answer, so that a reset does not overtake the answer."""
_LINGER_BYTES: Final = 4 * 1024 * 1024
SHIP_AGE: Final = 0.25
"""Seconds since the last shipment of an exchange past which a sweep ships what it has: seen within 1.25 s at the latest."""


def _end_of(limit: float) -> float:
    """When a time limit that starts now will have passed; 0 is no limit."""
    return monotonic() + limit if limit else inf


class Client(asyncio.Protocol):
    """One connection of a client."""

    __slots__ = (
        "_buffer",
        "_clients",
        "_deadline",
        "_discarding",
        "_lingering",
        "_paused",
        "_probe",
        "exchange",
        "full",
        "keep_alive",
        "peer",
        "site",
        "transport",
    )

    def __init__(self, site: Site, clients: set[Client]) -> None:
        self.site = site
        self.transport = cast("asyncio.Transport", None)
        self.peer = ""
        self.exchange: Exchange | None = None
        self.keep_alive = True
        self._clients = clients
        self._buffer = bytearray()  # a head that is not whole, or pipelined requests
        self._probe: httptools.HttpRequestParser | None = None  # judges the start of a head that is not whole
        self.full = False  # the client reads slower than the assistant answers
        self._deadline = inf  # of the head awaited, or of the lingering
        self._paused: set[str] = set()
        self._discarding: Tracker | None = None  # rest of a request whose answer has ended
        self._lingering = -1  # bytes read since the last answer of this connection; -1: not ended

    # -- asyncio --------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        site = self.site
        self.transport = cast("asyncio.Transport", transport)
        address = transport.get_extra_info("peername")
        self.peer = address[0].removeprefix("::ffff:") if isinstance(address, tuple) else ""  # IPv4 on an IPv6 socket
        self._clients.add(self)
        self._deadline = _end_of(site.limits.head_time)
        site.counters.add("connections", "client", "opened")
        by_peer = site.connections_by_peer
        count = by_peer[self.peer] = by_peer.get(self.peer, 0) + 1
        limits = site.limits
        if (limits.connections and len(self._clients) > limits.connections) or (
            limits.client_connections and count > limits.client_connections
        ):
            self._refuse(503, "too many connections", "limit")

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        exchange = self.exchange
        if exchange is not None:
            if exchange.tunnel:
                exchange.tunnel_data(data)
            elif exchange.request_open:
                if rest := exchange.request_data(data):
                    self._keep(rest)
            else:
                self._keep(data)
        elif self._lingering >= 0:
            self._lingering += len(data)
            if self._lingering > _LINGER_BYTES:
                self.transport.abort()
        elif self._discarding is not None:
            self._discard(data)
        elif self._buffer:
            self._more(data)
        else:
            self._heads(data)

    def eof_received(self) -> bool:
        """The client sends no more: taken as gone, since an answer that nobody reads costs money."""
        if self.exchange is not None:
            self.exchange.client_gone()
            self.exchange = None
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        site = self.site
        self._clients.discard(self)
        site.counters.add("connections", "client", "closed")
        if (left := site.connections_by_peer.get(self.peer, 1) - 1) > 0:
            site.connections_by_peer[self.peer] = left
        else:
            site.connections_by_peer.pop(self.peer, None)
        if self.exchange is not None:
            self.exchange.client_gone()
            self.exchange = None

    def pause_writing(self) -> None:
        """The client reads slower than the assistant answers."""
        self.full = True
        if self.exchange is not None and (upstream := self.exchange.upstream) is not None and not upstream.transport.is_closing():
            upstream.transport.pause_reading()

    def resume_writing(self) -> None:
        """It has caught up."""
        self.full = False
        if self.exchange is not None and (upstream := self.exchange.upstream) is not None and not upstream.transport.is_closing():
            upstream.transport.resume_reading()

    # -- reading heads --------------------------------------------------------------------------------------------

    def _heads(self, data: bytes) -> None:
        if data.startswith(b"\r\n"):  # RFC 9112 2.2: empty lines before a request
            start = 2
            while data.startswith(b"\r\n", start):
                start += 2
            data = data[start:]
        end = data.find(b"\r\n\r\n") + 4
        if end == 3:
            if data:
                self._partial(data)
            return
        started = monotonic()
        site = self.site
        raw = data[:end]
        head = Refusal(431, "the head is too large") if end > site.limits.head else site.heads.request(raw, site.added(self.peer))
        if isinstance(head, Refusal):
            self._refuse(head.status, head.reason, "head")
            return
        self.keep_alive = head.keep_alive
        exchange = self.exchange = Exchange(self, head, started)
        if rest := exchange.begin(data[end:], started):
            self._keep(rest)

    def _partial(self, data: bytes) -> None:
        """A head that has not come whole: judge what is there, so that what is no HTTP is refused at once."""
        self._buffer += data
        self._probe = httptools.HttpRequestParser(SILENT)
        self._deadline = min(self._deadline, _end_of(self.site.limits.head_time))
        self._judge(data)

    def _more(self, data: bytes) -> None:
        buffer = self._buffer
        known = len(buffer)
        buffer += data
        if buffer.find(b"\r\n\r\n", max(0, known - 3)) >= 0 or buffer.startswith(b"\r\n"):
            whole = bytes(buffer)
            buffer.clear()
            self._probe = None
            self._heads(whole)
        else:
            self._judge(data)

    def _judge(self, data: bytes) -> None:
        if len(self._buffer) > self.site.limits.head:
            long_line = b"\r\n" not in self._buffer
            self._refuse(414 if long_line else 431, "the head is too large", "head")
            return
        try:
            if self._probe is not None:
                self._probe.feed_data(data)
        except httptools.HttpParserError as error:
            self._refuse(400, str(error), "head")

    # -- between exchanges ----------------------------------------------------------------------------------------

    def _keep(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > PIPELINE_LIMIT:
            self.pause("pipeline")

    def exchange_done(self, request: Tracker) -> None:
        """The answer has gone out whole: on with the next request, or the end of the connection."""
        self.exchange = None
        self.resume("upstream")
        if not self.keep_alive or self.site.draining:
            self._last_words(request)
        elif not request.done:
            self._discarding = request
            self._deadline = monotonic() + LINGER
        else:
            self._next()

    def _next(self) -> None:
        self._deadline = _end_of(self.site.limits.keep_alive)
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._pipelined)
        elif self._paused:
            self._paused.clear()
            self.transport.resume_reading()

    def _pipelined(self) -> None:
        if self.exchange is None and self._buffer and not self.transport.is_closing():
            data = bytes(self._buffer)
            self._buffer.clear()
            self._deadline = inf
            self.resume("pipeline")
            self._heads(data)

    def _discard(self, data: bytes) -> None:
        """Skip the rest of a request that was answered early, so that the connection can go on."""
        tracker = self._discarding
        if tracker is None:
            return
        _, rest = tracker.take(data)
        if tracker.failed:
            self.transport.abort()
        elif tracker.done:
            self._discarding = None
            self._buffer += rest
            self._next()

    # -- endings --------------------------------------------------------------------------------------------------

    def _refuse(self, status: int, reason: str, detail: str) -> None:
        self.site.counters.add("errors", self.site.name, f"refused_{detail}")
        self.close_with(answer(status, reason))

    def close_with(self, data: bytes) -> None:
        """Send a last answer of the relay's own."""
        self.exchange = None
        self._buffer.clear()
        self.transport.write(data)
        self._last_words(None)

    def _last_words(self, request: Tracker | None) -> None:
        """Close; where the client may still be sending, say so first and read on for a moment (RFC 9112 9.6)."""
        self._paused.clear()
        if (request is not None and request.done) or not self.transport.can_write_eof() or self.transport.is_closing():
            self.transport.close()
            return
        self._lingering = 0
        self._deadline = monotonic() + LINGER
        self.transport.write_eof()
        self.transport.resume_reading()

    def tunnel(self) -> None:
        """The connection is upgraded: bytes that came early go on now."""
        if self._buffer and self.exchange is not None:
            data = bytes(self._buffer)
            self._buffer.clear()
            self.exchange.tunnel_data(data)
        self.resume("pipeline")

    def pause(self, why: str) -> None:
        """Stop reading, for one of several reasons."""
        if not self._paused:
            self.transport.pause_reading()
        self._paused.add(why)

    def resume(self, why: str) -> None:
        """A reason is gone; read on when it was the last."""
        if self._paused:
            self._paused.discard(why)
            if not self._paused and not self.transport.is_closing():
                self.transport.resume_reading()

    def sweep(self, now: float) -> None:
        """Once a second: what is overdue ends, what waits in a capture is shipped."""
        exchange = self.exchange
        if exchange is not None:
            limit = self.site.limits.first_byte_time
            if now - exchange.capture.since >= SHIP_AGE:
                exchange.capture.ship(now)
            if limit and exchange.overdue(now, limit):
                exchange.fail(504, "no answer of the assistant within the limit", "timeout", "first_byte")
        elif now > self._deadline:
            if self._buffer and self._lingering < 0:
                self._refuse(408, "the head did not come whole within the limit", "head_time")
            else:
                self.transport.abort() if self._lingering >= 0 else self.transport.close()

    def drain(self) -> None:
        """Idle connections close now; busy ones after their answer."""
        if self.exchange is None and self._lingering < 0:
            self.transport.close()
        self.keep_alive = False

    def cut(self) -> None:
        """The drain's limit has passed: break off what is left."""
        if self.exchange is not None:
            self.exchange.cut()
            self.exchange = None
        else:
            self.transport.abort()
