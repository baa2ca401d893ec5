"""Up to when each observer has told the store everything: no session settles ahead of news that another host still holds.

An observer that dies leaves its time as it was, and sessions wait for it, PATIENCE at most; one that ends in order takes its time
away. Hosts' clocks may differ, the one that is behind decides.
"""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

from proxy.store.keys import TOLD

PATIENCE: Final = 3600.0
"""Seconds for which a silent observer is waited for. Windows of settling are a day, and an hour brings most hosts back."""
KEPT: Final = 86400
"""Seconds after which the list itself is dropped when nobody is left."""


class Told:
    """The list as one observer sees it."""

    def __init__(self, client: Redis, observer: str) -> None:
        self._client = client
        self._observer = observer

    async def agree(self, told: float, now: float) -> float:
        """Say up to when (Unix seconds) this observer has told everything; gives up to when all have. Raises `connect.AWAY`."""
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.zadd(TOLD, {self._observer: told})
            pipe.zremrangebyscore(TOLD, "-inf", now - PATIENCE)
            pipe.zrange(TOLD, 0, 0, withscores=True)
            pipe.expire(TOLD, KEPT)
            *_, first, _ = await pipe.execute()
        return min([told, *[float(score) for _, score in first]])

    async def leave(self) -> None:
        """Be waited for no longer: nothing is left to tell. Raises one of `connect.AWAY`."""
        await self._client.zrem(TOLD, self._observer)
