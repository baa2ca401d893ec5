"""What could not be read, as a value: each gap has one of these reasons and is counted under it.

Observed bytes come from programs that nobody here controls. A decoder therefore never raises: it gives what it could read
and a gap for the rest.
"""

from __future__ import annotations

from typing import Literal

import msgspec

GapReason = Literal[
    "cut",  # the capture ends before the body does
    "chunk_framing",  # not the chunked coding of RFC 9112 section 7.1
    "coding_unknown",  # a content coding without a decoder
    "coding_broken",  # a decoder refused the bytes
    "coding_limit",  # more bytes than the output cap
    "media_type",  # no decoder for it
    "json_syntax",
    "json_depth",
    "json_size",
    "sse_limit",  # a line or an event over its limit
    "line_limit",  # a line of NDJSON over its limit
    "element_limit",  # an element of a streamed array over its limit
    "frame_limit",  # a message of an event stream or WebSocket over its limit
    "frame_broken",  # not the framing that was announced; nothing after it is read
    "checksum",  # a message that is not what was sent
    "packet_syntax",  # no engine.io or socket.io packet
    "form_syntax",
    "form_limit",  # more fields than a form may have
    "messages_limit",  # more messages than one exchange may hold
]


class Gap(msgspec.Struct, frozen=True):
    """Something that was not read, with the number of bytes where that is known."""

    reason: GapReason
    size: int = 0
