"""Accepts connections: an own loop on the listening socket.

libuv takes about one connection per turn of the loop; while hundreds of streams keep the loop busy, newcomers would wait
for seconds. Here up to ACCEPTS connections are taken at each turn.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Final

from proxy.tasks import Tasks

log = logging.getLogger(__name__)

ACCEPTS: Final = 64
PAUSE: Final = 0.1
"""Seconds without accepting when the process is out of file descriptors."""


class Listener:
    """One listening socket of a relay."""

    def __init__(self, listening: socket.socket, factory: Callable[[], asyncio.Protocol], tasks: Tasks) -> None:
        self._socket = listening
        self._factory = factory
        self._tasks = tasks
        listening.setblocking(False)

    def start(self) -> None:
        """Begin to accept, unless stopped meanwhile."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPTS):
            try:
                connection, _ = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("no connection can be accepted for a moment: %s", error)  # noqa: TRY400 - no traceback wanted
                loop.remove_reader(self._socket.fileno())
                loop.call_later(PAUSE, self.start)
                return
            connection.setblocking(False)
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._tasks.start(self._attach(connection), "accept")

    async def _attach(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._factory, connection)
        except OSError:  # it has gone again
            connection.close()

    def stop(self) -> None:
        """Accept no more. Connections that wait in the socket stay there for the next relay, if there is one."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
