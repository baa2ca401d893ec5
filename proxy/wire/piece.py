"""What an incremental decoder hands on: a run of bytes that is one message, and where it ended."""

from __future__ import annotations

import msgspec


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One message, not yet decoded. `end` is the offset just past the byte that completed it; `name` may be ""."""

    name: str
    data: bytes
    end: int
