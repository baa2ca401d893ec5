"""A connection without TLS, read and written by the relay itself.

The loop's own transports cost more to open than all else that a new stream needs, and are no faster once open.

A write reaches the socket, where the socket takes it, as soon as the events that came with its own have been read (see watch).
What the socket does not take waits, and pauses the other side at once: no more waits than a round of reads has brought.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Final

from proxy.relay.watch import IN, OUT, Watch

log = logging.getLogger(__name__)

_ROOM: Final = memoryview(bytearray(256 * 1024))
"""What a read takes at most, of whichever connection: all are read one after the other. What came is copied out of it at its own
size, as what a read allots for itself is cut down from the largest, and leaves holes in the memory of a relay that keeps some."""


class Plain(asyncio.Transport):
    """The transport of `protocol` over `connection`, which is open, does not block, and belongs to it from here on.

    Raises OSError where the system watches no more sockets.
    """

    __slots__ = ("_closing", "_connection", "_ending", "_events", "_file", "_protocol", "_unsent", "_watch")

    def __init__(self, connection: socket.socket, protocol: asyncio.Protocol, watch: Watch, peer: object = None) -> None:
        super().__init__({"socket": connection, "peername": peer})
        self._connection = connection
        self._file = connection.fileno()
        self._protocol = protocol
        self._watch = watch
        self._events = 0  # that are watched for
        self._unsent = b""
        self._ending = False  # an end is to be sent, or has been
        self._closing = False
        try:
            self._change(IN)
        except OSError:
            connection.close()
            raise
        protocol.connection_made(self)

    def _change(self, events: int) -> None:
        if events != self._events:
            self._events = events
            self._watch.set(self._file, self._ready, events)

    def _ready(self, events: int) -> None:
        """Read first: what came before a connection broke is passed on."""
        try:
            if self._events & IN and events != OUT:
                self._read()
            if self._events & OUT and events != IN:
                self._write()
        except OSError as error:
            self._break(error)
        except Exception as error:  # a fault of the relay's ends this connection, and no other
            log.exception("a connection is ended by an error")
            self._break(error)

    def begin(self) -> None:
        """Read what has come already: a client mostly speaks at once, and so need not wait for its turn."""
        self._ready(IN)

    # -- reading --------------------------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Leave in the socket what comes."""
        self._change(self._events & ~IN)

    def resume_reading(self) -> None:
        """Read on."""
        if not self._closing:
            self._change(self._events | IN)

    def _read(self) -> None:
        try:
            data = _ROOM[: self._connection.recv_into(_ROOM)].tobytes()
        except (BlockingIOError, InterruptedError):
            return
        if data:
            self._protocol.data_received(data)
        else:
            self._protocol.eof_received()
            self.close()  # none of the protocols here goes on with half of a connection

    # -- writing --------------------------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; what the socket does not take is sent when it does."""
        if self._ending or self._closing:
            return
        if self._unsent:
            self._unsent += data
        else:
            self._unsent = bytes(data)
            self._watch.defer(self._flush)

    def _flush(self) -> None:
        """Send what was written, unless that was done before, or the socket takes nothing."""
        if not self._unsent or self._events & OUT:
            return
        try:
            self._send()
        except OSError as error:
            self._break(error)
            return
        if self._unsent:
            self._change(self._events | OUT)
            self._protocol.pause_writing()

    def _send(self) -> None:
        """Send what waits, as far as the socket takes it; raises OSError when the peer has gone."""
        try:
            sent = self._connection.send(self._unsent)
        except (BlockingIOError, InterruptedError):
            return
        self._unsent = self._unsent[sent:]

    def _write(self) -> None:
        self._send()
        if self._unsent:
            return
        self._change(self._events & ~OUT)
        if self._closing:
            self._end(None)
            return
        if self._ending:
            with suppress(OSError):  # the peer has gone; reading tells
                self._connection.shutdown(socket.SHUT_WR)
        self._protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        """Bytes that the socket has not taken, or has not been given yet."""
        return len(self._unsent)

    def can_write_eof(self) -> bool:
        """Whether one direction can end: always."""
        return True

    def write_eof(self) -> None:
        """Send no more than what waits; raises OSError when the peer has gone."""
        self._flush()
        if not self._ending and not self._closing:
            self._ending = True
            if not self._unsent:
                self._connection.shutdown(socket.SHUT_WR)

    # -- endings --------------------------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Whether it has been closed, or is lost."""
        return self._closing

    def close(self) -> None:
        """Close once everything is sent."""
        self._flush()
        if not self._closing:
            self._closing = True
            self._change(self._events & ~IN)
            if not self._unsent:
                self._end(None)

    def abort(self) -> None:
        """Close now; what the socket does not take is not sent."""
        if self._unsent and not self._events & OUT:
            with suppress(OSError):  # it has gone by itself
                self._send()
        self._break(None)

    def _break(self, error: Exception | None) -> None:
        if self._closing and not self._unsent:
            return  # its end is on the way
        self._closing = True
        self._unsent = b""
        self._change(0)
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        """Later, as with other transports: who has ended it may be in the middle of something."""
        asyncio.get_running_loop().call_soon(self._lost, error)

    def _lost(self, error: Exception | None) -> None:
        try:
            self._protocol.connection_lost(error)
        finally:
            self._connection.close()
            del self._protocol  # which holds this one: none of them waits for the garbage collector
