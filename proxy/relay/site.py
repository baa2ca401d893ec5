"""What all connections to one assistant share within a relay."""

from __future__ import annotations

from typing import Final

from proxy.relay.capture import Capture, Curtain
from proxy.relay.counters import Counters
from proxy.relay.head import HeadReader
from proxy.relay.plan import AssistantPlan, RelayPlan
from proxy.relay.shipper import Shipper
from proxy.relay.upstream import Pool
from proxy.tasks import Tasks

_VIA: Final = b"Via: 1.1 kpi-proxy\r\n"


class Numbers:
    """Gives the exchanges of a relay their numbers."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """The next number, from 1."""
        self._last += 1
        return self._last


class Site:
    """One assistant in one relay: how heads are read, where connections come from, what is copied and counted."""

    def __init__(
        self, plan: RelayPlan, assistant: AssistantPlan, shipper: Shipper, counters: Counters, tasks: Tasks, numbers: Numbers
    ) -> None:
        limits = plan.limits
        upstream = assistant.upstream
        self.name = assistant.name
        self.limits = limits
        self.counters = counters
        self.tasks = tasks
        self.draining = False
        self.connections_by_peer: dict[str, int] = {}
        self.curtain = Curtain(assistant.wanted, bytes.fromhex(plan.secret))
        authority = upstream.authority.encode()
        self.heads = HeadReader(
            self.curtain.request_fields,
            self.curtain.response_fields,
            host=b"" if assistant.keep_host else authority,
            default_host=authority,
            headers=limits.headers,
        )
        self.pool = Pool(upstream, size=limits.pool, idle=limits.pool_idle, connect_time=limits.connect_time)
        self._via = assistant.via
        self._forwarded = assistant.append_forwarded
        self._ship = shipper.ship
        self._capture_limit = plan.capture.limit
        self._numbers = numbers

    def capture(self, started: float) -> Capture:
        """Open the capture of a new exchange."""
        return Capture(self._ship, self.name, self._numbers.next(), self._capture_limit, started)

    def added(self, peer: str) -> bytes:
        """Lines that the operator wants at the end of each request head: Via, and who the client is."""
        lines = _VIA if self._via else b""
        if self._forwarded and peer:
            node = f'"[{peer}]"' if ":" in peer else peer
            lines += f"Forwarded: for={node};proto=http\r\nX-Forwarded-For: {peer}\r\nX-Forwarded-Proto: http\r\n".encode()
        return lines
