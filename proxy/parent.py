"""What a child process and the supervisor owe each other: a plan at the start, an end when the parent is gone.

The plan comes on standard input as one line of JSON; the pipe stays open as long as the supervisor lives, so that its end,
even by SIGKILL, is the children's signal to stop. Works wherever there are pipes, unlike a parent-death signal.
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
    return msgspec.json.decode(bytes(line), type=kind)


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM, at SIGINT, and when the supervisor is gone."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    descriptor = sys.stdin.fileno()

    def readable() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            stop()

    loop.add_reader(descriptor, readable)
