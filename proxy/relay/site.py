"""What all exchanges of one assistant share within a relay."""

from __future__ import annotations

from typing import Final

from proxy.records import Answered, Ending, EndReason, Opened, Segment
from proxy.relay.capture import Capture
from proxy.relay.counters import Counters
from proxy.relay.curtain import Curtain, Shown
from proxy.relay.plan import AssistantPlan, RelayPlan
from proxy.relay.request import RequestHead
from proxy.relay.response import ResponseReader
from proxy.relay.shipper import Shipper
from proxy.relay.upstreams import Upstreams
from proxy.relay.watch import Watch
from proxy.tasks import Tasks

WHOLE_LIMIT: Final = 28 * 1024
"""Bytes of a message that may go straight: with its answer it is one record, below the size at which a capture ships."""
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
    """One assistant in one relay: where connections come from, what heads become, what is copied and counted."""

    def __init__(
        self,
        plan: RelayPlan,
        assistant: AssistantPlan,
        shipper: Shipper,
        counters: Counters,
        tasks: Tasks,
        watch: Watch,
        numbers: Numbers,
    ) -> None:
        self.name = assistant.name
        self.tasks = tasks
        self.watch = watch
        self.curtain = Curtain(assistant.wanted, bytes.fromhex(plan.secret))
        self.responses = ResponseReader(self.curtain.response_fields)
        self.upstreams = Upstreams(assistant.upstreams, plan.limits, tasks, counters, watch)
        self._authority = assistant.upstreams[0].authority.encode()
        self._host = b"" if assistant.keep_host else self._authority
        self._via = assistant.via
        self._forwarded = assistant.append_forwarded
        self.adds = assistant.via or assistant.append_forwarded  # lines of its own, that say who asks
        self._ship = shipper.ship
        self._capture_limit = plan.capture.limit
        self.whole_limit = min(WHOLE_LIMIT, plan.capture.limit)
        self._numbers = numbers
        self._counters = counters
        self._tally = counters.tally(assistant.name)

    def capture(self, shown: Shown, peer: str, started: float) -> Capture:
        """Open the capture of a new exchange."""
        return Capture(self._ship, self.name, self._numbers.next(), self._capture_limit, self.curtain, shown, peer, started)

    def onward(self, head: RequestHead, raw: bytes, peer: str, *, secure: bool) -> bytes:
        """The head that the assistant gets for `raw`, which is `head` or one of another length; `secure`: it came by TLS."""
        return head.onward(raw, self._host, self._authority, self._added(peer, secure=secure) if self.adds else b"")

    def _added(self, peer: str, *, secure: bool) -> bytes:
        """Lines that the operator wants at the end of each request head: Via, and who the client is."""
        lines = _VIA if self._via else b""
        if self._forwarded and peer:
            node = f'"[{peer}]"' if ":" in peer else peer
            proto = "https" if secure else "http"
            lines += f"Forwarded: for={node};proto={proto}\r\nX-Forwarded-For: {peer}\r\nX-Forwarded-Proto: {proto}\r\n".encode()
        return lines

    def whole(self, opened: Opened, segments: tuple[Segment, ...], answered: Answered, ending: Ending, overhead: float) -> None:
        """Note an exchange of which everything is there at once."""
        self._ship(self._numbers.next(), self.name, opened, segments, answered, ending)
        self._tally.exchange(answered.status, ending.request_size, ending.response_size, overhead)

    def ended(self, capture: Capture, status: int, overhead: float, reason: EndReason, detail: str, now: float) -> None:
        """Note the end of an exchange, in its capture and in the accounting."""
        capture.end(reason, now, detail)
        self._tally.exchange(status, capture.request_size, capture.response_size, overhead)
        if reason != "complete":
            self._counters.add("errors", self.name, f"{reason}_{detail}" if detail else reason)
