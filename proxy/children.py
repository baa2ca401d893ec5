"""The processes that the supervisor keeps running, and what they get from it: a plan, sockets, signals."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final

import msgspec

from proxy.parent import HANDED

log = logging.getLogger(__name__)

RESTART: Final = (0.05, 0.2, 1.0, 5.0)
"""Seconds before a child that died is started again; the last one repeats while it keeps dying."""
STEADY: Final = 30.0
"""Seconds of life after which a death counts as the first again."""


class Child:
    """One process of the product, started again when it dies. `sockets` are those that it inherits when it starts."""

    def __init__(
        self, name: str, module: str, plan: Callable[[], msgspec.Struct], sockets: Callable[[], Sequence[socket.socket]]
    ) -> None:
        self.name = name
        self._module = module
        self._plan = plan
        self._sockets = sockets
        self.inherited: tuple[int, ...] = ()  # descriptors of the process that runs
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._renewing = False

    async def run(self) -> None:
        """Keep it running until it is told to stop."""
        deaths = 0
        while True:
            started = monotonic()
            try:
                status: int | OSError = await self._once()
            except OSError as error:  # no process could be made now: no memory, no process left, no right to run it
                status = error
            if self._stopping:
                return
            if self._renewing:
                self._renewing = False
                continue
            deaths = 0 if monotonic() - started > STEADY else deaths
            delay = RESTART[min(deaths, len(RESTART) - 1)]
            deaths += 1
            log.error("%s ended with status %s, started again in %.2f s", self.name, status, delay)
            await asyncio.sleep(delay)

    async def _once(self) -> int:
        self.inherited = self._inheritance()
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            pass_fds=self.inherited,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then drains in order
        )
        if process.stdin is not None:
            process.stdin.write(msgspec.json.encode(self._plan()) + b"\n")
        return await process.wait()

    def _inheritance(self) -> tuple[int, ...]:
        return tuple([listening.fileno() for listening in self._sockets()])

    def signal(self, number: int) -> None:
        """Send a signal, if the process lives."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def tell(self) -> None:
        """Hand over the plan as it is now, on the way of the first one."""
        process = self._process
        if process is not None and process.returncode is None and process.stdin is not None:
            process.stdin.write(msgspec.json.encode(self._plan()) + b"\n")

    def renew(self) -> None:
        """End it and start it again, with the plan as it is then."""
        self._renewing = True
        self.signal(signal.SIGTERM)

    async def stop(self, running: asyncio.Task[None], limit: float) -> None:
        """End it by SIGTERM, after the limit by SIGKILL."""
        self._stopping = True
        self.signal(signal.SIGTERM)
        _, late = await asyncio.wait({running}, timeout=limit)
        if late:
            log.error("%s did not end within %.0f s and is killed", self.name, limit)
            self.signal(signal.SIGKILL)
            await asyncio.wait({running})


class RelayChild(Child):
    """A relay, which may be handed more listening sockets while it runs."""

    def __init__(self, name: str, plan: Callable[[], msgspec.Struct], sockets: Callable[[], Sequence[socket.socket]]) -> None:
        super().__init__(name, "proxy.relay", plan, sockets)
        self._ours, self.handover = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)  # the process has the other end
        self.handed = 0  # messages to the process that runs

    def _inheritance(self) -> tuple[int, ...]:
        self._ours.close()  # with what the process before was handed and did not take: the next one inherits all sockets
        self.handover.close()
        self._ours, self.handover = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ours.setblocking(False)
        self.handed = 0
        return (*super()._inheritance(), self.handover.fileno())

    def hand(self, sockets: Sequence[socket.socket]) -> None:
        """Hand over listening sockets, ahead of the plan that names them by our descriptors."""
        for start in range(0, len(sockets), HANDED):
            numbers = [listening.fileno() for listening in sockets[start : start + HANDED]]
            try:
                socket.send_fds(self._ours, [msgspec.json.encode(numbers)], numbers)
                self.handed += 1
            except OSError as error:  # it does not read
                log.warning("%s could not be handed %d sockets: %s", self.name, len(numbers), error)
