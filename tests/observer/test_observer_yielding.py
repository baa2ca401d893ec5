"""An observer gives way to relays on its processor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from proxy.observer.yielding import STEPS

PATIENCE = 30.0


def test_an_observer_gives_way_before_it_does_anything_else() -> None:
    """It waits for its plan, which never comes."""
    least = min(os.nice(0) + STEPS, 19)
    with subprocess.Popen([sys.executable, "-m", "proxy.observer"], stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            end = time.monotonic() + PATIENCE
            session = Path(f"/proc/{process.pid}/autogroup")
            while os.getpriority(os.PRIO_PROCESS, process.pid) != least or not weighed(session, least):
                assert time.monotonic() < end, "it has not given way"
                assert process.poll() is None
                time.sleep(0.02)
        finally:
            process.kill()


def weighed(session: Path, nice: int) -> bool:
    """Whether its session has that weight, where sessions have one."""
    text = session.read_text("ascii") if session.exists() else ""
    return not text or text.endswith(f" nice {nice}\n")
