"""Heads of responses: bytes in, a decision and the bytes to send on out."""

from __future__ import annotations

from typing import Final

import httptools
import msgspec

from proxy.relay.body import EMPTY, Chunked, Length, Tracker, UntilClose
from proxy.relay.fields import (
    CONNECTION,
    HOP,
    LASTING,
    LENGTH,
    LENGTH_DIGITS,
    OTHER,
    SILENT,
    TRANSFER,
    TYPE,
    UPGRADE,
    WANTED,
    Lines,
    Refusal,
    malformed,
    nominated,
    options,
    without,
)
from proxy.relay.request import RequestHead
from proxy.relay.unchunked import Unchunked

_FIELDS: Final = {
    b"connection": CONNECTION,
    b"keep-alive": HOP,
    b"proxy-connection": HOP,
    b"upgrade": UPGRADE,
    b"content-length": LENGTH,
    b"transfer-encoding": TRANSFER,
    b"content-type": TYPE,
}


class ResponseHead(msgspec.Struct, frozen=True, gc=False):
    """A response that may go on. `wanted` holds the fields that may leave the relay."""

    raw: bytes
    status: int
    body: Tracker
    kind: bytes = b""  # Content-Type
    wanted: list[tuple[bytes, bytes]] = []
    dropped: list[bytes] = []  # lines that do not go on
    keep_alive: bool = False
    chunked: bool = False
    old: bool = False  # HTTP/1.0

    @property
    def interim(self) -> bool:
        """Whether a final response is still to come (RFC 9110 15.2)."""
        return self.status < 200 and self.status != 101

    def onward(self, *, close: bool) -> bytes:
        """The head to send; with `close` it tells the client that its connection ends with this response."""
        raw = without(self.raw, self.dropped) if self.dropped else self.raw
        return raw[:-2] + b"Connection: close\r\n\r\n" if close else raw


class ResponseReader:
    """Reads responses; `wanted` names the fields (lower case) that a capture takes."""

    def __init__(self, wanted: frozenset[bytes] = frozenset()) -> None:
        self._lines = Lines(dict.fromkeys(wanted, WANTED) | _FIELDS)

    def read(self, raw: bytes, request: RequestHead) -> ResponseHead | Refusal:
        """Read the head of a response to `request`, its final empty line included."""
        lines = raw[:-4].split(b"\r\n")
        if refusal := malformed(httptools.HttpResponseParser(SILENT), raw, len(lines) + 1):
            return Refusal(502, refusal.reason)
        start = lines[0][:12]
        version = start[:9]
        old = version == b"HTTP/1.0 "
        if not old and version != b"HTTP/1.1 ":  # llhttp takes others, and empty lines before
            return Refusal(502, "a status line that is not of HTTP/1.0 or HTTP/1.1")
        status = int(start[9:])
        if status < 100:
            return Refusal(502, "a status below 100")
        if old and status < 200:  # RFC 9110 15.2: HTTP/1.0 has none, and llhttp at the client takes it for the end
            return Refusal(502, "an interim answer in HTTP/1.0")
        switching = status == 101
        if switching and not request.upgrade:
            return Refusal(502, "a switch of protocols that was not asked for")
        length = transfer = upgrade = None
        kind = b""
        wanted: list[tuple[bytes, bytes]] = []
        dropped: list[bytes] = []
        asked: list[bytes] = []  # values of Connection
        bodiless = status < 200 or status == 204  # these have neither length (RFC 9110 8.6) nor coding (RFC 9112 6.1)
        lines[0] = b":"  # no field
        known = self._lines.known
        for line in lines:
            what, name, value = known.get(line) or self._lines.read(line)
            if what == OTHER:
                continue
            if what == TYPE:
                kind = value
                wanted.append((name, value))
            elif what == WANTED:
                wanted.append((name, value))
            elif what == LENGTH:
                if length is not None:  # llhttp refuses the same one twice, and this must not rest on it
                    return Refusal(502, "two Content-Length fields")
                length = value
                if bodiless:
                    dropped.append(line)
            elif what == TRANSFER:
                if transfer is not None:
                    return Refusal(502, "two Transfer-Encoding fields")
                transfer = value.lower()
                if bodiless or (request.old and transfer == b"chunked"):
                    dropped.append(line)
            elif not switching:
                dropped.append(line)
                if what == CONNECTION:
                    asked.append(value)
            elif what == UPGRADE:
                upgrade = value.lower() if upgrade is None else b""
        if switching and upgrade != b"websocket":
            return Refusal(502, "a switch to a protocol that was not asked for")
        keep_alive = not old
        if asked and not (len(asked) == 1 and asked[0] in LASTING and not old):
            named = options(asked)
            keep_alive = b"close" not in named and (not old or b"keep-alive" in named)
            dropped += nominated(lines, named)
        if bodiless or status == 304 or request.method == b"HEAD":
            if transfer is not None and status != 200:
                keep_alive = False  # it may send chunks all the same: they would answer the next request
            return ResponseHead(raw, status, EMPTY, kind, wanted, dropped, keep_alive, False, old)
        body = _framing(length, transfer, request, old=old)
        if isinstance(body, Refusal):
            return body
        if transfer is None and length is None:
            keep_alive = False
        return ResponseHead(raw, status, body, kind, wanted, dropped, keep_alive, isinstance(body, Chunked), old)


Heads = tuple[list[ResponseHead], bytes]
"""Heads up to the final one, and the bytes behind them."""


def read_heads(reader: ResponseReader, data: bytes, request: RequestHead) -> Heads | Refusal:
    """Cut heads up to the final one off `data`; gives them and what stands behind, which may be a head that is not whole."""
    heads: list[ResponseHead] = []
    start = 0
    while True:
        end = data.find(b"\r\n\r\n", start) + 4
        if end == 3:
            rest = data[start:]
            return (heads, rest) if b"HTTP/".startswith(rest[:5]) else Refusal(502, "something that is not HTTP")
        head = reader.read(data[start:end], request)
        if isinstance(head, Refusal):
            return head
        heads.append(head)
        if not head.interim:
            return heads, data[end:]
        start = end


def _framing(length: bytes | None, transfer: bytes | None, request: RequestHead, *, old: bool) -> Tracker | Refusal:
    """RFC 9112 6.3 for responses; what is not clear is a broken upstream."""
    if transfer is not None:
        if transfer != b"chunked" or length is not None or old:
            return Refusal(502, "a transfer coding other than chunked, or beside Content-Length, or in HTTP/1.0")
        return Unchunked() if request.old else Chunked()
    if length is None:
        return UntilClose()
    if not length.isdigit() or len(length) > LENGTH_DIGITS:
        return Refusal(502, "a Content-Length that is no number")
    return Length(int(length))
