"""One whole exchange as the observer assembled it from records: what `meaning` reads."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

import msgspec

from proxy.records import EndReason


class Body(msgspec.Struct, frozen=True):
    """The captured bytes of one side, as they passed (chunk framing and content coding still on).

    `timeline` is (end offset, seconds since the exchange opened), offsets in `data`, rising. `cut` when bytes are
    missing; what is there is then a prefix of what passed.
    """

    data: bytes = b""
    timeline: tuple[tuple[int, float], ...] = ()
    chunked: bool = False
    cut: bool = False

    def after(self, offset: int) -> float | None:
        """Seconds since the exchange opened at which the byte at `offset` passed; None when not known."""
        timeline = self.timeline
        if not timeline:
            return None
        last = len(timeline) - 1
        return timeline[bisect_right(timeline, offset, 0, last, key=lambda entry: entry[0]) if last else 0][1]


class Exchange(msgspec.Struct, frozen=True):
    """Header names are lower case; a name that came several times holds its values joined by ", "."""

    id: str  # unique over all relays and starts: relay id and exchange number
    assistant: str
    at: float  # Unix seconds of the first byte of the request
    client: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    request: Body
    request_after: float  # when the last byte of the request had come
    status: int | None  # None: no response
    answered_after: float | None
    response_headers: Mapping[str, str]
    response: Body
    ending: EndReason
    ended_after: float
    own: bool = False  # the relay answered, not the assistant
