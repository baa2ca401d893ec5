"""A socket that a test reads in exact bytes: what origins and raw clients have in common."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 60.0
"""Seconds after which what should have come long ago fails the test: a busy machine may take its time, and waiting costs nothing
where it comes."""


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what another process gives no sign of."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


class Wire:
    """One connection, read in exact bytes. `received` holds everything that came."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connection
        self.received = bytearray()
        self._read = 0  # how much of `received` a test has taken
        self.ended = ""  # "fin" or "reset" once the peer has ended it

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _fill(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            self.ended = "reset"
            return False
        if not data:
            self.ended = "fin"
            return False
        self.received += data
        return True

    def until(self, mark: bytes) -> bytes:
        """Everything up to and with `mark`; what has come, if the connection ends before."""
        start = self._read
        while (end := self.received.find(mark, start)) < 0:
            if not self._fill():
                self._read = len(self.received)
                return bytes(self.received[start:])
        self._read = end + len(mark)
        return bytes(self.received[start : self._read])

    def exactly(self, size: int) -> bytes:
        """`size` bytes; fewer if the connection ends before."""
        start = self._read
        while len(self.received) - start < size and self._fill():
            pass
        self._read = min(start + size, len(self.received))
        return bytes(self.received[start : self._read])

    def rest(self) -> bytes:
        """Everything until the connection ends; `ended` says how."""
        start = self._read
        while self._fill():
            pass
        self._read = len(self.received)
        return bytes(self.received[start:])

    def quiet(self, seconds: float) -> bool:
        """Whether nothing comes, and nothing ends, for so long."""
        if self._read < len(self.received):
            return False
        self.socket.settimeout(seconds)
        try:
            return not self._fill() and not self.ended
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def body(self, head: bytes, method: str = "GET") -> bytes:
        """The body after `head`, framing included, as a plain reader finds it."""
        fields = {
            line.partition(b":")[0].strip().lower(): line.partition(b":")[2].strip().lower() for line in head.split(b"\r\n")[1:]
        }
        status = head.split(b" ")[1] if head.startswith(b"HTTP/") else b""
        if method == "HEAD" or status in {b"204", b"304"} or status.startswith(b"1"):
            return b""
        if fields.get(b"transfer-encoding") == b"chunked":
            return self._chunks()
        if b"content-length" in fields:
            return self.exactly(int(fields[b"content-length"]))
        return self.rest() if status else b""

    def _chunks(self) -> bytes:
        raw = b""
        while True:
            line = self.until(b"\r\n")
            raw += line
            if not line.endswith(b"\r\n"):
                return raw
            size = int(line.partition(b";")[0], 16)
            if size == 0:
                break
            raw += self.exactly(size + 2)
        while True:
            line = self.until(b"\r\n")
            raw += line
            if line in {b"\r\n", b""}:
                return raw

    def message(self, method: str = "GET") -> tuple[bytes, bytes]:
        """One whole message: (head with its empty line, body with its framing)."""
        head = self.until(b"\r\n\r\n")
        return head, self.body(head, method) if head else b""

    def finish(self) -> None:
        """End it with a FIN, both ways."""
        self.socket.close()

    def half_close(self) -> None:
        """Send a FIN and keep reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """End it with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.shutdown(socket.SHUT_RD)  # says nothing to the peer; wakes a thread that reads, which would keep the socket
        self.socket.close()
