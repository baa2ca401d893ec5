"""One exchange on its way: the client's request to the assistant, the assistant's answer back, the capture beside.

The protocols on both sides hand it bytes; it decides what goes on and when the exchange has ended. It ends once, with one
reason. Nothing is accumulated but a head that is not whole yet and the bytes read while a connection is being opened.
"""

from __future__ import annotations

import ssl
import struct
from socket import SO_LINGER, SOL_SOCKET, SocketType
from time import monotonic, time
from typing import TYPE_CHECKING, Final

from proxy.records import EndReason
from proxy.relay.answers import answer
from proxy.relay.body import Tracker, UntilClose
from proxy.relay.head import Refusal, RequestHead, ResponseHead
from proxy.relay.upstream import Upstream

if TYPE_CHECKING:
    from proxy.relay.client import Client

HEAD_LIMIT: Final = 256 * 1024
"""Bytes of a response's head: far more than any server sends, a bound for a server that never ends one."""
_REPEATABLE: Final = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that may be sent again when a pooled connection died before a byte of answer (RFC 9110 9.2.1: safe)."""


class Exchange:
    """The mediator between one client connection and one upstream connection, for one request and its response."""

    __slots__ = (
        "_connecting",
        "_ended",
        "_head",
        "_heard",
        "_overhead",
        "_partial",
        "_pending",
        "_request",
        "_response",
        "_response_head",
        "_retried",
        "_waiting_since",
        "capture",
        "client",
        "tunnel",
        "upstream",
    )

    def __init__(self, client: Client, head: RequestHead, started: float) -> None:
        self.client = client
        self.upstream: Upstream | None = None
        self.tunnel = False
        self.capture = client.site.capture(started)
        self._head = head
        self._request = head.body
        self._response_head: ResponseHead | None = None
        self._response: Tracker | None = None  # set by the final head
        self._partial = b""  # of a response head
        self._pending = b""  # to be sent when the connection is open
        self._connecting = False
        self._retried = False
        self._heard = False  # a byte of the assistant
        self._ended = False
        self._overhead = 0.0
        self._waiting_since = started

    # -- from the client ------------------------------------------------------------------------------------------

    @property
    def request_open(self) -> bool:
        """The request's body has not come whole."""
        return not self._request.done

    def begin(self, rest: bytes, started: float) -> bytes:
        """Send the request on; returns the bytes that come after it."""
        site = self.client.site
        head = self._head
        self.capture.opened(head, site.curtain, self.client.peer, time())
        body, rest = self._request.take(rest)
        if self._request.failed:
            self.fail(400, self._request.failed, "refused", "framing")
            return b""
        if body:
            self.capture.request(body, started)
        upstream = site.pool.take()
        outgoing = head.onward + body if body else head.onward
        if upstream is None:
            self._pending = outgoing
            self._connect()
        else:
            self._attach(upstream)
            upstream.transport.write(outgoing)
        self._waiting_since = now = monotonic()
        self._overhead += now - started
        return rest

    def request_data(self, data: bytes) -> bytes:
        """Pass on bytes of the request's body; returns the bytes that come after it."""
        now = monotonic()
        body, rest = self._request.take(data)
        if body:
            self.capture.request(body, now)
            if self.upstream is None:
                self._pending += body
            else:
                self.upstream.transport.write(body)
        if self._request.failed:
            self.fail(400, self._request.failed, "refused", "framing")
            return b""
        self._waiting_since = after = monotonic()
        self._overhead += after - now
        return rest

    def tunnel_data(self, data: bytes) -> None:
        """Pass on bytes of an upgraded connection."""
        self.capture.request(data, monotonic())
        if self.upstream is not None:
            self.upstream.transport.write(data)

    def client_gone(self) -> None:
        """The client has left: the assistant is told at once, by the end of its connection."""
        if self._ended:
            return
        upstream = self.upstream
        self._end("client_gone")
        if upstream is None:
            return
        if self.tunnel:
            upstream.transport.close()  # its last frame may still be on the way
        else:
            upstream.transport.abort()

    # -- the connection to the assistant --------------------------------------------------------------------------

    def _connect(self) -> None:
        self._connecting = True
        self.client.pause("connect")
        self.client.site.tasks.start(self._open(), "connect")

    async def _open(self) -> None:
        site = self.client.site
        try:
            upstream = await site.pool.connect()
        except TimeoutError:
            self.fail(504, "no connection to the assistant within the limit", "timeout", "connect")
            return
        except OSError as error:
            what = "TLS" if isinstance(error, ssl.SSLError) else "connect"
            self.fail(502, f"no connection to the assistant ({what})", "upstream_unreachable", what.lower(), unreachable=True)
            return
        self._connecting = False
        if self._ended:
            site.pool.release(upstream, monotonic())
            return
        self._attach(upstream)
        pending, self._pending = self._pending, b""
        upstream.transport.write(pending)
        self._waiting_since = monotonic()
        self.client.resume("connect")

    def _attach(self, upstream: Upstream) -> None:
        self.upstream = upstream
        upstream.exchange = self
        if self.client.full:
            upstream.transport.pause_reading()

    # -- from the assistant ---------------------------------------------------------------------------------------

    def response_data(self, data: bytes) -> None:
        """Pass on bytes of the response."""
        now = monotonic()
        self._heard = True
        if self.tunnel:
            self.capture.response(data, now)
            self.client.transport.write(data)
            return
        out = b""
        tracker = self._response
        if tracker is None:
            out, data, tracker = self._response_heads(data, now)
            if tracker is None:
                if out and not self._ended:
                    self.client.transport.write(out)
                return
        body, rest = tracker.take(data)
        if body:
            self.capture.response(body, now)
            out = out + body if out else body
        if out:
            self.client.transport.write(out)
        after = monotonic()
        self._overhead += after - now
        if tracker.failed:
            self._break("upstream_broken", "framing")
        elif tracker.done:
            self._complete(clean=not rest, now=after)

    def _response_heads(self, data: bytes, now: float) -> tuple[bytes, bytes, Tracker | None]:
        """Read heads up to the final one; gives (bytes for the client, bytes after the heads, tracker of the body)."""
        data = self._partial + data if self._partial else data
        self._partial = b""
        out = b""
        client = self.client
        while True:
            end = data.find(b"\r\n\r\n") + 4
            if end == 3:
                self._partial = data
                if len(data) > HEAD_LIMIT or not b"HTTP/".startswith(data[:5]):
                    self.fail(502, "the assistant's answer is not HTTP", "upstream_broken", "head")
                return out, b"", None
            head = client.site.heads.response(data[:end], self._head.method, tunnel=self._head.upgrade)
            if isinstance(head, Refusal):
                self.fail(502, "the assistant's answer is not proper HTTP", "upstream_broken", "head")
                return out, b"", None
            data = data[end:]
            if not head.interim:
                break
            if not self._head.old:  # an HTTP/1.0 client knows no interim responses (RFC 9110 15.2)
                out += head.onward(close=False)
        self._response_head = head
        self.capture.answered(head, now)
        if head.status == 101:
            self.tunnel = True
            client.transport.write(out + head.onward(close=False))
            client.tunnel()
            if data:
                self.response_data(data)
            return b"", b"", None
        self._response = head.body
        client.keep_alive = (
            self._head.keep_alive and not head.old and not isinstance(head.body, UntilClose) and not client.site.draining
        )
        return out + head.onward(close=not client.keep_alive and not self._head.old), data, head.body

    def upstream_ended(self) -> None:
        """The assistant has sent its FIN: the proper end of a body that lasts until close, else a break."""
        if isinstance(self._response, UntilClose):
            self._response.done = True
            self._complete(clean=False, now=monotonic())
        elif self.tunnel:
            self._end("complete")
            self.client.transport.close()

    def upstream_lost(self, *, broken: bool, fresh: bool) -> None:
        """The connection to the assistant is gone, by a reset when `broken`; `fresh` when it was opened for this exchange."""
        if self._ended:
            return
        self.upstream = None
        if self._response is None and not self.tunnel:
            if not fresh and self._may_repeat():
                self._retried = True
                self._pending = self._head.onward
                self._connect()
                return
            self.fail(502, "the assistant closed the connection without an answer", "upstream_unreachable", "closed")
        else:
            self._break("upstream_broken", "closed", reset=broken)

    def _may_repeat(self) -> bool:
        """RFC 9112 9.3.1, at its most careful: once, a safe method, no body, not a byte of answer."""
        return (
            not self._retried
            and not self._heard
            and self._head.method in _REPEATABLE
            and self._request.done
            and self.capture.sizes[0] == 0
        )

    # -- endings --------------------------------------------------------------------------------------------------

    def _complete(self, *, clean: bool, now: float) -> None:
        upstream = self.upstream
        head = self._response_head
        if upstream is not None:
            if clean and head is not None and head.keep_alive and self._request.done and not self._head.old:
                if self.client.full and not upstream.transport.is_closing():
                    upstream.transport.resume_reading()
                self.client.site.pool.release(upstream, now)
            else:
                upstream.exchange = None
                upstream.transport.abort()
        request = self._request
        self._end("complete")
        self.client.exchange_done(request)

    def _break(self, reason: EndReason, detail: str, *, reset: bool = False) -> None:
        """End an answer that has begun, visibly: never as a clean end (RFC 9112 8)."""
        transport = self.client.transport
        upstream = self.upstream
        lasting = isinstance(self._response, UntilClose)
        self._end(reason, detail)
        if upstream is not None:
            upstream.transport.abort()
        if lasting or (reset and self.tunnel):  # a body that lasts until close would seem whole
            linger: SocketType | None = transport.get_extra_info("socket")
            if linger is not None:
                linger.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()  # what has been written goes out first; the missing rest is the sign

    def fail(self, status: int, why: str, reason: EndReason, detail: str, *, unreachable: bool = False) -> None:
        """Answer for the assistant where it has not begun to answer, else break the answer off."""
        if self._ended:
            return
        if self._response is not None or self.tunnel:
            self._break(reason, detail)
            return
        upstream = self.upstream
        head = ResponseHead()
        head.status = status
        self._response_head = head
        self.capture.answered(head, monotonic(), own=True)
        self._end(reason, detail)
        if upstream is not None:
            upstream.transport.abort()
        self.client.close_with(answer(status, why, unreachable=unreachable, body=self._head.method != b"HEAD"))

    def cut(self) -> None:
        """Break the exchange off at the end of a drain."""
        self.fail(503, "the proxy has been stopped", "drained", "drain")

    def overdue(self, now: float, limit: float) -> bool:
        """Whether the assistant has kept silent past `limit` after a whole request."""
        return self._response is None and not self.tunnel and self._request.done and now - self._waiting_since > limit

    def _end(self, reason: EndReason, detail: str = "") -> None:
        self._ended = True
        if self.upstream is not None:
            if self.upstream.exchange is self:
                self.upstream.exchange = None
            self.upstream = None
        now = monotonic()
        site = self.client.site
        self.capture.end(reason, now, detail)
        head = self._response_head
        status = f"{head.status // 100}xx" if head is not None else "none"
        site.counters.exchange(site.name, status, self.capture.sizes, self._overhead)
        if reason != "complete":
            site.counters.add("errors", site.name, f"{reason}_{detail}" if detail else reason)
