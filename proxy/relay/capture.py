"""The relay's bounded copy of an exchange.

A capture only appends to lists; what it holds goes to the shipper at the end of the exchange, at SHIP_SIZE, or when the
worker's sweep finds it older than a second. Past its limit the text is cut and the ending says so; sizes and times are
always kept. After an upgrade both sides hold the raw bytes of the tunnel, frames and all, for as long as it is open: what
bounds them is the ring they go to, and an observer that has no use for them says so.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import maxsize
from time import monotonic, time
from typing import Final

from proxy.records import Answered, Ending, EndReason, Opened, Segment, segment
from proxy.relay.curtain import Curtain, Shown, is_readable
from proxy.relay.response import ResponseHead

SHIP_SIZE: Final = 64 * 1024
"""Bytes of an exchange that wait in the capture at most: larger segments would make the observer's work come in lumps."""
SHIP_AGE: Final = 0.25
"""Seconds since the last shipment past which a sweep ships what there is: seen within 1.25 s at the latest."""
Ship = Callable[[int, str, Opened | None, tuple[Segment, ...], Answered | None, Ending | None], bool]
"""Takes a record, and says whether more of its exchange's bytes are wanted."""


class _Side:
    """One direction's bytes that have not been shipped, and their sizes."""

    __slots__ = ("kept", "limit", "offset", "pieces", "size", "times")

    def __init__(self, limit: int) -> None:
        self.limit = limit  # bytes that may be copied
        self.size = 0  # bytes that passed
        self.kept = 0  # bytes that were copied, shipped ones included
        self.offset = 0  # where the pieces begin
        self.pieces: list[bytes] = []
        self.times: list[float] = []  # of each

    def add(self, data: bytes, after: float) -> int:
        """Note a piece; returns the bytes copied."""
        size = len(data)
        self.size += size
        if self.size > self.limit:
            size = self.limit - self.kept
            if not size:
                return 0
            data = data[:size]
        self.kept += size
        self.pieces.append(data)
        self.times.append(after)
        return size

    def segment(self, *, request: bool) -> Segment:
        """Take out what is there."""
        pieces, self.pieces = self.pieces, []
        times, self.times = self.times, []
        offset, self.offset = self.offset, self.kept
        return segment(request, offset, pieces, times)


class Capture:
    """The copy of one exchange. `started` and all moments are seconds of the monotonic clock."""

    __slots__ = (
        "_answered",
        "_assistant",
        "_curtain",
        "_limit",
        "_number",
        "_opened",
        "_request",
        "_response",
        "_ship",
        "_since",
        "_waiting",
        "request_after",
        "started",
    )

    def __init__(
        self,
        ship: Ship,
        assistant: str,
        number: int,
        limit: int,
        curtain: Curtain,
        shown: Shown,
        client: str,
        started: float,
    ) -> None:
        self._ship = ship
        self._assistant = assistant
        self._number = number
        self._limit = limit  # bytes of each side
        self._curtain = curtain
        self.started = started
        self._since = started  # of the last shipment
        self.request_after = 0.0
        self._opened: Opened | None = Opened(
            time() - (monotonic() - started), client, shown.method, shown.path, shown.query, shown.headers, shown.chunked
        )
        self._answered: Answered | None = None
        self._request = _Side(limit if shown.readable else 0)
        self._response = _Side(0)  # until a head says what comes
        self._waiting = 0  # bytes copied and not shipped

    def answered(self, head: ResponseHead, now: float, *, own: bool = False) -> None:
        """Note a final response's head."""
        self._answered = Answered(now - self.started, head.status, self._curtain.response(head.wanted), head.chunked, own)
        if is_readable(head.kind):
            self._response.limit = self._limit

    def switched(self) -> None:
        """The connection is a tunnel from here on: no limit of a body applies."""
        self._request.limit = self._response.limit = maxsize

    def request(self, data: bytes, now: float) -> None:
        """Note bytes of the client that passed."""
        after = self.request_after = now - self.started
        self._waiting += self._request.add(data, after)
        if self._waiting >= SHIP_SIZE:
            self.ship(now)

    def response(self, data: bytes, now: float) -> None:
        """Note bytes of the assistant that passed."""
        self._waiting += self._response.add(data, now - self.started)
        if self._waiting >= SHIP_SIZE:
            self.ship(now)

    @property
    def request_size(self) -> int:
        """Bytes of the request's body so far."""
        return self._request.size

    @property
    def response_size(self) -> int:
        """Bytes of the response's body so far."""
        return self._response.size

    def end(self, reason: EndReason, now: float, detail: str = "") -> None:
        """Note the one ending, and ship what is left."""
        request, response = self._request, self._response
        cut = request.kept < request.size or response.kept < response.size
        self.ship(now, Ending(now - self.started, reason, request.size, response.size, self.request_after, cut, detail))

    def sweep(self, now: float) -> None:
        """Hand over what has waited for long enough."""
        if now - self._since >= SHIP_AGE:
            self.ship(now)

    def ship(self, now: float, ending: Ending | None = None) -> None:
        """Hand over what is new since the last time."""
        self._since = now
        self._waiting = 0
        segments: tuple[Segment, ...] = ()
        if self._request.pieces:
            segments = (self._request.segment(request=True),)
        if self._response.pieces:
            segments = (*segments, self._response.segment(request=False))
        opened, answered = self._opened, self._answered
        self._opened = self._answered = None
        if not (opened or segments or answered or ending):
            return
        if not self._ship(self._number, self._assistant, opened, segments, answered, ending):
            self._request.limit, self._response.limit = self._request.kept, self._response.kept
