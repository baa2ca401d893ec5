"""HAR files (HTTP Archive 1.2), as browsers save them: their entries as exchanges.

A HAR knows when an answer began and ended, not when each of its events passed: the time to the first text is that of the
first byte. Pages, scripts, styles, images and fonts are left out. What a relay would keep for itself is kept out here too:
credentials become keyed hashes, and of tokens only the payload is read.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from proxy.relay.curtain import Curtain
from proxy.relay.plan import Wanted
from proxy.wire.exchange import Body, Exchange

_LEFT_OUT: Final = ("text/html", "text/css", "text/javascript", "application/javascript", "image/", "font/", "video/", "audio/")


class _Pair(msgspec.Struct):
    name: str
    value: str = ""


class _Posted(msgspec.Struct):
    mimeType: str = ""  # noqa: N815 - the format's own name, as those below
    text: str = ""
    encoding: str = ""


class _Request(msgspec.Struct):
    method: str
    url: str
    headers: list[_Pair] = []
    postData: _Posted | None = None  # noqa: N815


class _Content(msgspec.Struct):
    mimeType: str = ""  # noqa: N815
    text: str = ""
    encoding: str = ""


class _Response(msgspec.Struct):
    status: int = 0
    headers: list[_Pair] = []
    content: _Content = msgspec.field(default_factory=_Content)


class _Entry(msgspec.Struct):
    startedDateTime: str  # noqa: N815
    request: _Request
    response: _Response
    time: float = 0.0
    timings: dict[str, Any] = {}


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


def is_har(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a HAR."""
    log = value.get("log")
    return isinstance(log, Mapping) and isinstance(log.get("entries"), list)


def entries(text: bytes) -> list[msgspec.Raw]:
    """The entries of a HAR, each to be read on its own; raises ValueError."""
    return msgspec.json.decode(text, type=_Har).log.entries


def exchange_of(raw: msgspec.Raw, number: int, wanted: Wanted, secret: bytes) -> Exchange | None:
    """The exchange of an entry, None for one that is left out; raises ValueError with what is wrong in it."""
    entry = msgspec.json.decode(raw, type=_Entry)
    kind = entry.response.content.mimeType.lower()
    if entry.request.method == "GET" and kind.startswith(_LEFT_OUT):
        return None
    url = urlsplit(entry.request.url)
    curtain = Curtain(wanted, secret)
    path, query = curtain.target(f"{url.path or '/'}?{url.query}".encode("latin-1", "replace"))
    asked, answered, ended = _times(entry)
    posted = entry.request.postData
    headers = {"content-type": posted.mimeType} if posted else {}
    status = entry.response.status
    return Exchange(
        id=f"har.{number}",
        assistant="",
        at=datetime.fromisoformat(entry.startedDateTime).timestamp(),
        client="127.0.0.1",
        method=entry.request.method,
        path=path,
        query=dict(query),
        headers=headers | _joined(curtain.request(_fields(entry.request.headers))),
        request=_body(posted, 0.0, asked) if posted else Body(),
        request_after=asked,
        status=status or None,  # a browser writes 0 for an answer that never came
        answered_after=answered if status else None,
        # a browser has taken codings off
        response_headers=_joined(curtain.response(_shown(entry.response.headers, curtain.response_fields)))
        | {"content-type": entry.response.content.mimeType},
        response=_body(entry.response.content, answered, ended),
        ending="complete" if status else "client_gone",
        ended_after=ended,
    )


def _times(entry: _Entry) -> tuple[float, float, float]:
    """Seconds after the start: request sent, answer begun, end. A HAR has milliseconds, and -1 for what does not apply."""

    def seconds(name: str) -> float:
        value = entry.timings.get(name)
        return max(float(value), 0.0) / 1000 if isinstance(value, int | float) else 0.0

    asked = sum(seconds(name) for name in ("blocked", "dns", "connect", "send"))
    answered = asked + seconds("wait")
    return asked, answered, max(answered + seconds("receive"), entry.time / 1000)


def _body(content: _Posted | _Content, begun: float, ended: float) -> Body:
    if content.encoding == "base64":
        try:
            data = base64.b64decode(content.text)
        except binascii.Error as error:
            raise ValueError(f"content: {error}") from error
    else:
        data = content.text.encode()
    return Body(data, ((1, begun), (len(data), ended)) if len(data) > 1 else ((len(data), ended),) if data else ())


def _fields(pairs: Iterable[_Pair]) -> list[tuple[bytes, bytes]]:
    return [(pair.name.lower().encode("latin-1", "replace"), pair.value.encode("latin-1", "replace")) for pair in pairs]


def _shown(pairs: Iterable[_Pair], names: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in _fields(pairs) if name in names and name != b"content-encoding"]


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields
