"""The pipeline's way to the outbox: each call in the outbox's own thread, a commit for as long as it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from proxy.kpi.events import Event, Turn

log = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds between tries to write to a full disk, at most."""


class Outbox(Protocol):
    """Keeps events and the records they came from, in one transaction."""

    def commit(
        self,
        events: Sequence[Event],
        done: Mapping[str, Sequence[tuple[int, int]]],
        low: Mapping[str, int],
        sockets: Mapping[tuple[str, int], int | None],
        since: float | None,
    ) -> object:
        """Keep events, mark records as understood, and how many turns are kept of open connections.

        `since` is the Unix second at which the first event was over, None where all are of the past.
        """
        ...

    def sockets(self, relay: str) -> Mapping[int, int]:
        """Give the open connections of a relay, and how many turns are kept of each."""
        ...

    def done(self, relay: str) -> Sequence[tuple[int, int]]:
        """Give the ranges of a relay's records that are understood."""
        ...


class Commits:
    """Writes to an outbox. `low` has the lowest sequence number that each relay still holds.

    `executor` runs a function in the outbox's thread; `unwritable` is what a full or failing disk makes a commit raise.
    """

    def __init__(
        self, outbox: Outbox, executor: Callable[..., asyncio.Future[Any]], unwritable: tuple[type[Exception], ...]
    ) -> None:
        self._outbox = outbox
        self._in_thread = executor
        self._unwritable = unwritable
        self.low: dict[str, int] = {}

    async def sockets(self, relay: str) -> Mapping[int, int]:
        """Give the open connections of a relay, and how many turns are kept of each."""
        found: Mapping[int, int] = await self._in_thread(self._outbox.sockets, relay)
        return found

    async def done(self, relay: str) -> Sequence[tuple[int, int]]:
        """Give the ranges of a relay's records that are understood."""
        found: Sequence[tuple[int, int]] = await self._in_thread(self._outbox.done, relay)
        return found

    async def commit(
        self,
        events: Sequence[Event],
        done: Mapping[str, Sequence[tuple[int, int]]],
        sockets: Mapping[tuple[str, int], int | None],
        since: float | None,
    ) -> None:
        """Commit, however long it takes: a full disk is waited for, the relays keep the rest."""
        delay = 0.1
        while True:
            try:
                await self._in_thread(self._outbox.commit, events, done, dict(self.low), sockets, since)
            except self._unwritable as error:
                log.error("the outbox can't be written, trying again in %.1f s: %s", delay, error)  # noqa: TRY400
                await asyncio.sleep(delay)
                delay = min(delay * 2, PATIENCE)
            else:
                return


def over(event: Event) -> float:
    """The Unix second at which an event was complete."""
    return event.at + (event.duration or 0.0) if isinstance(event, Turn) else event.at
