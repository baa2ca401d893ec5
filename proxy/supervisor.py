"""The process that an operator starts: binds the sockets, starts relays and observer, restarts what dies, drains.

It keeps every listening socket, so that a relay which is started again finds its socket with the connections that waited
in it. It reads no traffic.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from proxy.children import Child, RelayChild
from proxy.listening import listen, listeners, shown
from proxy.locking import locked
from proxy.logs import set_up
from proxy.observer.plan import ObserverPlan
from proxy.parent import on_end_of_input
from proxy.plans import observer_plan, presets_of, relay_plan
from proxy.relay.plan import RelayPlan
from proxy.settings.address import place
from proxy.settings.model import Settings
from proxy.settings.problem import SettingsError
from proxy.settings.secret import make_state, secret
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

OBSERVER_END: Final = 20.0
"""Seconds that the observer gets to put away what it knows."""


class Supervisor:
    """Relays, observer, and the sockets that outlive them. With `reread`, SIGHUP puts new settings in place.

    `tied`: it ends with its standard input, as its own children do.
    """

    def __init__(self, settings: Settings, reread: Callable[[], Settings] | None = None, *, tied: bool = False) -> None:
        self._tied = tied
        self._state = Path(settings.state).expanduser().absolute()
        self._key = secret(self._state, os.environ)
        make_state(self._state)
        (self._state / "run").mkdir(mode=0o700, exist_ok=True)
        self._lock = locked(self._state)
        self._settings = settings
        self._presets = presets_of(settings)
        self._reread = reread
        self._console = listen(place(settings.console.listen), "console.listen")
        self._sockets: dict[str, list[socket.socket]] = {}  # one for each relay, by address
        self._sockets = self._open(settings)
        self.relays = [
            RelayChild(f"relay {number + 1}", partial(self._relay_plan, number), partial(self._listening, number))
            for number in range(settings.workers)
        ]
        self.observer = Child("observer", "proxy.observer", self._observer_plan, lambda: [self._console])

    def _listening(self, number: int) -> list[socket.socket]:
        return [group[number] for group in self._sockets.values()]

    def _relay_plan(self, number: int) -> RelayPlan:
        descriptors = [self._sockets[each.listen][number].fileno() for each in self._settings.assistants]
        relay = self.relays[number]
        plan = relay_plan(self._settings, self._presets, self._state, self._key, descriptors)
        inherited, handover = relay.inherited[:-1], relay.handover.fileno()
        return msgspec.structs.replace(plan, inherited=inherited, handover=handover, handed=relay.handed)

    def _observer_plan(self) -> ObserverPlan:
        return observer_plan(self._settings, self._state, self._key, self._console.fileno())

    def reload(self) -> None:
        """Read the settings again. Relays change over while they run, the observer is started anew; no connection ends."""
        if self._reread is None:
            return
        try:
            settings = self._reread()
        except SettingsError as error:
            log.error("the settings have faults, the old ones stay:\n%s", error)  # noqa: TRY400 - no traceback wanted
            return
        if fixed := _fixed(self._settings, settings):
            log.error("%s can't change while kpi-proxy runs, the old settings stay: start it anew", " and ".join(fixed))
            return
        try:
            opened = self._open(settings)
        except SettingsError as error:
            log.error("the settings have faults, the old ones stay:\n%s", error)  # noqa: TRY400 - no traceback wanted
            return
        self._settings = settings
        self._presets = presets_of(settings)
        self._sockets |= opened
        for number, relay in enumerate(self.relays):
            relay.hand([group[number] for group in opened.values()])
            relay.tell()
        for gone in self._sockets.keys() - {each.listen for each in settings.assistants}:
            for listening in self._sockets.pop(gone):
                listening.close()
        self.observer.renew()
        log.info("settings read again")
        self._announce()

    def _open(self, settings: Settings) -> dict[str, list[socket.socket]]:
        """Listen where nobody does yet: one socket for each relay, by address. Raises SettingsError with all closed again."""
        opened: dict[str, list[socket.socket]] = {}
        try:
            for each in settings.assistants:
                if each.listen not in self._sockets and each.listen not in opened:
                    opened[each.listen] = listeners(place(each.listen), f"{each.name}: listen", settings.workers)
        except SettingsError:
            for listening in chain.from_iterable(opened.values()):
                listening.close()
            raise
        return opened

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; a second one cuts the drain short."""
        tasks = Tasks()
        stop = asyncio.Event()
        hurry = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: hurry.set() if stop.is_set() else stop.set())
        if self._tied:
            on_end_of_input(stop.set)
        terminal = _is_terminal()
        if self._reread is not None:  # a terminal that is closed sends the same signal, and is none any more
            loop.add_signal_handler(signal.SIGHUP, lambda: stop.set() if terminal and not _is_terminal() else self.reload())
        observer = tasks.start(self.observer.run(), "observer")
        relays = [tasks.start(relay.run(), relay.name) for relay in self.relays]
        self._announce()
        await stop.wait()
        limit = self._settings.limits.drain
        log.info("stopping: answers that have begun get %.0f s to end", limit)
        for listening in chain.from_iterable(self._sockets.values()):
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
        for assistant in self._settings.assistants:
            where = shown(self._sockets[assistant.listen][0], "https" if assistant.certificate else "http")
            only = "".join(f" {rule}" for rule in (*assistant.hosts, assistant.prefix) if rule)
            upstreams = " ".join((assistant.upstream, *assistant.replicas))
            log.info("assistant %s: %s%s -> %s", assistant.name, where, only, upstreams)
        log.info("figures: %s", shown(self._console))


def _fixed(old: Settings, new: Settings) -> list[str]:
    """What differs and is fixed for the life of the supervisor: what it holds open."""
    pairs = {
        "console.listen": (old.console.listen, new.console.listen),
        "workers": (old.workers, new.workers),
        "state": (old.state, new.state),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


def run(settings: Settings, reread: Callable[[], Settings] | None = None, *, tied: bool = False) -> int:
    """Run the product in the foreground; returns the exit status. Raises `SettingsError` before anything is started.

    `tied`: until standard input ends, too.
    """
    set_up(settings.log)
    return asyncio.run(Supervisor(settings, reread, tied=tied).run())


def _is_terminal() -> bool:
    try:
        return os.isatty(sys.stdin.fileno())
    except (OSError, ValueError):  # there is no standard input
        return False
