"""Memory that nothing uses goes back to the system, by the clock: cycles are collected, then the heap's free room is given back.

The C library by itself keeps what lies below anything still in use. A burst (a thousand streams that end at once, a backlog)
leaves some ten MiB free among what stays. The next burst asks for them again, which costs less than a millisecond; in between
they belong to whoever needs them.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from typing import Final

PACE: Final = 10.0
"""Seconds between two looks: each walks the heap's free lists, about a millisecond, and what was made since the last one."""
YOUNG: Final = 1
"""The collector's generations up to this one; what is older, the collector sees to by itself."""


def trim() -> None:
    """Give back what is free, as far as the C library can (not musl's, nor macOS's)."""
    gc.collect(YOUNG)
    if (give := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        give(0)


async def trimming() -> None:
    """Give back what is free from time to time, for ever."""
    while True:
        trim()
        await asyncio.sleep(PACE)
