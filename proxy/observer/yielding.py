"""The observer gives way where it shares a processor with relays: traffic first.

Linux lets a process that has begun to run finish its slice of some milliseconds, though another of the same weight wakes up
meanwhile. An observer at work would so hold up requests; with a third of a relay's weight it does that less, and still gets
all that relays leave.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

STEPS: Final = 5
"""Of `nice`: each is a quarter less weight."""
_SESSION: Final = Path("/proc/self/autogroup")


def give_way() -> None:
    """Lower the weight of this process, and that of its session where the system weighs sessions (sched(7), autogroup)."""
    nice = os.nice(STEPS)
    with suppress(OSError):  # no such thing here, or not for us
        _SESSION.write_text(str(nice), "ascii")
