"""Accepts connections: an own loop on the listening socket.

libuv takes about one connection per turn of the loop; while hundreds of streams keep the loop busy, newcomers would wait
for seconds. Here up to ACCEPTS connections are taken at each turn.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Final

from proxy.relay.client import Client
from proxy.relay.door import Door
from proxy.relay.plain import Plain
from proxy.relay.preface import FIRST, Fault, Preface, read_preface
from proxy.relay.watch import Watch
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

ACCEPTS: Final = 16
"""Of which each is read at once: that takes as long as reading some fifty events."""
PAUSE: Final = 0.1
"""Seconds without accepting when the process is out of file descriptors."""


class Listener:
    """One listening socket of a relay."""

    def __init__(self, listening: socket.socket, door: Door, tasks: Tasks, watch: Watch) -> None:
        self._socket = listening
        self._door = door
        self._tasks = tasks
        self._watch = watch
        self._entering = 0  # connections that are no clients yet
        listening.setblocking(False)

    def start(self) -> None:
        """Begin to accept, unless stopped meanwhile."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPTS):
            try:
                connection, peer = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("no connection can be accepted for a moment: %s", error)  # noqa: TRY400 - no traceback wanted
                loop.remove_reader(self._socket.fileno())
                loop.call_later(PAUSE, self.start)
                return
            most = self._door.limits.connections
            if most and self._entering > most:  # TLS handshakes that do not end would else have no limit
                connection.close()
                continue
            connection.setblocking(False)
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._door.trusted or self._door.tls:
                self._tasks.start(self._attach(connection, peer), "accept")
                continue
            try:
                Plain(connection, Client(self._door), self._watch, peer).begin()
            except OSError as error:
                log.error("a connection can't be watched: %s", error)  # noqa: TRY400 - no traceback wanted

    async def _attach(self, connection: socket.socket, peer: object) -> None:
        """Let in a connection that begins with something else than a request."""
        self._entering += 1
        door = self._door
        try:
            client = Client(door)
            if door.trusted:
                client.peer = await self._preface(connection)
            if door.tls is None:
                Plain(connection, client, self._watch, peer).begin()
                return
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: client, connection, ssl=door.tls, ssl_handshake_timeout=door.limits.head_time or None
            )
        except OSError:  # it has gone again, does not speak TLS, or has no proper PROXY header
            connection.close()
        finally:
            self._entering -= 1

    async def _preface(self, connection: socket.socket) -> str:
        """The client that a balancer speaks for; "" when the peer speaks for itself. Raises OSError."""
        peer = connection.getpeername()
        if not isinstance(peer, tuple) or not self._door.trusts(peer[0]):
            return ""
        loop = asyncio.get_running_loop()
        data = b""
        needed = FIRST
        async with asyncio.timeout(self._door.limits.head_time or None):
            while True:
                piece = await loop.sock_recv(connection, needed)
                data += piece
                match read_preface(data) if piece else Fault("nothing"):
                    case Preface(client):
                        return client
                    case Fault(reason):
                        self._door.refused("preface")
                        raise ConnectionAbortedError(reason)
                    case int(needed):
                        pass

    def last(self) -> None:
        """Let in who waits in the socket: no relay will come after this one."""
        self._accept()

    def stop(self) -> None:
        """Accept no more. Connections that wait in the socket stay there for the next relay, if there is one."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
