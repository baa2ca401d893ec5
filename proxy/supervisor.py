"""The process that an operator starts: binds the sockets, starts relays and observer, restarts what dies, drains.

It keeps every listening socket, so that a relay which is started again finds its socket with the connections that waited
in it. It reads no traffic.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec

from proxy.logs import set_up
from proxy.plans import observer_plan, relay_plan
from proxy.settings.address import Place, place
from proxy.settings.model import Settings
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.secret import make_state, secret
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

BACKLOG: Final = 4096
RESTART: Final = (0.05, 0.2, 1.0, 5.0)
"""Seconds before a child that died is started again; the last one repeats while it keeps dying."""
STEADY: Final = 30.0
"""Seconds of life after which a death counts as the first again."""
OBSERVER_END: Final = 20.0
"""Seconds that the observer gets to put away what it knows."""


class Child:
    """One process of the product, started again when it dies."""

    def __init__(self, name: str, module: str, plan: Callable[[], msgspec.Struct], sockets: Sequence[socket.socket]) -> None:
        self.name = name
        self._module = module
        self._plan = plan
        self._sockets = sockets
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self) -> None:
        """Keep it running until it is told to stop."""
        deaths = 0
        while True:
            started = monotonic()
            status = await self._once()
            if self._stopping:
                return
            deaths = 0 if monotonic() - started > STEADY else deaths
            delay = RESTART[min(deaths, len(RESTART) - 1)]
            deaths += 1
            log.error("%s ended with status %s, started again in %.2f s", self.name, status, delay)
            await asyncio.sleep(delay)

    async def _once(self) -> int:
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            pass_fds=[listening.fileno() for listening in self._sockets],
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then drains in order
        )
        if process.stdin is not None:
            process.stdin.write(msgspec.json.encode(self._plan()) + b"\n")
        return await process.wait()

    def signal(self, number: int) -> None:
        """Send a signal, if the process lives."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def stop(self, running: asyncio.Task[None], limit: float) -> None:
        """End it by SIGTERM, after the limit by SIGKILL."""
        self._stopping = True
        self.signal(signal.SIGTERM)
        _, late = await asyncio.wait({running}, timeout=limit)
        if late:
            log.error("%s did not end within %.0f s and is killed", self.name, limit)
            self.signal(signal.SIGKILL)
            await asyncio.wait({running})


class Supervisor:
    """Relays, observer, and the sockets that outlive them."""

    def __init__(self, settings: Settings) -> None:
        state = Path(settings.state).expanduser().absolute()
        key = secret(state, os.environ)
        make_state(state)
        (state / "run").mkdir(mode=0o700, exist_ok=True)
        self._lock = _locked(state)
        self._settings = settings
        self._console = _listen(place(settings.console.listen), "console.listen")
        sockets = [_listeners(place(each.listen), f"{each.name}: listen", settings.workers) for each in settings.assistants]
        self._sockets = [listening for group in sockets for listening in group]
        self.relays = [
            Child(
                f"relay {number + 1}",
                "proxy.relay",
                partial(relay_plan, settings, state, key, [listening.fileno() for listening in mine]),
                mine,
            )
            for number, mine in enumerate(zip(*sockets, strict=True))
        ]
        self.observer = Child(
            "observer",
            "proxy.observer",
            partial(observer_plan, settings, state, key, self._console.fileno()),
            [self._console],
        )

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; a second one cuts the drain short."""
        tasks = Tasks()
        stop = asyncio.Event()
        hurry = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: hurry.set() if stop.is_set() else stop.set())
        observer = tasks.start(self.observer.run(), "observer")
        relays = [tasks.start(relay.run(), relay.name) for relay in self.relays]
        self._announce()
        await stop.wait()
        limit = self._settings.limits.drain
        log.info("stopping: answers that have begun get %.0f s to end", limit)
        for listening in self._sockets:
            listening.close()  # nobody accepts any more: new connections are refused
        impatient = tasks.start(self._hurry(hurry), "hurry")
        ending = [tasks.start(relay.stop(task, limit + 5.0), "stop") for relay, task in zip(self.relays, relays, strict=True)]
        await asyncio.wait(ending)
        impatient.cancel()
        await self.observer.stop(observer, OBSERVER_END)
        await tasks.stop()
        log.info("stopped")
        return 0

    async def _hurry(self, hurry: asyncio.Event) -> None:
        await hurry.wait()
        log.warning("asked again to stop: answers that have not ended are broken off")
        for relay in self.relays:
            relay.signal(signal.SIGINT)

    def _announce(self) -> None:
        firsts = self._sockets[:: self._settings.workers]
        for assistant, listening in zip(self._settings.assistants, firsts, strict=True):
            log.info("assistant %s: %s -> %s", assistant.name, _shown(listening), assistant.upstream)
        log.info("figures: %s", _shown(self._console))


def run(settings: Settings) -> int:
    """Run the product in the foreground; returns the exit status. Raises `SettingsError` before anything is started."""
    set_up(settings.log)
    return asyncio.run(Supervisor(settings).run())


def _locked(state: Path) -> int:
    """Hold the state directory for as long as this process lives."""
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SettingsError([Problem("state", f"another kpi-proxy uses {state}", "give each its own --state DIR")]) from error
    return descriptor


def _listeners(where: Place, path: str, count: int) -> list[socket.socket]:
    """One listening socket per relay on the same port, balanced by the system; where it can't, the relays share one."""
    first = _listen(where, path, shared=count > 1)
    if count == 1 or where.unix or not hasattr(socket, "SO_REUSEPORT"):
        return [first, *(first.dup() for _ in range(count - 1))]
    bound = Place(host=where.host, port=first.getsockname()[1])
    return [first, *(_listen(bound, path, shared=True) for _ in range(count - 1))]


def _listen(where: Place, path: str, *, shared: bool = False) -> socket.socket:
    try:
        if where.unix:
            Path(where.unix).unlink(missing_ok=True)
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(where.unix)
        else:
            found = socket.getaddrinfo(where.host or None, where.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            # "every interface" is one IPv6 socket that takes IPv4 too, where the system has IPv6
            family, _, _, _, address = min(found, key=lambda entry: not where.host and entry[0] != socket.AF_INET6)
            listening = socket.socket(family)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6 and not where.host:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # every interface, IPv4 included
            listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        text = where.unix or f"{where.host}:{where.port}"
        raise SettingsError([Problem(path, f"can't listen on {text}: {error.strerror or error}", "is it in use?")]) from error
    return listening


def _shown(listening: socket.socket) -> str:
    name = listening.getsockname()
    if isinstance(name, str):
        return f"unix:{name}"
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
