"""Requests of one connection that came before their turn."""

from __future__ import annotations

from typing import Final

from proxy.relay.reading import PIPELINE, Reading

LIMIT: Final = 64 * 1024
"""Bytes that wait behind the current request; past it the connection is not read, and nothing is lost."""


class Pipeline:
    """Bytes in the order in which they came."""

    __slots__ = ("_reading", "waiting")

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.waiting = bytearray()

    def add(self, data: bytes) -> None:
        """Let `data` wait."""
        self.waiting += data
        if len(self.waiting) > LIMIT:
            self._reading.pause(PIPELINE)

    def take(self) -> bytes:
        """Take out everything; what of it is still too early is given back by `add`, and then `settle` is due."""
        data = bytes(self.waiting)
        self.waiting.clear()
        return data

    def settle(self) -> None:
        """Read on, if there is room."""
        if len(self.waiting) <= LIMIT:
            self._reading.resume(PIPELINE)
