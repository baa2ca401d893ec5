"""What a child process and the supervisor owe each other: a plan at the start, an end when the parent is gone.

The plan comes on standard input as one line of JSON, and a newer one may follow. The pipe stays open as long as the
supervisor lives, so that its end, even by SIGKILL, is the children's signal to stop. Works wherever there are pipes, unlike
a parent-death signal.

A relay may be handed listening sockets while it runs, over a socket that it inherits; the plan that names them follows.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

Plan = TypeVar("Plan")

HANDED: Final = 200
"""Sockets of one message; Linux takes 253."""
_NUMBERS: Final = 4096
"""Bytes of the message beside them."""


def read_plan(kind: type[Plan]) -> Plan:
    """Read the plan; further bytes of standard input stay unread."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(sys.stdin.fileno(), 65536)
        if not piece:
            raise SystemExit("a relay or an observer is started by `kpi-proxy serve`, not by hand")
        line += piece
    return msgspec.json.decode(line.splitlines()[-1], type=kind)  # a newer plan may have come meanwhile


def handed(channel: socket.socket, messages: int) -> dict[int, socket.socket]:
    """Take the sockets of so many messages, by the descriptors that the supervisor has for them; raises OSError without them."""
    channel.setblocking(False)
    found: dict[int, socket.socket] = {}
    for _ in range(messages):
        message, descriptors, _, _ = socket.recv_fds(channel, _NUMBERS, HANDED)
        numbers = msgspec.json.decode(message, type=list[int])
        # With too many open files some do not come; the plan then names what is not there.
        found |= {number: socket.socket(fileno=own) for number, own in zip(numbers, descriptors, strict=False)}
    return found


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
