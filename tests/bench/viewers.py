"""Open pages beside traffic: what 200 viewers of the live page cost the turns that pass, and when they see one.

python -m tests.bench.viewers [--viewers 200] [--rate 500]
"""

from __future__ import annotations

import argparse
import selectors
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from .peers import Product, kpi_proxy, mock
from .processes import until, weighing
from .programs import compiled

SECONDS = 5.0
REPETITIONS = 3
CONNECTIONS = 8
LEAST = 100  # bytes of an answer's head and its first event


class Viewers:
    """Connections to /events that read whatever comes."""

    def __init__(self, port: int, count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._ended = Event()
        self.read = [0] * count
        self._sockets = []
        for at in range(count):
            each = socket.create_connection(("127.0.0.1", port))
            each.sendall(b"GET /events?assistant=assistant HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            each.setblocking(False)
            self._selector.register(each, selectors.EVENT_READ, at)
            self._sockets.append(each)
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.1):
                found: Any = key.fileobj
                self.read[key.data] += len(found.recv(65536))

    def close(self) -> None:
        """Let them go."""
        self._ended.set()
        self._thread.join()
        for each in self._sockets:
            each.close()


@contextmanager
def watching(product: Product, count: int) -> Iterator[Viewers]:
    """So many open pages, each of which has been told once."""
    viewers = Viewers(product.console, count)
    try:
        until(lambda: min(viewers.read) > LEAST, 30, "the first event of every viewer")
        yield viewers
    finally:
        viewers.close()


def delay(product: Product, viewers: Viewers) -> float:
    """Seconds from a turn to the last viewer's news of it, when nothing else passes."""
    sleep(2.5)  # what was told before is read
    before = list(viewers.read)
    began = monotonic()
    compiled().requests(product.peer.port, 1, 0.001)
    until(lambda: all(now > then for now, then in zip(viewers.read, before, strict=True)), 30, "the news of a turn")
    return monotonic() - began


def main() -> None:
    """Measure with and without viewers in turn, and print both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--rate", type=float, default=500.0, help="turns per second")
    arguments = parser.parse_args()
    programs = compiled()
    found: dict[bool, list[tuple[float, float, float]]] = {False: [], True: []}
    with (
        tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder,
        mock(programs, Path(folder)) as direct,
        kpi_proxy(direct.port, Path(folder), "together") as product,
    ):
        programs.requests(product.peer.port, CONNECTIONS, 1.0, arguments.rate)
        for _ in range(REPETITIONS):
            for watched in (False, True):
                with watching(product, arguments.viewers) if watched else nullcontext(), weighing(product.peer.pids) as cost:
                    got = programs.requests(product.peer.port, CONNECTIONS, SECONDS, arguments.rate)
                if got.errors or got.ok != got.sent:
                    sys.exit(f"{got.errors} errors, {got.sent - got.ok} turns without an answer")
                found[watched].append((got.latency_p50, got.latency_p99, cost.cpu / SECONDS))
        with watching(product, arguments.viewers) as viewers:
            seen = delay(product, viewers)
    for watched, rows in found.items():
        p50, p99, cores = (median(column) for column in zip(*rows, strict=True))
        who = f"{arguments.viewers} viewers" if watched else "nobody"
        sys.stdout.write(f"{who:>14}: turns p50 {p50:.0f} us, p99 {p99:.0f} us; product {cores:.2f} cores\n")
    sys.stdout.write(f"a turn was on all {arguments.viewers} pages after {seen:.2f} s\n")


if __name__ == "__main__":
    main()
