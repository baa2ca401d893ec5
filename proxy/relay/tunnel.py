"""An upgraded connection: bytes pass both ways as they come, until one side ends."""

from __future__ import annotations

import asyncio
import struct
from socket import SO_LINGER, SOL_SOCKET
from time import monotonic

from proxy.records import EndReason
from proxy.relay.capture import Capture
from proxy.relay.parties import Caller
from proxy.relay.pool import Pool
from proxy.relay.site import Site
from proxy.relay.upstream import Upstream

SWITCHED = 101


class Tunnel:
    """Takes the place of an exchange on both connections when the assistant has agreed to an upgrade.

    The capture goes on, for as long as the observer wants it.
    """

    __slots__ = ("_ended", "_overhead", "_pool", "_site", "_upstream", "capture", "client")

    def __init__(self, client: Caller, site: Site, pool: Pool, upstream: Upstream, capture: Capture, overhead: float) -> None:
        self.client = client
        self.capture = capture
        capture.switched()
        self._site = site
        self._pool = pool
        self._upstream = upstream
        self._overhead = overhead
        self._ended = False
        client.exchange = self
        upstream.exchange = self

    # -- from the client ------------------------------------------------------------------------------------------

    def request_data(self, data: bytes) -> bytes:
        """Pass on bytes of the client; none of them come after the tunnel."""
        self.capture.request(data, monotonic())
        self._upstream.transport.write(data)
        return b""

    def client_gone(self, detail: str = "") -> None:
        """The client has left; its last frame may still be on the way."""
        if not self._ended:
            self._end("client_gone", detail)
            self._upstream.finish()

    def hold(self) -> None:
        """Do not read from the assistant until the client has caught up."""
        self._upstream.hold()

    def go_on(self) -> None:
        """Read on."""
        self._upstream.go_on()

    # -- from the assistant ---------------------------------------------------------------------------------------

    def response_data(self, data: bytes) -> None:
        """Pass on bytes of the assistant."""
        self.capture.response(data, monotonic())
        self.client.transport.write(data)

    def upstream_ended(self) -> None:
        """The assistant has sent its FIN."""
        self._end("complete")
        self._upstream.finish()
        self.client.finish()

    def upstream_lost(self, *, broken: bool, fresh: bool) -> None:
        """The connection to the assistant is gone, by a reset when `broken`, which the client sees as one."""
        if self._ended:
            return
        self._end("upstream_broken", "closed")
        if broken:
            reset(self.client.transport)
        else:
            self.client.finish()

    # -- endings --------------------------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Ship what waits; nothing is overdue in a tunnel, its silence has no limit (case 94)."""
        self.capture.sweep(now)

    def cut(self) -> None:
        """Break it off at the end of a drain."""
        self._end("drained", "drain")
        self._upstream.transport.abort()
        self.client.transport.close()

    def _end(self, reason: EndReason, detail: str = "") -> None:
        self._ended = True
        self._upstream.exchange = None
        self._pool.busy -= 1
        self.client.exchange = None
        self._site.ended(self.capture, SWITCHED, self._overhead, reason, detail, monotonic())


def reset(transport: asyncio.Transport) -> None:
    """End a connection by a reset: where a FIN would say that all had come."""
    if (connection := transport.get_extra_info("socket")) is not None:
        connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
