"""What is free below something that is still in use goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import os
import weakref
from pathlib import Path

import pytest

from proxy.observer.trimming import trim

MIB = 2**20


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library has no such thing")
def test_free_room_goes_back() -> None:
    blocks = [b"x" * 60_000 for _ in range(700)]  # too large for Python's arenas, too small for a mapping of their own
    last = blocks.pop()
    blocks.clear()
    before = resident()
    trim()
    assert before - resident() > 20 * MIB
    assert last


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_circles_are_collected_where_the_c_library_gives_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    gc.disable()
    try:
        gone = weakref.ref(Ring())
        trim()
        assert gone() is None
    finally:
        gc.enable()
