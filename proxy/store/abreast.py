"""Work for several assistants side by side: they share no key, so that nothing of one can meet anything of another.

A server that flushes to disk for each commit does so once for all that are at hand, and its client waits for one answer instead
of a hundred.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Final

LIMIT: Final = 8
"""Assistants at once: enough to keep the server's core busy, and a third of the connections of `connect`."""


class WentBackError(Exception):
    """The store has forgotten what it had: it lost its last writes, failed over to a replica that was behind, or was restored."""


class Abreast:
    """Runs work of which only so much is under way at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(LIMIT)

    async def all(self, work: Iterable[Coroutine[None, None, None]]) -> None:
        """Let each come to its end, whatever becomes of the others; raises what one has raised, `WentBackError` before all."""
        ended = await asyncio.gather(*[self._one(each) for each in work], return_exceptions=True)
        failed = [each for each in ended if each is not None]
        if failed:
            raise next((each for each in failed if isinstance(each, WentBackError)), failed[0])

    async def _one(self, work: Coroutine[None, None, None]) -> None:
        async with self._room:
            await work
