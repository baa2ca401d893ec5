"""The observer gives way where it shares a processor with relays: traffic first.

Linux lets a process that has begun to run finish its slice of some milliseconds, though another wakes up meanwhile. An observer
at work would so hold up requests; with a third of a relay's weight it does that less often, with short slices (Linux 6.12) never
for long, and it still gets all that relays leave.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

STEPS: Final = 5
"""Of `nice`: each is a quarter less weight."""
SLICE: Final = 100_000
"""Nanoseconds at a stretch while others wait: the least that Linux takes, and some twenty system calls of a relay."""
_SESSION: Final = Path("/proc/self/autogroup")

_CALLS: Final = {"x86_64": (314, 315), "aarch64": (274, 275)}
"""Numbers of sched_setattr(2) and sched_getattr(2): C libraries before 2025 have no names for them."""
_ATTRIBUTES: Final = struct.Struct("=IIQiIQQQII")
"""struct sched_attr: size, policy, flags, nice, priority, runtime (of a normal process its slice), and four of no use here."""
_RUNTIME: Final = 5


def give_way() -> None:
    """Lower the weight of this process, and that of its session where the system weighs sessions (sched(7), autogroup)."""
    nice = os.nice(STEPS)
    with suppress(OSError):  # no such thing here, or not for us
        _SESSION.write_text(str(nice), "ascii")
    short_slices()


def short_slices(thread: int = 0) -> None:
    """Let a thread (0: this one, and those that it starts) run for SLICE at a stretch; nothing where there is no such thing."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return
    change, ask = _CALLS[platform.machine()]
    system = ctypes.CDLL(None).syscall
    room = ctypes.create_string_buffer(_ATTRIBUTES.size)
    if system(ask, thread, room, _ATTRIBUTES.size, 0) == 0:
        attributes = [*_ATTRIBUTES.unpack(room.raw)]
        attributes[_RUNTIME] = SLICE
        system(change, thread, ctypes.create_string_buffer(_ATTRIBUTES.pack(*attributes), _ATTRIBUTES.size), 0)
