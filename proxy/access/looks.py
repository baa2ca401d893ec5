"""Who was shown what users wrote: an entry for each look, kept apart from what was looked at."""

from __future__ import annotations

from typing import Literal

import msgspec


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """That a reader was shown the texts of a session of the review queue, or scored its answers."""

    at: float  # Unix seconds
    reader: str
    action: Literal["seen", "scored"]
    session: str
    answers: int
