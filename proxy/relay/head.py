"""Heads of requests and responses: bytes in, a decision and the bytes to send on out.

llhttp (through httptools, without callbacks) judges the syntax in C; one pass over the lines then takes out what belongs
to this connection only (RFC 9110 7.6.1). All other lines go on as they came: order, case, duplicates, octets. A head
that llhttp or one of the checks here does not accept is never forwarded.
"""

from __future__ import annotations

from typing import Final

import httptools

from proxy.relay.body import Chunked, Empty, Length, Tracker, UntilClose

# What a line's name means to the relay.
_CONNECTION, _HOP, _LENGTH, _TRANSFER, _HOST, _UPGRADE, _TYPE, _WANTED = range(8)

_REQUEST_FIELDS: Final = {
    b"connection": _CONNECTION,
    b"keep-alive": _HOP,
    b"proxy-connection": _HOP,
    b"proxy-authorization": _HOP,
    b"te": _HOP,
    b"upgrade": _UPGRADE,
    b"content-length": _LENGTH,
    b"transfer-encoding": _TRANSFER,
    b"host": _HOST,
    b"content-type": _TYPE,
}
_RESPONSE_FIELDS: Final = {
    b"connection": _CONNECTION,
    b"keep-alive": _HOP,
    b"proxy-connection": _HOP,
    b"upgrade": _UPGRADE,
    b"content-length": _LENGTH,
    b"transfer-encoding": _TRANSFER,
}
_PROTECTED: Final = frozenset(
    {
        b"host",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"authorization",
        b"cookie",
        b"cache-control",
        b"date",
    }
)
"""Fields that stay even when `Connection` names them: a client could otherwise take away what others rely on."""
_HOST_CHARACTERS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:[]%!$&'()*+,;="
_LENGTH_DIGITS: Final = 18
"""Digits of a Content-Length: below 2**63, where other parsers overflow."""


class _Silent:
    """A parser protocol without callbacks: llhttp only judges. The names are here so that looking for them is cheap."""

    on_message_begin = on_url = on_status = on_header = on_headers_complete = None
    on_body = on_message_complete = on_chunk_header = on_chunk_complete = None


SILENT: Final = _Silent()


class Refusal:
    """A head that is not forwarded: the status that the relay answers, and why."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason


class RequestHead:
    """A request that may go on. `onward` is the head to send; `wanted` the fields that may leave the relay."""

    __slots__ = ("body", "chunked", "keep_alive", "method", "old", "onward", "target", "upgrade", "wanted")

    def __init__(self) -> None:
        self.method = b""
        self.target = b""
        self.onward = b""
        self.body: Tracker = Empty()
        self.chunked = False
        self.keep_alive = True
        self.old = False  # HTTP/1.0
        self.upgrade = False  # asks for a WebSocket
        self.wanted: list[tuple[bytes, bytes]] = []


class ResponseHead:
    """A response that may go on; `lines` are its lines without those of the upstream connection."""

    __slots__ = ("body", "chunked", "interim", "keep_alive", "lines", "old", "status", "wanted")

    def __init__(self) -> None:
        self.status = 0
        self.lines: list[bytes] = []
        self.body: Tracker = Empty()
        self.chunked = False
        self.interim = False
        self.keep_alive = True
        self.old = False  # HTTP/1.0
        self.wanted: list[tuple[bytes, bytes]] = []

    def onward(self, *, close: bool) -> bytes:
        """The head to send; with `close` it tells the client that its connection ends with this response."""
        lines = self.lines
        return b"\r\n".join((*lines, b"Connection: close\r\n\r\n")) if close else b"\r\n".join(lines) + b"\r\n\r\n"


class HeadReader:
    """Reads the heads of one assistant's exchanges.

    `wanted` and `wanted_back` name the request and response fields (lower case) that the capture takes. With `host` the
    Host field is replaced by it; otherwise the client's is kept, and a missing one (HTTP/1.0) is `default_host`. `headers` is
    the number of fields that a request may have.
    """

    def __init__(
        self,
        wanted: frozenset[bytes] = frozenset(),
        wanted_back: frozenset[bytes] = frozenset(),
        *,
        host: bytes = b"",
        default_host: bytes = b"",
        headers: int = 500,
    ) -> None:
        self._request = dict.fromkeys(wanted, _WANTED) | _REQUEST_FIELDS
        self._response = dict.fromkeys(wanted_back, _WANTED) | _RESPONSE_FIELDS
        self._host = host
        self._default_host = default_host or host
        self._headers = headers

    def request(self, raw: bytes, added: bytes = b"") -> RequestHead | Refusal:
        """Read a request head, its final empty line included; the lines `added` are put at the end of what goes on."""
        lines = raw[:-4].split(b"\r\n")
        if refusal := _malformed(httptools.HttpRequestParser(SILENT), raw, len(lines) + 1):
            return refusal
        if len(lines) > self._headers:
            return Refusal(431, "too many header fields")
        head = RequestHead()
        words = lines[0].split(b" ")
        if len(words) != 3 or not lines[0].isascii():
            return Refusal(400, "a request line that is not method, target, version")
        head.method, head.target, version = words
        if version == b"HTTP/1.0":
            head.old, head.keep_alive = True, False
        elif version != b"HTTP/1.1":
            return Refusal(505, "an HTTP version other than 1.0 and 1.1")
        length = transfer = host = kind = nominated = None
        dropped: list[int] = []
        upgrade = False
        fields = self._request
        for index in range(1, len(lines)):
            name, _, value = lines[index].partition(b":")
            name = name.lower()
            what = fields.get(name)
            if what is None:
                continue
            if what == _WANTED:
                head.wanted.append((name, value.strip()))
            elif what == _TYPE:
                if kind is not None:
                    return Refusal(400, "two Content-Type fields")
                kind = value.strip()
                head.wanted.append((name, kind))
            elif what == _HOST:
                if host is not None:
                    return Refusal(400, "two Host fields")
                host = index
            elif what == _LENGTH:
                if length is not None:
                    return Refusal(400, "two Content-Length fields")
                length = value.strip(b" \t")
            elif what == _TRANSFER:
                if transfer is not None:
                    return Refusal(400, "two Transfer-Encoding fields")
                transfer = value.strip(b" \t").lower()
            else:
                dropped.append(index)
                if what == _CONNECTION:
                    nominated = value.lower() if nominated is None else nominated + b"," + value.lower()
                elif what == _UPGRADE:
                    upgrade = value.strip().lower() == b"websocket"
        if refusal := _request_framing(head, length, transfer):
            return refusal
        if nominated is not None:
            tokens = {token.strip() for token in nominated.split(b",")}
            if b"close" in tokens:
                head.keep_alive = False
            if upgrade and b"upgrade" in tokens and head.method == b"GET" and head.body.done and not head.old:
                head.upgrade = True
                dropped = [index for index in dropped if fields[lines[index].partition(b":")[0].lower()] == _HOP]
            elif unprotected := tokens - _PROTECTED - {b"close", b"keep-alive", b"upgrade", b""}:
                dropped += [i for i in range(1, len(lines)) if lines[i].partition(b":")[0].lower() in unprotected]
        return self._route(head, lines, host, dropped, raw, added)

    def _route(
        self, head: RequestHead, lines: list[bytes], host: int | None, dropped: list[int], raw: bytes, added: bytes
    ) -> RequestHead | Refusal:
        """Settle target and Host (RFC 9112 3.2), then put the head together: untouched where nothing has to change."""
        if host is None and not head.old:
            return Refusal(400, "no Host field")
        name = lines[host].partition(b":")[2].strip() if host is not None else b""
        if name.translate(None, _HOST_CHARACTERS):
            return Refusal(400, "a Host field that names no host")
        changed = bool(dropped or added)
        target = head.target
        if not target.startswith(b"/"):
            if target == b"*" and head.method == b"OPTIONS":
                pass
            elif target[:7].lower() == b"http://" or target[:8].lower() == b"https://":
                name, slash, path = target.split(b"//", 1)[1].partition(b"/")
                head.target = slash + path if slash else b"/"
                if not name or name.translate(None, _HOST_CHARACTERS) or b"?" in name:
                    return Refusal(400, "an absolute target without a host")
                lines[0] = b"%b %b %b" % (head.method, head.target, lines[0].rpartition(b" ")[2])
                if host is not None:
                    lines[host] = b"Host: " + name
                changed = True
            else:
                return Refusal(400, "a target that is neither a path nor a URL")
        if self._host and host is not None and name != self._host:
            lines[host] = b"Host: " + self._host
            changed = True
        if host is None:
            lines.insert(1, b"Host: " + (self._host or self._default_host))
            dropped = [index + 1 for index in dropped]
            changed = True
        if not changed:
            head.onward = raw
        else:
            gone = set(dropped)
            kept = [line for index, line in enumerate(lines) if index not in gone]
            head.onward = b"\r\n".join(kept) + b"\r\n" + added + b"\r\n"
        return head

    def response(self, raw: bytes, method: bytes, *, tunnel: bool = False) -> ResponseHead | Refusal:
        """Read a response head to a request of `method`; `tunnel` when that request asked for a WebSocket."""
        lines = raw[:-4].split(b"\r\n")
        if refusal := _malformed(httptools.HttpResponseParser(SILENT), raw, len(lines) + 1):
            return Refusal(502, refusal.reason)
        head = ResponseHead()
        old = lines[0].startswith(b"HTTP/1.0 ")
        if not old and not lines[0].startswith(b"HTTP/1.1 "):  # llhttp takes others, and empty lines before
            return Refusal(502, "a status line that is not of HTTP/1.0 or HTTP/1.1")
        status = head.status = int(lines[0][9:12])
        if status < 100:
            return Refusal(502, "a status below 100")
        switching = status == 101
        if switching and not tunnel:
            return Refusal(502, "a switch of protocols that was not asked for")
        head.interim = status < 200 and not switching
        length = transfer = nominated = None
        dropped: list[int] = []
        fields = self._response
        for index in range(1, len(lines)):
            name, _, value = lines[index].partition(b":")
            name = name.lower()
            what = fields.get(name)
            if what is None:
                continue
            if what == _WANTED:
                head.wanted.append((name, value.strip()))
            elif what == _LENGTH:
                value = value.strip(b" \t")
                if length is not None and length != value:
                    return Refusal(502, "two different Content-Length fields")
                if length is not None or status < 200 or status == 204:
                    dropped.append(index)  # these have no length (RFC 9110 8.6); a repeated one goes once
                length = value
            elif what == _TRANSFER:
                if transfer is not None:
                    return Refusal(502, "two Transfer-Encoding fields")
                transfer = value.strip(b" \t").lower()
                if status < 200 or status == 204:
                    dropped.append(index)  # nor a coding (RFC 9112 6.1)
            elif not switching:
                dropped.append(index)
                if what == _CONNECTION:
                    nominated = value.lower() if nominated is None else nominated + b"," + value.lower()
        head.keep_alive = not old
        if nominated is not None:
            tokens = {token.strip() for token in nominated.split(b",")}
            head.keep_alive = b"close" not in tokens and (not old or b"keep-alive" in tokens)
            if unprotected := tokens - _PROTECTED - {b"close", b"keep-alive", b""}:
                dropped += [i for i in range(1, len(lines)) if lines[i].partition(b":")[0].lower() in unprotected]
        if dropped:
            gone = set(dropped)
            lines = [line for index, line in enumerate(lines) if index not in gone]
        head.lines = lines
        head.old = old
        if method == b"HEAD" or status in {204, 304} or status < 200:
            if transfer is not None and status != 200:
                head.keep_alive = False  # it may send chunks all the same: they would answer the next request
            return head
        return _response_framing(head, length, transfer, old=old)


def _malformed(parser: httptools.HttpRequestParser | httptools.HttpResponseParser, raw: bytes, ends: int) -> Refusal | None:
    """Let llhttp judge a head with so many CRLF; any other CR or LF is refused besides."""
    try:
        parser.feed_data(raw)
    except httptools.HttpParserUpgrade:
        pass  # llhttp stops after a head that asks for an upgrade; the head is well-formed
    except httptools.HttpParserError as error:
        return Refusal(400, str(error))
    if raw.count(b"\n") != ends or raw.count(b"\r") != ends:
        return Refusal(400, "a line that does not end with CRLF")
    return None


def _request_framing(head: RequestHead, length: bytes | None, transfer: bytes | None) -> Refusal | None:
    """RFC 9112 6: one framing, unambiguous, or none at all."""
    if transfer is not None:
        if length is not None or head.old:
            return Refusal(400, "Transfer-Encoding beside Content-Length, or in HTTP/1.0")
        if transfer != b"chunked":
            return Refusal(501 if transfer.endswith(b"chunked") else 400, "a transfer coding other than chunked")
        head.body, head.chunked = Chunked(), True
    elif length is not None:
        if not length.isdigit() or len(length) > _LENGTH_DIGITS:
            return Refusal(400, "a Content-Length that is no number")
        head.body = Length(int(length))
    return None


def _response_framing(head: ResponseHead, length: bytes | None, transfer: bytes | None, *, old: bool) -> ResponseHead | Refusal:
    """RFC 9112 6.3 for responses; what is not clear is a broken upstream."""
    if transfer is not None:
        if transfer != b"chunked" or length is not None or old:
            return Refusal(502, "a transfer coding other than chunked, or beside Content-Length, or in HTTP/1.0")
        head.body, head.chunked = Chunked(), True
    elif length is not None:
        if not length.isdigit() or len(length) > _LENGTH_DIGITS:
            return Refusal(502, "a Content-Length that is no number")
        head.body = Length(int(length))
    else:
        head.body, head.keep_alive = UntilClose(), False
    return head
