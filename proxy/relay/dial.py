"""Opening a connection to an address, by the relay itself: the loop's own way resolves, races and wraps what is settled here.

The system opens a connection within its own host while it is asked to, so such a one costs no turn of the loop and no task.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
from ipaddress import ip_address

import msgspec

from proxy.relay.watch import OUT, Watch


class Address(msgspec.Struct, frozen=True):
    """Where to connect: a numeric host and a port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    unix: str = ""
    second: bool = False  # of the address family that the system does not prefer: a way out, no equal

    @property
    def near(self) -> bool:
        """Whether it is on this host."""
        return bool(self.unix) or (bool(self.host) and ip_address(self.host).is_loopback)


def dialled(address: Address) -> socket.socket | None:
    """A connection to what is near, None where it is not open at once, for whatever reason."""
    try:
        connection, is_open = _begin(address)
    except OSError:
        return None
    if is_open or _is_open(connection):
        return connection
    connection.close()
    return None


async def dial(address: Address, watch: Watch) -> socket.socket:
    """Open a connection; raises OSError."""
    connection, is_open = _begin(address)
    try:
        if not is_open:
            await _opened(connection, watch)
    except BaseException:  # also when the time for it has passed
        connection.close()
        raise
    return connection


def _begin(address: Address) -> tuple[socket.socket, bool]:
    """A socket that does not block, and whether it is connected already. Raises OSError."""
    family = socket.AF_UNIX if address.unix else socket.AF_INET6 if ":" in address.host else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        if not address.unix:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect(address.unix or (address.host, address.port))
    except BlockingIOError:
        if address.unix:  # its queue is full: no event tells when that is over
            connection.close()
            raise
        return connection, False
    except OSError:
        connection.close()
        raise
    return connection, True


def _is_open(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return [event for _, event in poll.poll(0)] == [select.POLLOUT]


async def _opened(connection: socket.socket, watch: Watch) -> None:
    told = asyncio.Event()
    file, called = connection.fileno(), lambda _: told.set()
    watch.set(file, called, OUT)
    try:
        await told.wait()
    finally:
        watch.set(file, called, 0)
    if error := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(error, os.strerror(error))
