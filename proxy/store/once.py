"""What may be done once over all hosts: a name is taken by the first who asks."""

from __future__ import annotations

from redis.asyncio import Redis

from proxy.store.keys import once


class Once:
    """Names that are taken for a while. Raises one of `connect.AWAY`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def take(self, name: str, seconds: int) -> bool:
        """Take a name; False when somebody has it."""
        return bool(await self._client.set(once(name), b"1", nx=True, ex=max(seconds, 1)))

    async def free(self, name: str) -> None:
        """Give a name back."""
        await self._client.delete(once(name))
