"""Processes of the benchmark: started on a core, weighed from /proc, ended with their children."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Literal

from proxy.observer.yielding import short_slices

TICK = 1 / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; nothing when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def cpu_seconds(pids: Sequence[int]) -> float:
    """Time on a processor so far, of all threads that live; to the nanosecond, where /proc/PID/stat counts ticks of 10 ms."""
    total = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(thread.read_text("ascii").split()[0])
            except OSError:  # it has ended
                continue
    return total / 1e9


def memory(pids: Sequence[int], kind: Literal["Pss", "Rss"] = "Pss") -> int:
    """Bytes in memory: of the proportional set, to which shared pages count by their part, or of the resident one."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))
    return total * 1024


def descriptors(pids: Sequence[int]) -> int:
    """Open files, sockets and pipes."""
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids if Path(f"/proc/{pid}").exists())


def running_module(pids: Sequence[int], module: str) -> list[int]:
    """Those that were started with `-m MODULE`."""
    return [pid for pid in pids if module.encode() in _arguments(pid)]


def _arguments(pid: int) -> list[bytes]:
    """Whole words: a folder whose name has that of a room in it must not count."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def pin(pids: Sequence[int], core: int) -> None:
    """Keep processes, with all their threads, on one core."""
    for thread in _threads(pids):
        os.sched_setaffinity(thread, {core})


def yielding(pids: Sequence[int], *, on: bool) -> None:
    """Let processes run only while nobody else wants their core, or (which takes root) as everybody again.

    Between sessions it is not the processes' own priority that counts where the system weighs sessions (sched(7), autogroup).
    """
    for pid in pids:
        with suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text("19" if on else "0", "ascii")
    for thread in _threads(pids):
        with suppress(PermissionError):
            os.sched_setscheduler(thread, os.SCHED_IDLE if on else os.SCHED_OTHER, os.sched_param(0))
    for thread in _threads(running_module(pids, "proxy.observer")):
        short_slices(thread)  # which it had by itself, and lost by that


def _threads(pids: Sequence[int]) -> list[int]:
    return [int(thread.name) for pid in pids for thread in Path(f"/proc/{pid}/task").iterdir()]


@contextmanager
def running(command: Sequence[str], core: int, log: Path) -> Iterator[int]:
    """A command on a core; gives its process id, ends it and its children."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process.pid
    finally:
        below = tree(process.pid)
        process.terminate()
        try:
            process.wait(45)  # the product drains for 30 s at most
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pid in below:  # who outlived its parent
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll a condition of another process; it has no event to wait for."""
    limit = monotonic() + seconds
    while not true():
        if monotonic() > limit:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        sleep(0.05)


@dataclass(slots=True)
class Weighed:
    """What a span of time cost: `cpu` seconds of the watched processes, and the cores that strangers used."""

    seconds: float = 0.0
    cpu: float = 0.0
    strangers: float = 0.0


@contextmanager
def weighing(pids: Sequence[int]) -> Iterator[Weighed]:
    """Weigh the body of a `with`; the result is there after it."""
    result = Weighed()
    began, cpu, strange = monotonic(), cpu_seconds(pids), _strangers()
    yield result
    result.seconds = monotonic() - began
    result.cpu = cpu_seconds(pids) - cpu
    result.strangers = max(0.0, (_strangers() - strange) / result.seconds)


def _strangers() -> float:
    """CPU seconds of the machine that are not ours, stolen time included."""
    busy = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]
    all_of_it = sum(int(busy[at]) for at in (0, 1, 2, 5, 6, 7)) * TICK
    ended = os.times()
    return all_of_it - _ticks(tree(os.getpid())) - ended.children_user - ended.children_system


def _ticks(pids: Sequence[int]) -> float:
    """Seconds as /proc/stat counts them, threads that ended included."""
    return sum((int(fields[11]) + int(fields[12])) * TICK for pid in pids if (fields := _stat(pid)))
