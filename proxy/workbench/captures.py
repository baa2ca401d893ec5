"""A capture file: whole exchanges as JSON Lines, which a person can read before it is passed on.

The first line says what it is: `{"kpi_proxy_capture": 1, "redacted": true, "begun": "..."}`. Each further line is one
exchange. Chunk framing and content codings are taken off, so that bodies are text; what is no text is base64. Times are those
of the exchange: `at` Unix seconds, `timeline` pairs of (end offset in the body's bytes, seconds since the exchange opened).
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from proxy.records import EndReason
from proxy.wire.chunked import unchunk
from proxy.wire.exchange import Body, Exchange
from proxy.wire.inflate import inflate

VERSION: Final = 1


class Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a capture file."""

    kpi_proxy_capture: int
    redacted: bool
    begun: str = ""  # ISO 8601


class CapturedBody(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One side's body. `text` when it is UTF-8, else `base64`."""

    text: str = ""
    base64: str = ""
    timeline: tuple[tuple[int, float], ...] = ()
    cut: bool = False


class Captured(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One exchange, one line."""

    id: str
    assistant: str
    at: float
    method: str
    path: str
    client: str = ""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    request: CapturedBody = CapturedBody()
    request_after: float = 0.0
    status: int | None = None
    answered_after: float | None = None
    response_headers: dict[str, str] = {}
    response: CapturedBody = CapturedBody()
    ending: EndReason = "complete"
    ended_after: float = 0.0
    own: bool = False


_captured: Final = msgspec.json.Decoder(Captured)
_encoder: Final = msgspec.json.Encoder()


def heading(*, redacted: bool, begun: str) -> bytes:
    """The first line of a file."""
    return _encoder.encode(Heading(VERSION, redacted, begun)) + b"\n"


def plain(exchange: Exchange) -> Exchange:
    """The exchange without chunk framing and content codings. A body that can't be decoded stays as it passed."""
    request, headers = _decoded(exchange.request, exchange.headers)
    response, response_headers = _decoded(exchange.response, exchange.response_headers)
    return msgspec.structs.replace(
        exchange, request=request, headers=headers, response=response, response_headers=response_headers
    )


def line(exchange: Exchange) -> bytes:
    """A plain exchange as a line of a file."""
    names = [field for field in Captured.__struct_fields__ if field not in ("request", "response")]
    values = {name: getattr(exchange, name) for name in names}
    captured = Captured(
        **{**values, "query": dict(exchange.query), "headers": dict(exchange.headers)},
        request=_written(exchange.request),
        response=_written(exchange.response),
    )
    return _encoder.encode(captured) + b"\n"


def exchange_of(text: bytes) -> Exchange:
    """Read a line; raises ValueError with what is wrong in it."""
    captured = _captured.decode(text)
    names = [field for field in Captured.__struct_fields__ if field not in ("request", "response")]
    return Exchange(
        **{name: getattr(captured, name) for name in names},
        request=_read(captured.request),
        response=_read(captured.response),
    )


def _decoded(body: Body, headers: object) -> tuple[Body, dict[str, str]]:
    fields = dict(headers) if isinstance(headers, dict) else {}
    if body.chunked:
        body, gap = unchunk(body)
        if gap is not None and gap.reason != "cut":
            body = msgspec.structs.replace(body, cut=True)
    coding = fields.get("content-encoding", "")
    if coding and body.data:
        decoded, gap = inflate(body, coding)
        if gap is None or gap.reason == "cut":
            body = decoded
            del fields["content-encoding"]
    return body, fields


def _written(body: Body) -> CapturedBody:
    try:
        return CapturedBody(text=body.data.decode(), timeline=body.timeline, cut=body.cut)
    except UnicodeDecodeError:
        return CapturedBody(base64=base64.b64encode(body.data).decode(), timeline=body.timeline, cut=body.cut)


def _read(body: CapturedBody) -> Body:
    try:
        data = base64.b64decode(body.base64, validate=True) if body.base64 else body.text.encode()
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from error
    return Body(data, body.timeline, cut=body.cut)
