"""A soak: mixed load for as long as wanted, and what it leaves behind, said at each interval.

JSON turns at a constant rate, streams, streams whose reader leaves in the middle, uploads. A leak shows as a row that is
higher than the one before, whatever the machine does besides; nothing here is judged by time.
"""

from __future__ import annotations

import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from .peers import Product, kpi_proxy, mock
from .processes import descriptors, memory
from .programs import Programs

INTERVAL = 60.0
"""Seconds of one row."""
TURNS = 150.0
"""JSON turns a second, over 16 connections."""
STREAMS = 60
"""Streams at once, each of 10 events a second until the interval ends."""
UPLOAD = 4 * 1024 * 1024
"""Bytes of an upload: past the capture's limit, so that it is cut."""
PAUSE = 0.25
"""Seconds between two of those who leave early; each eighth is followed by an upload."""

HEADINGS = (
    "minute",
    "relay MiB",
    "observer MiB",
    "rest MiB",
    "relay fds",
    "others fds",
    "turns",
    "streams",
    "left",
    "uploads",
    "errors",
    "counted",
    "captured",
    "dropped",
    "pending",
)


@dataclass(slots=True)
class Mischief:
    """Clients that leave in the middle of an answer, or send much."""

    left: int = 0
    uploads: int = 0
    errors: int = 0

    def run(self, port: int, until: float) -> None:
        """One after the other, until a moment of the monotonic clock."""
        while monotonic() < until:
            self._leave(port)
            if self.left % 8 == 0:
                self._upload(port)
            sleep(PAUSE)

    def _leave(self, port: int) -> None:
        body = b'{"model":"bench-500-20000","stream":true,"messages":[{"role":"user","content":"Hello"}],"user":"leaver"}'
        with _request(port, body) as client:
            if not client.recv(1000).startswith(b"HTTP/1.1 200"):
                self.errors += 1
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, as a closed tab sends
        self.left += 1

    def _upload(self, port: int) -> None:
        body = b'{"model":"bench","messages":[{"role":"user","content":"' + b"x" * UPLOAD + b'"}],"user":"uploader"}'
        with _request(port, body) as client:
            if not client.recv(1000).startswith(b"HTTP/1.1 200"):
                self.errors += 1
        self.uploads += 1


def _request(port: int, body: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    client.sendall((head % len(body)).encode() + body)
    return client


def soak(programs: Programs, folder: Path, minutes: float) -> None:
    """Print a row for each interval."""
    with mock(programs, folder) as assistant, kpi_proxy(assistant.port, folder, "together") as product:
        began = monotonic()
        _row(HEADINGS)
        _row(("0.0", *_state(product), "", "", "", "", "", *_kept(product)))
        while (left := minutes * 60 - (monotonic() - began)) > 1:
            load = _interval(programs, product.peer.port, min(INTERVAL, left))
            _row((f"{(monotonic() - began) / 60:.1f}", *_state(product), *load, *_kept(product)))


def _interval(programs: Programs, port: int, seconds: float) -> tuple[str, ...]:
    mischief = Mischief()
    with ThreadPoolExecutor(3) as pool:
        turns = pool.submit(programs.requests, port, 16, seconds, TURNS)
        streams = pool.submit(programs.streams, port, STREAMS, max(1, int((seconds - 2) * 10)), 0.1)
        pool.submit(mischief.run, port, monotonic() + seconds).result()
        asked, streamed = turns.result(), streams.result()
    errors = asked.errors + streamed.errors + mischief.errors
    return tuple(map(str, (asked.ok, streamed.ok, mischief.left, mischief.uploads, errors)))


def _state(product: Product) -> tuple[str, ...]:
    observers = product.observers
    rest = [
        pid for pid in product.others if pid not in observers
    ]  # the store, that holds a state per conversation, and the supervisor
    sizes = [f"{memory(pids) / 2**20:.1f}" for pids in (product.relays, observers, rest)]
    return (*sizes, str(descriptors(product.relays)), str(descriptors(product.others)))


def _kept(product: Product) -> tuple[str, ...]:
    counted, captured = product.counted()
    metrics = product.metrics()
    dropped = sum(value for name, value in metrics.items() if name.startswith("proxy_capture_dropped_total"))
    pending = metrics.get("proxy_outbox_pending", 0.0)
    return (str(counted), "-" if captured is None else f"{captured:.2%}", f"{dropped:.0f}", f"{pending:.0f}")


def _row(cells: tuple[str, ...]) -> None:
    sys.stdout.write(" ".join(f"{cell:>{max(8, len(heading))}}" for cell, heading in zip(cells, HEADINGS, strict=True)) + "\n")
    sys.stdout.flush()
