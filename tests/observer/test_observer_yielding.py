"""An observer gives way to relays on its processor."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proxy.observer.yielding import SLICE, STEPS

PATIENCE = 60.0


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


def slice_of(pid: int) -> int | None:
    """Nanoseconds that the system lets a process run at a stretch, where it says so (Linux 6.12)."""
    try:
        text = Path(f"/proc/{pid}/sched").read_text("ascii")
    except OSError:
        return None
    found = re.search(r"^(?:se\.)?slice\s*:\s*(\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else None


@pytest.mark.skipif(slice_of(os.getpid()) is None, reason="this system does not say how long its slices are")
def test_an_observer_runs_for_short_stretches_and_so_do_its_threads() -> None:
    code = (
        "import threading, sys; from proxy.observer.yielding import short_slices; short_slices();"
        "threading.Thread(target=lambda: print(threading.get_native_id(), flush=True) or sys.stdin.read()).start()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        thread = int(process.stdout.readline())
        assert (slice_of(process.pid), slice_of(thread)) == (SLICE, SLICE)
        process.kill()
