"""A captured body becomes messages: the values that passed, in order, each with the time at which it was complete.

The decoder follows from the content type; where that says nothing, from the first byte. Framing and codings come off first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from proxy.wire.chunked import unchunk
from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap
from proxy.wire.inflate import inflate
from proxy.wire.json import read_json
from proxy.wire.sse import SseReader

MESSAGES_LIMIT: Final = 100_000
"""Messages of one body: a capture of 1 MiB holds some 20,000 events of a usual stream."""

DONE: Final = "[DONE]"
"""The one event data that is no JSON and has a meaning: the end of OpenAI-like streams."""


class Message(NamedTuple):
    """One value. `event` is the name of an SSE event, `after` the seconds since the exchange opened, None when not known.

    `value` is decoded JSON; `DONE` for the end mark, None for an event without data.
    """

    value: Any
    event: str
    after: float | None


class Messages(msgspec.Struct, frozen=True):
    """What a body said, and what of it could not be read. `stream` when it came as an event stream."""

    messages: tuple[Message, ...] = ()
    gaps: tuple[Gap, ...] = ()
    stream: bool = False
    cut: bool = False


def read_messages(body: Body, headers: Mapping[str, str]) -> Messages:
    """Decode one side of an exchange. Never raises."""
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
    if body.cut:
        gaps.append(Gap("cut", len(body.data)))
    kind = _kind(headers.get("content-type", ""), body.data)
    match kind:
        case "sse":
            return _stream(body, gaps)
        case "json":
            return _document(body, gaps)
        case "empty":
            return Messages(gaps=tuple(gaps), cut=body.cut)
        case _:
            return Messages(gaps=(*gaps, Gap("media_type", len(body.data))), cut=body.cut)


def _kind(content_type: str, data: bytes) -> str:
    media = content_type.partition(";")[0].strip().lower()
    if media == "text/event-stream":
        return "sse"
    if not data:
        return "empty"
    if media == "application/json" or media.endswith("+json"):
        return "json"
    if media in ("", "text/plain", "application/octet-stream", "text/json", "application/x-www-form-urlencoded"):
        # Small servers and `curl -d` mislabel JSON; some label event streams as plain text.
        head = data[:64].lstrip()
        if head[:1] in (b"{", b"["):
            return "json"
        if head.startswith((b"data:", b"event:")):
            return "sse"
    return "other"


def _document(body: Body, gaps: list[Gap]) -> Messages:
    if body.cut:  # a prefix of JSON is not JSON
        return Messages(gaps=tuple(gaps), cut=True)
    value = read_json(body.data)
    if isinstance(value, Gap):
        return Messages(gaps=(*gaps, value))
    return Messages((Message(value, "", body.after(len(body.data) - 1)),), tuple(gaps))


def _stream(body: Body, gaps: list[Gap]) -> Messages:
    reader = SseReader()
    events = reader.feed(body.data)
    if not body.cut and (last := reader.close()) is not None:
        events.append(last)
    if len(events) > MESSAGES_LIMIT:
        gaps.append(Gap("messages_limit", len(body.data)))
        del events[MESSAGES_LIMIT:]
    if reader.skipped:
        gaps.append(Gap("sse_limit"))
    messages = []
    timeline = body.timeline
    piece = 0
    last_piece = len(timeline) - 1
    for name, data, _, end in events:
        # Body.after(end - 1), as a walk: event ends and pieces both rise.
        while piece < last_piece and timeline[piece][0] < end:
            piece += 1
        after = timeline[piece][1] if timeline else None
        if not data:
            messages.append(Message(None, name, after))
        elif data == b"[DONE]":
            messages.append(Message(DONE, name, after))
        else:
            value = read_json(data)
            if isinstance(value, Gap):
                gaps.append(value)
            else:
                messages.append(Message(value, name, after))
    return Messages(tuple(messages), tuple(gaps), stream=True, cut=body.cut)
