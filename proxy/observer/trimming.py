"""The heap's free room is given back to the system: the C library by itself keeps what lies below anything still in use.

A burst (a thousand streams that end at once, a backlog) leaves some ten MiB free among what stays. The next burst asks for them
again, which costs less than a millisecond; in between they belong to whoever needs them.
"""

from __future__ import annotations

import asyncio
import ctypes
from typing import Final

PACE: Final = 10.0
"""Seconds between two looks: each walks the heap's free lists, about a millisecond."""


def trim() -> None:
    """Give back what is free; nothing where the C library has no such thing (musl, macOS)."""
    if (give := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        give(0)


async def trimming() -> None:
    """Give back what is free from time to time, for ever."""
    while True:
        trim()
        await asyncio.sleep(PACE)
