"""A record in the ring: what it weighs, and how it is made lighter in place. Under pressure each record is, and twice."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import force_setattr

from proxy.records import Lost, Record, Segment

RECORD_SIZE: Final = 600
"""Bytes that a record costs besides its bodies, its path and the fields of its heads: measured."""
FIELD_SIZE: Final = 120
"""Bytes that a field costs besides its value."""


class Held(msgspec.Struct, gc=False):
    """A record that nobody else has, or what is told of others."""

    record: Record | Lost
    size: int  # bytes
    texts: int = 0  # bytes of it that its texts take
    fields: int = 0


def held(record: Record) -> Held:
    """Take a record, and weigh it."""
    opened, answered = record.opened, record.answered
    texts = _texts(record.segments) if record.segments else 0
    fields = _fields(answered.headers) if answered is not None else 0
    size = RECORD_SIZE + texts
    if opened is not None:
        size += len(opened.path)
        fields += _fields(opened.headers)
        if opened.query:
            fields += _fields(opened.query)
    return Held(record, size + fields, texts, fields)


def without_texts(found: Held) -> int:
    """Give up the texts; gives the bytes that this saves."""
    saved, record = found.texts, found.record
    if saved and isinstance(record, Record):
        found.size -= saved
        found.texts = 0
        force_setattr(record, "segments", ())
    return saved


def without_fields(found: Held) -> int:
    """The same for the fields of heads. Paths stay: they tell a turn from a poll."""
    saved, record = found.fields, found.record
    if saved and isinstance(record, Record):
        found.size -= saved
        found.fields = 0
        if record.opened is not None:
            force_setattr(record.opened, "headers", ())
            force_setattr(record.opened, "query", ())
        if record.answered is not None:
            force_setattr(record.answered, "headers", ())
    return saved


def _texts(segments: tuple[Segment, ...]) -> int:
    size = 0
    for segment in segments:
        size += len(segment.data) + 40 * len(segment.times)
    return size


def _fields(fields: tuple[tuple[str, str], ...]) -> int:
    size = FIELD_SIZE * len(fields)
    for _, value in fields:
        size += len(value)
    return size
