"""What the workshop looks at: outlines of what passed lately, counts of routes, and attempts in processes of their own."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from proxy.console.trials import Attempt, Tried
from proxy.console.unanswered import Busy
from proxy.kpi.events import Event, Skipped
from proxy.meaning.outlines import Counted, Outline, Paths, outlined, route
from proxy.settings.model import Settings
from proxy.wire.exchange import Exchange

KEPT: Final = 50
"""Outlines of one assistant, some 10 KiB each at most."""
PACE: Final = 1.0
"""Seconds between two that are looked at: each costs as much as understanding it did."""
PATIENCE: Final = 20.0
"""Seconds for an attempt: one second of work, on a machine that has other things to do first."""
PROGRAM: Final = "proxy.workbench.trial"


class Workshop:
    """Of one observer. `clock` is monotonic."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        names = [each.name for each in settings.assistants]
        self._recent: dict[str, deque[Outline]] = {name: deque(maxlen=KEPT) for name in names}
        self._paths = {name: Paths() for name in names}
        self._looked = dict.fromkeys(names, float("-inf"))
        self._trying = asyncio.Lock()

    def see(self, exchange: Exchange, events: Sequence[Event]) -> None:
        """Count an exchange that was understood, or was not; look at one of them each second."""
        name = exchange.assistant
        unknown = any(isinstance(event, Skipped) and event.reason == "unknown" for event in events)
        self._paths[name].count(route(exchange.method, exchange.path), unknown=unknown)
        if (now := self._clock()) - self._looked[name] >= PACE:
            self._looked[name] = now
            self._recent[name].append(outlined(exchange, events))

    def recent(self, assistant: str) -> list[tuple[str, Outline]]:
        """The last ones, the newest first, each with its route as it may be shown."""
        found = list(reversed(self._recent[assistant]))
        return list(zip(self._paths[assistant].written([each.route for each in found]), found, strict=True))

    def unmatched(self, assistant: str) -> list[Counted]:
        """Routes that nothing understood."""
        return self._paths[assistant].unknown()

    async def attempt(self, attempt: Attempt) -> Tried:
        """Try something; raises `Busy` while another attempt runs."""
        if self._trying.locked():
            raise Busy
        async with self._trying:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", PROGRAM,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            order = msgspec.json.encode({"settings": self._settings, "attempt": attempt})
            try:
                async with asyncio.timeout(PATIENCE):
                    out, _ = await process.communicate(order)
            except TimeoutError:
                return Tried(problem="no end within the time of one attempt")
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode:
            return Tried(problem="this takes more time or memory than one attempt has")
        return msgspec.json.decode(out, type=Tried)
