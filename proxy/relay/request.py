"""Heads of requests: bytes in, a decision and the bytes to send on out."""

from __future__ import annotations

from typing import Final

import httptools
import msgspec

from proxy.relay.body import EMPTY, Chunked, Length, Tracker
from proxy.relay.fields import (
    CONNECTION,
    HOP,
    HOST,
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

_FIELDS: Final = {
    b"connection": CONNECTION,
    b"keep-alive": HOP,
    b"proxy-connection": HOP,
    b"proxy-authorization": HOP,
    b"te": HOP,
    b"upgrade": UPGRADE,
    b"content-length": LENGTH,
    b"transfer-encoding": TRANSFER,
    b"host": HOST,
    b"content-type": TYPE,
}
_HOST_CHARACTERS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:[]%!$&'()*+,;="


class RequestHead(msgspec.Struct, frozen=True, gc=False):
    """A request that may go on. `wanted` holds the fields that may leave the relay."""

    raw: bytes
    method: bytes
    target: bytes  # "*", or a path with its query; that of an absolute target is cut out of it
    host: bytes  # named by the Host field or the absolute target; b"" without
    length: bytes | None  # digits of Content-Length
    chunked: bool
    kind: bytes  # Content-Type
    wanted: list[tuple[bytes, bytes]]
    dropped: list[bytes]  # lines that do not go on
    host_line: bytes | None
    absolute: bool
    keep_alive: bool
    old: bool  # HTTP/1.0
    upgrade: bool  # asks for a WebSocket

    def body(self) -> Tracker:
        """A tracker of its body."""
        if self.length is not None:
            return Length(int(self.length))
        return Chunked() if self.chunked else EMPTY

    def onward(self, raw: bytes, host: bytes, default: bytes, added: bytes) -> bytes:
        """The head to send for `raw`, this head or one of another length: untouched where nothing has to change.

        With `host` the Host field names it, without one (HTTP/1.0) at least `default`; the lines `added` stand at the end.
        """
        if self.dropped:
            raw = without(raw, self.dropped)
        line = self.host_line
        if self.absolute:  # RFC 9112 3.2.2
            raw = b"%b %b %b" % (self.method, self.target, raw[raw.index(b"\r\n") - 8 :])
        if line is None:
            end = raw.index(b"\r\n")
            raw = b"%b\r\nHost: %b%b" % (raw[:end], host or self.host or default, raw[end:])
        elif self.absolute or (host and host != self.host):
            raw = raw.replace(b"\r\n" + line + b"\r\n", b"\r\nHost: " + (host or self.host) + b"\r\n", 1)
        return raw[:-2] + added + b"\r\n" if added else raw


class RequestReader:
    """Reads requests; `wanted` names the fields (lower case) that a capture takes, `headers` how many there may be."""

    def __init__(self, wanted: frozenset[bytes] = frozenset(), *, headers: int = 500) -> None:
        self._lines = Lines(dict.fromkeys(wanted, WANTED) | _FIELDS)
        self._headers = headers

    def read(self, raw: bytes) -> RequestHead | Refusal:
        """Read a request head, its final empty line included."""
        lines = raw[:-4].split(b"\r\n")
        if refusal := malformed(httptools.HttpRequestParser(SILENT), raw, len(lines) + 1):
            return refusal
        if self._headers and len(lines) > self._headers:
            return Refusal(431, "too many header fields")
        words = lines[0].split(b" ")
        if len(words) != 3 or not lines[0].isascii():
            return Refusal(400, "a request line that is not method, target, version")
        method, target, version = words
        old = version == b"HTTP/1.0"
        if not old and version != b"HTTP/1.1":
            return Refusal(505, "an HTTP version other than 1.0 and 1.1")
        length = transfer = host_line = kind = upgrade = None
        host = b""
        wanted: list[tuple[bytes, bytes]] = []
        dropped: list[bytes] = []
        asked: list[bytes] = []  # values of Connection
        lines[0] = b":"  # no field
        known = self._lines.known
        for line in lines:
            what, name, value = known.get(line) or self._lines.read(line)
            if what == OTHER:
                continue
            if what == WANTED:
                wanted.append((name, value))
            elif what == TYPE:
                if kind is not None:
                    return Refusal(400, "two Content-Type fields")
                kind = value
                wanted.append((name, value))
            elif what == HOST:
                if host_line is not None:
                    return Refusal(400, "two Host fields")
                host_line, host = line, value
            elif what == LENGTH:
                if length is not None:
                    return Refusal(400, "two Content-Length fields")
                length = value
            elif what == TRANSFER:
                if transfer is not None:
                    return Refusal(400, "two Transfer-Encoding fields")
                transfer = value.lower()
            else:
                dropped.append(line)
                if what == CONNECTION:
                    asked.append(value)
                elif what == UPGRADE:
                    upgrade = value.lower() if upgrade is None else b""  # of several, an origin could take any
        if host_line is None and not old:
            return Refusal(400, "no Host field")
        if host.translate(None, _HOST_CHARACTERS):
            return Refusal(400, "a Host field that names no host")
        if (length is not None or transfer is not None) and (refusal := _ambiguous(length, transfer, old=old)):
            return refusal
        keep_alive = not old
        tunnel = False
        if asked and not (len(asked) == 1 and asked[0] in LASTING):
            named = options(asked)
            keep_alive = not old and b"close" not in named
            tunnel = upgrade == b"websocket" and b"upgrade" in named and method == b"GET" and not old
            tunnel = tunnel and transfer is None and not (length and length.strip(b"0"))
            if tunnel:
                dropped = [line for line in dropped if self._lines.read(line)[0] == HOP]
            else:
                dropped += nominated(lines, named)
        absolute = not target.startswith(b"/") and not (target == b"*" and method == b"OPTIONS")
        if absolute:
            if target[:7].lower() != b"http://" and target[:8].lower() != b"https://":
                return Refusal(400, "a target that is neither a path nor a URL")
            host, slash, path = target.split(b"//", 1)[1].partition(b"/")
            target = slash + path if slash else b"*" if method == b"OPTIONS" else b"/"  # RFC 9112 3.2.4
            if not host or host.translate(None, _HOST_CHARACTERS):
                return Refusal(400, "an absolute target without a host")
        return RequestHead(
            raw,
            method,
            target,
            host,
            length,
            transfer is not None,
            kind or b"",
            wanted,
            dropped,
            host_line,
            absolute,
            keep_alive,
            old,
            tunnel,
        )


def _ambiguous(length: bytes | None, transfer: bytes | None, *, old: bool) -> Refusal | None:
    """RFC 9112 6: one framing, that two parsers can't read differently."""
    if transfer is not None:
        if length is not None or old:
            return Refusal(400, "Transfer-Encoding beside Content-Length, or in HTTP/1.0")
        if transfer != b"chunked":
            return Refusal(501 if transfer.endswith(b"chunked") else 400, "a transfer coding other than chunked")
    elif length is None or not length.isdigit() or len(length) > LENGTH_DIGITS:
        return Refusal(400, "a Content-Length that is no number")
    return None
