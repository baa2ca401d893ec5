"""The books of one host: every event that it ever understood is counted, waits, or was dropped and is known to be."""

from __future__ import annotations

import msgspec


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """Events since the outbox was made: `seen` = `counted` + `pending` + `dropped`, at any time."""

    seen: int = 0  # understood and kept on disk
    counted: int = 0  # in the store
    pending: int = 0  # not yet
    dropped: int = 0  # given up: the outbox was full, another version wrote them, or their assistant is in no settings
