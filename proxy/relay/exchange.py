"""One exchange on its way: the client's request to the assistant, the assistant's answer back, the capture beside.

The protocols on both sides hand it bytes; it decides what goes on and when the exchange has ended. It ends once, with one
reason. Nothing is accumulated but a head that is not whole yet and the bytes read while a connection is being opened.
"""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Final

from proxy.records import EndReason
from proxy.relay.answers import answer
from proxy.relay.arriving import Arriving
from proxy.relay.body import EMPTY, Tracker, UntilClose
from proxy.relay.fields import Refusal
from proxy.relay.known import Known
from proxy.relay.parties import Caller
from proxy.relay.pool import Pool
from proxy.relay.reading import CONNECT, UPSTREAM
from proxy.relay.response import Heads, ResponseHead
from proxy.relay.stay import Stay
from proxy.relay.tunnel import Tunnel, reset
from proxy.relay.unchunked import Unchunked
from proxy.relay.upstream import Upstream
from proxy.relay.way import Way

HEAD_LIMIT: Final = 256 * 1024
"""Bytes of a response's head: far more than any server sends, a bound for a server that never ends one."""
_REPEATABLE: Final = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that may be sent again when a pooled connection died before a byte of answer (RFC 9110 9.2.1: safe)."""


class Exchange:
    """The mediator between one client connection and one upstream connection, for one request and its response."""

    __slots__ = (
        "_ended",
        "_head",
        "_heard",
        "_partial",
        "_pattern",
        "_raw",
        "_repeated",
        "_response",
        "_response_head",
        "_site",
        "_stay",
        "_way",
        "capture",
        "client",
        "request",
    )

    def __init__(self, client: Caller, known: Known, raw: bytes, body: Tracker, started: float, pool: Pool) -> None:
        site = known.site
        self.client = client
        self.request = body
        self.capture = site.capture(known.shown, client.peer, started)
        self._site = site
        self._head = known.head
        self._pattern = known.pattern
        self._raw = raw  # the head as it came: `head`, or one of another length
        self._way = Way(site, pool)
        self._response_head: ResponseHead | None = None
        self._response: Tracker | None = None  # set by the final head
        self._partial: Arriving | None = None  # a response head that is not whole
        self._repeated = False
        self._heard = False  # a byte of the assistant
        self._ended = False
        self._stay = Stay(site.watch, started)

    # -- from the client ------------------------------------------------------------------------------------------

    def begin(self, rest: bytes) -> bytes:
        """Send the request on; returns the bytes that come after it."""
        started = self._stay.gone
        body, rest = self.request.take(rest)
        if self.request.failed:
            self.fail(400, self.request.failed, "refused", "framing")
            return b""
        outgoing = self._pattern.onward(self._raw)
        if body:
            self.capture.request(body, started)
            outgoing += body
        self._way.begin(self, outgoing)
        self._stay.came(started)
        return rest

    def go_on_from(self, body: bytes, upstream: Upstream, stay: Stay) -> None:
        """Take over a request that was sent whole, on a connection of the pool."""
        if body:
            self.capture.request(body, self.capture.started)
        self._way.attach(self, upstream)
        self._stay = stay

    def request_data(self, data: bytes) -> bytes:
        """Pass on bytes of the request's body; returns the bytes that come after it."""
        if self.request.done:
            return data
        now = monotonic()
        body, rest = self.request.take(data)
        if body:
            self.capture.request(body, now)
            self._way.send(body)
        if self.request.failed:
            self.fail(400, self.request.failed, "refused", "framing")
            return b""
        self._stay.came(now)
        return rest

    def client_gone(self, detail: str = "") -> None:
        """The client has left: the assistant is told at once, by the end of its connection."""
        if not self._ended:
            self._end("client_gone", detail)

    def hold(self) -> None:
        """Do not read from the assistant until the client has caught up."""
        self._way.hold()

    def go_on(self) -> None:
        """Read on."""
        self._way.go_on()

    def connected(self, now: float) -> None:
        """There is a connection, and what waited for it has been sent."""
        self._stay = Stay(self._site.watch, now, self._stay.seconds)
        self.client.reading.resume(CONNECT)

    # -- from the assistant ---------------------------------------------------------------------------------------

    def response_data(self, data: bytes, found: Heads | Refusal | None = None) -> None:
        """Pass on bytes of the response; `found` is what they begin with, if somebody has looked."""
        now = monotonic()
        self._heard = True
        out = b""
        tracker = self._response
        if tracker is None:
            out, data = self._read_heads(data, now, found)
            tracker = self._response
            if tracker is None:  # it has not come, is not proper, or has made a tunnel
                return
        body, rest = tracker.take(data)
        if body:
            self.capture.response(body, now)
            out = out + body if out else body
        if out:
            self.client.transport.write(out)
        self._stay.came(now)
        if tracker.failed:
            self._break("upstream_broken", "framing")
        elif tracker.done:
            self._complete(now, clean=not rest)

    def _read_heads(self, data: bytes, now: float, found: Heads | Refusal | None = None) -> tuple[bytes, bytes]:
        """Read heads up to the final one; gives (bytes for the client, bytes after the heads)."""
        client, request, upstream = self.client, self._head, self._way.upstream
        if upstream is None:
            return b"", b""
        if found is None:
            whole = self._partial.feed(data) if self._partial is not None else data
            if whole is None:
                return b"", b""
            self._partial = None
            found = whole if isinstance(whole, Refusal) else upstream.answers.read(self._site.responses, whole, request)
        if isinstance(found, Refusal):
            self.fail(502, "the assistant's answer is not proper HTTP", "upstream_broken", "head")
            return b"", b""
        heads, rest = found
        for head in heads:
            if not head.interim:
                break
            if not request.old:  # an HTTP/1.0 client knows no interim responses (RFC 9110 15.2)
                client.transport.write(head.onward(close=False))
        else:
            self._partial = Arriving(HEAD_LIMIT, response=True)
            return self._read_heads(rest, now) if rest else (b"", b"")
        self._response_head = head
        if self._way.pool.failures:
            self._way.pool.answered()
        self.capture.answered(head, now)
        if head.status == 101:
            self._switch(head, rest)
            return b"", b""
        self._response = head.body
        client.keep_alive = request.keep_alive and not head.old and not isinstance(head.body, UntilClose) and not client.draining
        return head.onward(close=not client.keep_alive and not request.old), rest

    def _switch(self, head: ResponseHead, rest: bytes) -> None:
        """Become a tunnel: the end of this exchange is the tunnel's."""
        upstream = self._way.upstream
        if upstream is None:
            return
        self._ended = True
        tunnel = Tunnel(self.client, self._site, self._way.pool, upstream, self.capture, self._stay.seconds)
        self.client.transport.write(head.onward(close=False))
        self.client.switched()
        if rest:
            tunnel.response_data(rest)

    def upstream_ended(self) -> None:
        """The assistant has sent its FIN: the proper end of a body that lasts until close, else a break."""
        if isinstance(self._response, UntilClose):
            self._response.done = True
            self._complete(monotonic(), clean=False)

    def upstream_lost(self, *, broken: bool, fresh: bool) -> None:
        """The connection to the assistant is gone, by a reset when `broken`; `fresh` when it was opened for this exchange."""
        if self._ended:
            return
        self._way.upstream = None
        if self._response is not None:
            self._break("upstream_broken", "closed")
        elif not fresh and self._may_repeat():
            self._repeated = True
            self._way.connect(self, self._pattern.onward(self._raw))
        else:
            self._way.pool.failed(monotonic())
            self.fail(502, "the assistant closed the connection without an answer", "upstream_unreachable", "closed")

    def _may_repeat(self) -> bool:
        """RFC 9112 9.3.1, at its most careful: once, a safe method, no body, not a byte of answer."""
        return (
            not self._repeated
            and not self._heard
            and self._head.method in _REPEATABLE
            and self.request.done
            and self.capture.request_size == 0
        )

    # -- endings --------------------------------------------------------------------------------------------------

    def _complete(self, now: float, *, clean: bool) -> None:
        head, client = self._response_head, self.client
        reusable = clean and head is not None and head.keep_alive and self.request.done and not self._head.old
        if client.full:
            self._way.go_on()
        self._end("complete", now=now, reusable=reusable)
        client.exchange_done(self.request)

    def _break(self, reason: EndReason, detail: str) -> None:
        """End an answer that has begun, visibly: never as a clean end (RFC 9112 8)."""
        client = self.client
        self._end(reason, detail)
        if isinstance(self._response, UntilClose | Unchunked):  # a body that lasts until close would seem whole
            reset(client.transport)
        else:
            client.finish()  # what has been written goes out first; the missing rest is the sign

    def fail(self, status: int, why: str, reason: EndReason, detail: str, *, unreachable: bool = False) -> None:
        """Answer for the assistant where it has not begun to answer, else break the answer off."""
        if self._ended:
            return
        if self._response is not None:
            self._break(reason, detail)
            return
        client = self.client
        self._response_head = head = ResponseHead(b"", status, EMPTY)
        self.capture.answered(head, monotonic(), own=True)
        self._end(reason, detail)
        client.close_with(answer(status, why, unreachable=unreachable, body=self._head.method != b"HEAD"))

    def cut(self) -> None:
        """Break the exchange off at the end of a drain."""
        self.fail(503, "the proxy has been stopped", "drained", "drain")

    def sweep(self, now: float) -> None:
        """Once a second: ship what waits, end what waits past a limit. An answer that has begun may take its time."""
        self.capture.sweep(now)
        if self._response is not None:
            return
        limits = self.client.limits
        waited = now - self._stay.gone
        if self.request.done or self.client.reading.paused & UPSTREAM:  # it is the assistant's turn
            if limits.first_byte_time and waited > limits.first_byte_time and self._way.upstream is not None:
                self._way.pool.failed(monotonic())
                self.fail(504, "no answer of the assistant within the limit", "timeout", "first_byte")
        elif limits.stall and waited > limits.stall and not self.client.reading.paused:
            self.fail(408, "the request did not come whole", "refused", "stalled")

    def _end(self, reason: EndReason, detail: str = "", now: float = 0.0, *, reusable: bool = False) -> None:
        """End once; the connection to the assistant is broken off where it is not `reusable`."""
        self._ended = True
        self.client.exchange = None
        now = now or monotonic()
        self._way.end(now, reusable=reusable)
        self._site.watch.defer(partial(self._note, reason, detail))

    def _note(self, reason: EndReason, detail: str) -> None:
        """Note the end once everything has gone out."""
        head = self._response_head
        self._site.ended(self.capture, head.status if head is not None else 0, self._stay.seconds, reason, detail, monotonic())
