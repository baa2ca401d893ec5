"""What a child process and the supervisor owe each other: a plan at the start, an end when the parent is gone.

The plan comes on standard input as one line of JSON, and a newer one may follow. The pipe stays open as long as the
supervisor lives, so that its end, even by SIGKILL, is the children's signal to stop. Works wherever there are pipes, unlike
a parent-death signal.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

Plan = TypeVar("Plan")


def read_plan(kind: type[Plan]) -> Plan:
    """Read the plan; further bytes of standard input stay unread."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(sys.stdin.fileno(), 65536)
        if not piece:
            raise SystemExit("a relay or an observer is started by `kpi-proxy serve`, not by hand")
        line += piece
    return msgspec.json.decode(line.splitlines()[-1], type=kind)  # a newer plan may have come meanwhile


def on_stop(stop: Callable[[], None], changed: Callable[[bytes], None] | None = None) -> None:
    """Call `stop` at SIGTERM, at SIGINT, and when the supervisor is gone; `changed` with each newer plan, still as JSON."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    arriving = bytearray()

    def take(piece: bytes) -> None:
        if changed is not None:
            arriving.extend(piece)
            *whole, rest = arriving.split(b"\n")
            arriving[:] = rest
            for line in whole:
                changed(bytes(line))

    on_end_of_input(stop, take)


def finish() -> None:
    """Hear no signal any more: one that came while a process exits that has done its work would make a failure of its end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))


def on_end_of_input(stop: Callable[[], None], take: Callable[[bytes], None] = lambda _: None) -> None:
    """Call `stop` when standard input ends, and `take` with what comes before."""
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def readable() -> None:
        piece = os.read(descriptor, 65536)
        if piece:
            take(piece)
        else:
            loop.remove_reader(descriptor)
            stop()

    loop.add_reader(descriptor, readable)
