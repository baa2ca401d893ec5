"""The client's side: one connection, its exchanges one after the other, pipelined requests in order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Final, cast

from proxy.relay.answers import answer
from proxy.relay.arriving import Arriving, without_empty_lines
from proxy.relay.body import EMPTY, Tracker
from proxy.relay.door import Door
from proxy.relay.exchange import Exchange
from proxy.relay.fields import Refusal
from proxy.relay.known import Known
from proxy.relay.parties import Underway
from proxy.relay.pattern import KNOWN_LIMIT
from proxy.relay.pipeline import Pipeline
from proxy.relay.reading import UPSTREAM, Reading, Unsent, end_of
from proxy.relay.straight import Straight
from proxy.relay.tunnel import reset
from proxy.settings.model import Limits

LINGER: Final = 2.0
"""Seconds that a connection is still read after its last answer, so that a reset does not overtake the answer."""
_LINGER_BYTES: Final = 4 * 1024 * 1024


class Client(asyncio.Protocol):
    """One connection of a client."""

    __slots__ = (
        "_arriving",
        "_deadline",
        "_discarding",
        "_known",
        "_lingering",
        "_pipeline",
        "_unsent",
        "door",
        "exchange",
        "full",
        "keep_alive",
        "peer",
        "reading",
        "secure",
        "transport",
    )

    def __init__(self, door: Door) -> None:
        self.door = door
        self.transport = cast("asyncio.Transport", None)
        self.peer = ""  # set before by a PROXY header
        self.secure = False  # by TLS
        self.exchange: Underway | None = None
        self.keep_alive = True
        self.full = False  # the client reads slower than the assistant answers
        self.reading = cast("Reading", None)  # set with the transport
        self._arriving: Arriving | None = None
        self._known: Known | None = None  # the last head
        self._deadline = inf  # of the head awaited, or of the lingering
        self._discarding: Tracker | None = None  # rest of a request whose answer has ended
        self._lingering = -1  # bytes read since the last answer of this connection; -1: not ended

    @property
    def limits(self) -> Limits:
        """Those of its door."""
        return self.door.limits

    @property
    def draining(self) -> bool:
        """Whether its door is closing."""
        return self.door.draining

    # -- asyncio --------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast("asyncio.Transport", transport)
        self.reading = Reading(self.transport)
        self._pipeline = Pipeline(self.reading)
        self._unsent = Unsent(self.transport)
        self.secure = transport.get_extra_info("sslcontext") is not None
        address = transport.get_extra_info("peername")
        if not self.peer and isinstance(address, tuple):
            self.peer = address[0].removeprefix("::ffff:")  # IPv4 on an IPv6 socket
        self._deadline = end_of(self.limits.head_time)
        if not self.door.enter(self):
            self._refuse(503, "too many connections", "limit")

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        if self.exchange is not None:
            if rest := self.exchange.request_data(data):
                self._pipeline.add(rest)
        elif self._lingering >= 0:
            self._lingering += len(data)
            if self._lingering > _LINGER_BYTES:
                self.transport.abort()
        elif self._discarding is not None:
            self._discard(self._discarding, data)
        elif self._arriving is not None:
            self._arrive(self._arriving, data)
        elif self._pipeline.waiting:
            self._pipeline.add(data)  # behind requests that are about to be read
        else:
            self._heads(data)

    def eof_received(self) -> bool:
        """The client sends no more: taken as gone, since an answer that nobody reads costs money."""
        if self.exchange is not None:
            self.exchange.client_gone()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.door.leave(self)
        if self.exchange is not None:
            self.exchange.client_gone()

    def pause_writing(self) -> None:
        """The client reads slower than the assistant answers."""
        self.full = True
        if self.exchange is not None:
            self.exchange.hold()

    def resume_writing(self) -> None:
        """It has caught up."""
        self.full = False
        if self.exchange is not None:
            self.exchange.go_on()

    # -- reading heads --------------------------------------------------------------------------------------------

    def _heads(self, data: bytes) -> None:
        started = monotonic()
        last = self._known or self.door.known
        end = whole = last.whole(data) if last is not None else 0
        if last is None or not whole:
            if (found := self._read(data)) is None:
                return
            last, data, end = found
            whole = last.whole(data)
        else:
            self._known = last
        pool = last.site.upstreams.choose()
        upstream = pool.take() if whole and not self.full else None
        self.keep_alive = last.head.keep_alive
        if upstream is not None:
            self.exchange = Straight(self, last, pool, upstream, data, end, started)
            return
        exchange = self.exchange = Exchange(self, last, data[:end], last.body(data[:end]) or EMPTY, started, pool)
        if rest := exchange.begin(data[end:]):
            self._pipeline.add(rest)

    def _read(self, data: bytes) -> tuple[Known, bytes, int] | None:
        """Read a head: gives (it, the bytes from its start, where they end), None where there is none to send on."""
        door = self.door
        data = without_empty_lines(data)
        end = data.find(b"\r\n\r\n") + 4
        if end == 3:
            if data:
                self._deadline = min(self._deadline, end_of(door.limits.head_time))
                self._arriving = Arriving(door.head_limit)
                self._arrive(self._arriving, data)
            return None
        raw = data[:end]
        last = self._known
        if last is None or last.body(raw) is None:
            read = door.read(raw, self)
            if isinstance(read, Refusal):
                self._refuse(read.status, read.reason, "route" if read.status == 404 else "head")
                return None
            last = read
            self._known = last if end <= KNOWN_LIMIT else None
        return last, data, end

    def _arrive(self, arriving: Arriving, data: bytes) -> None:
        whole = arriving.feed(data)
        if isinstance(whole, Refusal):
            self._refuse(whole.status, whole.reason, "head")
        elif whole is not None:
            self._arriving = None
            self._heads(whole)

    # -- between exchanges ----------------------------------------------------------------------------------------

    def exchange_done(self, request: Tracker) -> None:
        """The answer has gone out whole: on with the next request, or the end of the connection."""
        self.reading.resume(UPSTREAM)
        if not self.keep_alive or self.draining:
            self._last_words(request)
        elif not request.done:
            self._discarding = request
            self._deadline = monotonic() + LINGER
        else:
            self._next()

    def _next(self) -> None:
        self._deadline = end_of(self.limits.keep_alive)
        if self._pipeline.waiting:
            asyncio.get_running_loop().call_soon(self._pipelined)

    def _pipelined(self) -> None:
        if self.exchange is None and self._pipeline.waiting and not self.transport.is_closing():
            self._deadline = inf
            self._heads(self._pipeline.take())
            self._pipeline.settle()

    def _discard(self, tracker: Tracker, data: bytes) -> None:
        """Skip the rest of a request that was answered early, so that the connection can go on."""
        _, rest = tracker.take(data)
        if tracker.failed:
            self.transport.abort()
        elif tracker.done:
            self._discarding = None
            self._pipeline.add(rest)
            self._next()

    def switched(self) -> None:
        """The connection is a tunnel now: bytes that came early go on."""
        if self.exchange is not None and (data := self._pipeline.take()):
            self.exchange.request_data(data)
        self._pipeline.settle()

    # -- endings --------------------------------------------------------------------------------------------------

    def _refuse(self, status: int, reason: str, detail: str) -> None:
        self.door.refused(detail)
        self.close_with(answer(status, reason))

    def close_with(self, data: bytes) -> None:
        """Send a last answer of the relay's own."""
        self._pipeline.take()
        self._arriving = None
        self.transport.write(data)
        self._last_words(None)

    def _last_words(self, request: Tracker | None) -> None:
        """Close; where the client may still be sending, say so first and read on for a moment (RFC 9112 9.6)."""
        if (request is not None and request.done) or self.transport.is_closing():
            self.finish()
            return
        self._lingering = 0
        self._deadline = monotonic() + LINGER
        if self.transport.can_write_eof():  # TLS has no half of an end: there, the answer alone must say it
            with suppress(OSError):  # it has gone meanwhile; asyncio's own loop says so here, uvloop in connection_lost
                self.transport.write_eof()
        self.reading.always()

    def finish(self) -> None:
        """Close when everything is out; the sweep sees to it that this has an end."""
        self.transport.close()

    # -- once a second --------------------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """What is overdue ends, what waits in a capture is shipped."""
        exchange = self.exchange
        if self._unsent.stuck(now, self.limits.stall):
            if exchange is not None:
                exchange.client_gone("stalled")
            reset(self.transport)  # a plain close would leave the kernel with what waits
        elif exchange is not None:
            if self.reading.left():
                exchange.client_gone()
                self.transport.abort()
            else:
                exchange.sweep(now)
        elif now > self._deadline:
            if self._lingering >= 0:
                self.transport.abort()
            elif self._arriving is not None:
                self._refuse(408, "the head did not come whole within the limit", "head_time")
            else:
                self.finish()

    def forget(self) -> None:
        """The settings have changed: the next head is read by them."""
        self._known = None

    def drain(self) -> None:
        """Idle connections close now; busy ones after their answer."""
        if self._arriving is not None:
            self._refuse(503, "the proxy is being stopped", "draining")
        elif self.exchange is None and self._lingering < 0:
            self.finish()
        self.keep_alive = False

    def cut(self) -> None:
        """The drain's limit has passed: break off what is left."""
        if self.exchange is not None:
            self.exchange.cut()
        else:
            self.transport.abort()
