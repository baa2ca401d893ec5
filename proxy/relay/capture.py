"""The relay's bounded copy of an exchange, and what of a head may leave the relay.

A capture only appends to lists; what it holds goes to the shipper at the end of the exchange, at SHIP_SIZE, or when the
worker's sweep finds it older than a second. Past its limit the text is cut and the ending says so; sizes and times are
always kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Final

from proxy.records import Answered, Ending, EndReason, Opened, Segment
from proxy.relay.head import RequestHead, ResponseHead
from proxy.relay.plan import Wanted

SHIP_SIZE: Final = 64 * 1024
"""Bytes of an exchange that wait in the capture at most: larger segments would make the observer's work come in lumps."""
ALWAYS: Final = frozenset({b"content-type", b"content-encoding"})
"""Fields without which no decoder can be chosen."""
_NEVER: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)
"""Credentials do not leave as they are, whatever a preset or an operator wants; hashed they may."""
_READABLE: Final = (
    b"application/json",
    b"text/event-stream",
    b"application/x-ndjson",
    b"application/x-www-form-urlencoded",
    b"text/plain",
)
"""Media types that a decoder reads; anything else is timed and measured, not copied."""


def is_readable(kind: bytes) -> bool:
    """Whether a body of this media type is worth a copy. No type at all: chat clients that forget it send JSON."""
    kind = kind.lower()
    return not kind or kind.startswith(_READABLE) or b"+json" in kind


class Curtain:
    """Lets through what `Wanted` allows, turns credentials into keyed hashes, keeps everything else in the relay."""

    def __init__(self, wanted: Wanted, secret: bytes) -> None:
        self._secret = secret
        self._plain = (wanted.headers | {name.decode() for name in ALWAYS}) - _NEVER
        self._hashed = wanted.hashed_headers
        self._cookies = wanted.cookies
        self._jwt = wanted.jwt_headers
        self._query = wanted.query
        names = {*self._plain, *self._hashed, *self._jwt, *({"cookie"} if self._cookies else ())}
        self.request_fields = frozenset(name.encode() for name in names)
        self.response_fields = frozenset(name.encode() for name in wanted.response_headers - _NEVER) | ALWAYS

    def fields(self, found: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
        """Give request fields as the observer may see them."""
        shown: list[tuple[str, str]] = []
        for raw_name, raw_value in found:
            name = raw_name.decode("latin-1")
            if name in self._plain:
                shown.append((name, raw_value.decode("latin-1")))
            if name in self._hashed:
                shown.append((f"hash:{name}", self._hash(raw_value)))
            if name in self._jwt and (payload := _jwt_payload(raw_value)):
                shown.append((f"jwt:{name}", payload))
            if name == "cookie" and self._cookies:
                shown += self._chosen_cookies(raw_value)
        return tuple(shown)

    def _chosen_cookies(self, value: bytes) -> list[tuple[str, str]]:
        shown = []
        for pair in value.split(b";"):
            name, _, content = pair.strip().partition(b"=")
            if (text := name.decode("latin-1")) in self._cookies:
                shown.append((f"cookie:{text}", self._hash(content)))
        return shown

    def _hash(self, value: bytes) -> str:
        digest = hmac.digest(self._secret, value, hashlib.sha256)[:16]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def target(self, target: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Split a target into its path and the wanted parameters of its query, as they came."""
        path, _, query = target.decode("latin-1").partition("?")
        if not query or not self._query:
            return path, ()
        pairs = (part.partition("=") for part in query.split("&"))
        return path, tuple((name, value) for name, _, value in pairs if name in self._query)


def _jwt_payload(value: bytes) -> str:
    """The middle part of a token, without the signature that would make it worth stealing."""
    parts = value.rpartition(b" ")[2].split(b".")
    return parts[1].decode("latin-1") if len(parts) == 3 else ""


class _Side:
    """One direction's bytes that have not been shipped, and their sizes."""

    __slots__ = ("kept", "line", "offset", "open", "parts", "size")

    def __init__(self) -> None:
        self.open = False  # copies bytes
        self.size = 0  # bytes that passed
        self.kept = 0  # bytes that were copied, shipped ones included
        self.offset = 0  # where the parts begin
        self.parts: list[bytes] = []
        self.line: list[tuple[int, float]] = []

    def add(self, data: bytes, after: float, limit: int) -> int:
        """Note a piece; returns the bytes copied."""
        size = len(data)
        self.size += size
        if not self.open:
            return 0
        if self.size > limit:
            self.open = False
            data = data[: limit - self.kept]
            size = len(data)
            if not size:
                return 0
        self.kept += size
        self.parts.append(data)
        self.line.append((self.kept, after))
        return size

    def segment(self, *, request: bool) -> Segment:
        parts, self.parts = self.parts, []
        line, self.line = self.line, []
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        segment = Segment(request, self.offset, data, tuple(line))
        self.offset = self.kept
        return segment


class Capture:
    """The copy of one exchange. Times are seconds of the loop's monotonic clock; `wall` is Unix seconds at the opening."""

    __slots__ = (
        "_answered",
        "_assistant",
        "_limit",
        "_number",
        "_opened",
        "_request",
        "_response",
        "_ship",
        "_waiting",
        "request_after",
        "since",
        "started",
    )

    def __init__(
        self,
        ship: Callable[[int, str, Opened | None, tuple[Segment, ...], Answered | None, Ending | None], None],
        assistant: str,
        number: int,
        limit: int,
        started: float,
    ) -> None:
        self._ship = ship
        self._assistant = assistant
        self._number = number
        self._limit = limit
        self.started = started
        self.since = started  # of the last shipment
        self.request_after = 0.0
        self._opened: Opened | None = None
        self._answered: Answered | None = None
        self._request = _Side()
        self._response = _Side()
        self._waiting = 0  # bytes copied and not shipped

    def opened(self, head: RequestHead, curtain: Curtain, client: str, wall: float) -> None:
        """Note the request's head."""
        path, query = curtain.target(head.target)
        fields = curtain.fields(head.wanted)
        self._opened = Opened(wall, client, head.method.decode("latin-1"), path, query, fields, head.chunked)
        self._request.open = self._limit > 0 and is_readable(_value(head.wanted, b"content-type"))

    def answered(self, head: ResponseHead, now: float, *, own: bool = False) -> None:
        """Note a final response's head."""
        fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.wanted)
        self._answered = Answered(now - self.started, head.status, fields, head.chunked, own)
        self._response.open = self._limit > 0 and is_readable(_value(head.wanted, b"content-type"))

    def request(self, data: bytes, now: float) -> None:
        """Note bytes of the request's body that passed."""
        after = self.request_after = now - self.started
        self._waiting += self._request.add(data, after, self._limit)
        if self._waiting >= SHIP_SIZE:
            self.ship(now)

    def response(self, data: bytes, now: float) -> None:
        """Note bytes of the response's body that passed."""
        self._waiting += self._response.add(data, now - self.started, self._limit)
        if self._waiting >= SHIP_SIZE:
            self.ship(now)

    @property
    def sizes(self) -> tuple[int, int]:
        """Bytes of both bodies so far."""
        return self._request.size, self._response.size

    def end(self, reason: EndReason, now: float, detail: str = "") -> None:
        """Note the one ending, and ship what is left."""
        request, response = self._request, self._response
        cut = request.kept < request.size or response.kept < response.size
        ending = Ending(now - self.started, reason, request.size, response.size, self.request_after, cut, detail)
        self.ship(now, ending)

    def ship(self, now: float, ending: Ending | None = None) -> None:
        """Hand over what is new since the last time."""
        self.since = now
        self._waiting = 0
        segments: tuple[Segment, ...] = ()
        if self._request.parts:
            segments = (self._request.segment(request=True),)
        if self._response.parts:
            segments = (*segments, self._response.segment(request=False))
        opened, self._opened = self._opened, None
        answered, self._answered = self._answered, None
        if opened or segments or answered or ending:
            self._ship(self._number, self._assistant, opened, segments, answered, ending)


def _value(fields: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    for field, value in fields:
        if field == name:
            return value
    return b""
