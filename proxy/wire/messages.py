"""A captured body becomes messages: the values that passed, in order, each with the time at which it was complete.

The decoder follows from the content type; where that says nothing, from the first byte. Framing and codings come off first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from proxy.wire.chunked import unchunk
from proxy.wire.elements import ElementsReader
from proxy.wire.eventstream import EventStreamReader
from proxy.wire.exchange import Body
from proxy.wire.forms import read_form, read_multipart
from proxy.wire.gaps import Gap
from proxy.wire.inflate import inflate
from proxy.wire.json import read_json
from proxy.wire.ndjson import NdjsonReader
from proxy.wire.piece import Piece
from proxy.wire.sse import SseReader

MESSAGES_LIMIT: Final = 100_000
"""Messages of one body: a capture of 1 MiB holds some 20,000 events of a usual stream."""

DONE: Final = "[DONE]"
"""The one event data that is no JSON and has a meaning: the end of OpenAI-like streams."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One value. `event` is the name of an SSE or AWS event, `after` the seconds since the exchange opened, None if not known.

    `value` is decoded JSON; `DONE` for the end mark, None for an event without data.
    """

    value: Any
    event: str
    after: float | None


class Messages(msgspec.Struct, frozen=True):
    """What a body said, and what of it could not be read. `stream` when it came as several messages."""

    messages: tuple[Message, ...] = ()
    gaps: tuple[Gap, ...] = ()
    stream: bool = False
    cut: bool = False


def read_messages(body: Body, headers: Mapping[str, str], *, elements: bool = False) -> Messages:
    """Decode one side of an exchange; `elements`: a JSON array is a stream of its elements. Never raises."""
    body, gaps = uncoded(body, headers)
    if body.cut:
        gaps.append(Gap("cut", len(body.data)))
    content_type = headers.get("content-type", "")
    match _kind(content_type, body.data):
        case "sse":
            return _events(body, gaps)
        case "json" if elements and body.data.lstrip()[:1] == b"[":
            return _elements(body, gaps)
        case "json":
            return _document(body, gaps)
        case "ndjson":
            return _lines(body, gaps)
        case "eventstream":
            return _frames(body, gaps)
        case "form":
            return _one(read_form(body.data), body, gaps)
        case "multipart":
            return _one(read_multipart(body.data, content_type), body, gaps)
        case "empty":
            return Messages(gaps=tuple(gaps), cut=body.cut)
        case _:
            return Messages(gaps=(*gaps, Gap("media_type", len(body.data))), cut=body.cut)


def uncoded(body: Body, headers: Mapping[str, str]) -> tuple[Body, list[Gap]]:
    """A body without its framing and codings, and what of them could not be read."""
    gaps: list[Gap] = []
    if body.chunked:
        body, gap = unchunk(body)
        if gap is not None and gap.reason != "cut":
            gaps.append(gap)
    coding = headers.get("content-encoding", "")
    if coding and body.data:
        body, gap = inflate(body, coding)
        if gap is not None:
            gaps.append(gap)
    return body, gaps


_KINDS: Final[Mapping[str, str]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "application/jsonlines": "ndjson",
    "application/vnd.amazon.eventstream": "eventstream",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}


def _kind(content_type: str, data: bytes) -> str:
    media = content_type if content_type in _KINDS else content_type.partition(";")[0].strip().lower()
    if media == "text/event-stream":
        return "sse"
    if not data:
        return "empty"
    known = _KINDS.get(media, "")
    if known and known != "form":
        return known
    if media.endswith("+json"):
        return "json"
    if known or media in ("", "text/plain", "application/octet-stream", "text/json"):
        # Small servers and `curl -d` mislabel JSON; some label event streams as plain text.
        head = data[:64].lstrip()
        if head[:1] in (b"{", b"["):
            return "json"
        if head.startswith((b"data:", b"event:")):
            return "sse"
    return known or "other"


def _document(body: Body, gaps: list[Gap]) -> Messages:
    """One JSON value; or lines of JSON under the wrong media type, which the first line tells."""
    value = Gap("cut", len(body.data)) if body.cut else read_json(body.data)
    if not isinstance(value, Gap):
        return _one(value, body, gaps)
    first, line_end, _ = body.data.partition(b"\n")
    if line_end and first.lstrip()[:1] == b"{" and not isinstance(read_json(first), Gap):
        return _lines(body, gaps)
    if body.cut:  # a prefix of JSON is not JSON
        return Messages(gaps=tuple(gaps), cut=True)
    return Messages(gaps=(*gaps, value))


def _one(value: Any, body: Body, gaps: list[Gap]) -> Messages:
    if isinstance(value, Gap):
        return Messages(gaps=(*gaps, value), cut=body.cut)
    return Messages((Message(value, "", body.after(len(body.data) - 1)),), tuple(gaps), cut=body.cut)


def _events(body: Body, gaps: list[Gap]) -> Messages:
    reader = SseReader()
    events = reader.feed(body.data)
    if not body.cut and (last := reader.close()) is not None:
        events.append(last)
    if reader.skipped:
        gaps.append(Gap("sse_limit"))
    return _stream(events, body, gaps)


def _lines(body: Body, gaps: list[Gap]) -> Messages:
    reader = NdjsonReader()
    lines = reader.feed(body.data)
    if not body.cut:
        lines += reader.close()
    if reader.skipped:
        gaps.append(Gap("line_limit"))
    return _stream(lines, body, gaps)


def _elements(body: Body, gaps: list[Gap]) -> Messages:
    reader = ElementsReader()
    elements = reader.feed(body.data)
    if reader.skipped:
        gaps.append(Gap("element_limit"))
    if not (reader.ended or body.cut):
        gaps.append(Gap("json_syntax", len(body.data)))
    return _stream(elements, body, gaps)


def _frames(body: Body, gaps: list[Gap]) -> Messages:
    reader = EventStreamReader()
    frames = reader.feed(body.data)
    gaps += map(Gap, reader.gaps)
    read = _stream(frames, body, gaps)
    wrapped = tuple(Message({message.event: message.value}, message.event, message.after) for message in read.messages)
    return msgspec.structs.replace(read, messages=wrapped)


def _stream(pieces: Sequence[Piece], body: Body, gaps: list[Gap]) -> Messages:
    messages: list[Message] = []
    timeline = body.timeline
    at = 0
    last = len(timeline) - 1
    after = timeline[0][1] if timeline else None
    passed = timeline[0][0] if last > 0 else len(body.data)  # the end of the timeline's piece in which messages now end
    if len(pieces) > MESSAGES_LIMIT:
        gaps.append(Gap("messages_limit", len(body.data)))
        pieces = pieces[:MESSAGES_LIMIT]
    for piece in pieces:
        # Body.after(end - 1), as a walk: the ends of messages and of the timeline's pieces both rise.
        while passed < piece.end and at < last:
            at += 1
            passed, after = timeline[at]
        data = piece.data
        if not data:
            messages.append(Message(None, piece.name, after))
        elif data == b"[DONE]":
            messages.append(Message(DONE, piece.name, after))
        else:
            value = read_json(data)
            if type(value) is Gap:
                gaps.append(value)
            else:
                messages.append(Message(value, piece.name, after))
    return Messages(tuple(messages), tuple(gaps), stream=True, cut=body.cut)
