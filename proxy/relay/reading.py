"""Where a peer stands: whether its connection is read, whether it takes what it is sent, how long it has."""

from __future__ import annotations

import asyncio
import fcntl
import select
import socket
import sys
import termios
from math import inf
from time import monotonic
from typing import Final

PIPELINE, UPSTREAM, CONNECT = 1, 2, 4
"""Reasons: too many requests wait; the assistant reads slower than the client sends; there is no connection to send on yet."""
_RDHUP: Final = getattr(select, "POLLRDHUP", 0)  # Linux tells of a FIN without reading what stands before it


def end_of(limit: float) -> float:
    """When a time limit that starts now will have passed, on the monotonic clock; 0 is no limit."""
    return monotonic() + limit if limit else inf


class Reading:
    """Pauses a transport for one of several reasons, and reads on when the last is gone."""

    __slots__ = ("_transport", "paused")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.paused = 0  # the reasons

    def pause(self, why: int) -> None:
        """Do not read."""
        if not self.paused:
            self._transport.pause_reading()
        self.paused |= why

    def resume(self, why: int) -> None:
        """A reason is gone."""
        if self.paused:
            self.paused &= ~why
            if not self.paused and not self._transport.is_closing():
                self._transport.resume_reading()

    def always(self) -> None:
        """Read, whatever there was."""
        self.paused = 0
        self._transport.resume_reading()

    def left(self) -> bool:
        """Whether the peer has ended a connection that is not read: nothing else would tell."""
        connection = self._transport.get_extra_info("socket")
        if not self.paused or not _RDHUP or connection is None or connection.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(connection.fileno(), _RDHUP)
        return bool(poll.poll(0))


class Unsent:
    """What waits for a peer, looked at from time to time."""

    __slots__ = ("_since", "_size", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._size = 0  # bytes, at the last look; the system's part too, which alone changes for who reads slowly
        self._since = 0.0  # when that changed

    def stuck(self, now: float, limit: float) -> bool:
        """Whether the peer has taken nothing for longer than `limit` seconds (0: as long as it likes)."""
        size = self._transport.get_write_buffer_size()
        size += _queued(self._transport.get_extra_info("socket")) if size else 0
        if not size or size != self._size:
            self._size = size
            self._since = now
            return False
        return limit > 0 and now - self._since > limit


def _queued(connection: socket.socket | None) -> int:
    """Bytes that the system has taken and the peer has not; 0 where it does not say."""
    if connection is None or connection.fileno() < 0:
        return 0
    try:
        return int.from_bytes(fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"), sys.byteorder)
    except OSError:
        return 0
