"""An observer that stands still for a minute under load, and goes on: how it catches up, in what memory, and what was lost.

SIGSTOP is the worst of what a host does to a process: nothing is closed, so the relay can only keep what comes.
"""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

from .measure import counted, shares
from .peers import Product, kpi_proxy, mock
from .processes import cpu_seconds, memory
from .programs import Programs

BEFORE = 5.0
"""Seconds of load before it is stopped."""
STOPPED = 60.0
AFTER = 20.0
"""Seconds of load once it goes on."""
ROW = 2.0
"""Seconds of one row."""
HEADINGS = ("second", "observer MiB", "observer %", "relay MiB", "lag s", "level", "pending")


def behind(programs: Programs, folder: Path, rate: float) -> None:
    """Print a row from time to time, and at the end what was counted of what was sent."""
    seconds = BEFORE + STOPPED + AFTER
    with mock(programs, folder) as direct, kpi_proxy(direct.port, folder, "together") as product, ThreadPoolExecutor(1) as pool:
        before = counted(product, 0)
        began = monotonic()
        load = pool.submit(programs.requests, product.peer.port, 64, seconds, rate)
        _row(HEADINGS)
        sleep(BEFORE)
        _watched(product, began, ROW)
        _signal(product, signal.SIGSTOP)
        try:
            sleep(STOPPED)
        finally:
            _signal(product, signal.SIGCONT)
        sys.stdout.write(f"stood still for {STOPPED:g} s; the relay has {memory(product.relays) / 2**20:.0f} MiB\n")
        while not load.done() or product.metrics().get("proxy_observer_lag_seconds", 0.0) > 1:
            _watched(product, began, ROW)
        got = load.result()
        found = shares(before, counted(product, before[0] + got.ok), got.ok)
        sys.stdout.write(
            f"{got.per_second:,.0f} turns/s, p50 {got.latency_p50:,.0f} us, p99 {got.latency_p99:,.0f} us, {got.errors} errors; "
            f"the relay gave up {_dropped(product)};\n"
            f"of {got.ok:,} turns {found['counted']:.2%} are counted, {found['captured']:.2%} of these captured whole\n"
        )


def _dropped(product: Product) -> str:
    """What the relay gave up, by its words."""
    prefix = "proxy_capture_dropped_total"
    found = {name.removeprefix(prefix): count for name, count in product.metrics().items() if name.startswith(prefix) and count}
    return ", ".join([f"{count:,.0f} {name}" for name, count in found.items()]) or "nothing"


def _signal(product: Product, number: signal.Signals) -> None:
    for pid in product.observers:
        os.kill(pid, number)


def _watched(product: Product, began: float, seconds: float) -> None:
    start, cpu = monotonic(), cpu_seconds(product.observers)
    sleep(seconds)
    share = (cpu_seconds(product.observers) - cpu) / (monotonic() - start)
    metrics = product.metrics()
    lag, level, pending = [
        metrics.get(name, 0.0) for name in ("proxy_observer_lag_seconds", "proxy_capture_level", "proxy_outbox_pending")
    ]
    sizes = [f"{memory(pids) / 2**20:.0f}" for pids in (product.observers, product.relays)]
    _row((f"{monotonic() - began:.0f}", sizes[0], f"{share:.0%}", sizes[1], f"{lag:.1f}", f"{level:.0f}", f"{pending:.0f}"))


def _row(cells: tuple[str, ...]) -> None:
    sys.stdout.write(" ".join(f"{cell:>{max(8, len(heading))}}" for cell, heading in zip(cells, HEADINGS, strict=True)) + "\n")
    sys.stdout.flush()
