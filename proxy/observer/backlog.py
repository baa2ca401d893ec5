"""What waits to be worked on by tasks of one observer: bounded, the oldest is given up, and nobody who brings something waits."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """At most `limit` things that wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[T] = deque()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, thing: T) -> T | None:
        """Let something wait; gives the oldest, where that had to go for it."""
        oldest = self._waiting.popleft() if len(self._waiting) >= self._limit else None
        self._waiting.append(thing)
        self._news.set()
        return oldest

    async def take(self) -> T:
        """Wait for the oldest, and take it out."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    def back(self, thing: T) -> bool:
        """Put what was taken back in front; says whether there was still room."""
        if len(self._waiting) >= self._limit:
            return False
        self._waiting.appendleft(thing)
        self._news.set()
        return True
