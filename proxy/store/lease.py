"""One observer among all that share a store leads: it alone shows the fleet's gauges, so that they come once.

The lead is a key with a time to live that its holder renews. Whoever holds it may believe so for as long as it asked for, counted
from before it asked; after that another may hold it. Nothing is counted twice when two believe it for a moment: gauges of
several hosts are equal, not parts.
"""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import WatchError

from proxy.store.connect import as_bytes
from proxy.store.keys import LEAD


class Lease:
    """The lead as one observer sees it. `holder` names it for ever, so that one that starts again takes its own lead back."""

    def __init__(self, client: Redis, holder: str) -> None:
        self._client = client
        self._holder = holder.encode()

    async def hold(self, seconds: float) -> bool:
        """Take the lead if nobody has it, or keep it; says whether it is ours. Raises one of `connect.AWAY`."""
        life = round(seconds * 1000)
        if await self._client.set(LEAD, self._holder, nx=True, px=life):
            return True
        async with self._client.pipeline(transaction=True) as pipe:
            await pipe.watch(LEAD)
            if as_bytes(await pipe.get(LEAD)) != self._holder:
                return False
            pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
            pipe.set(LEAD, self._holder, px=life)
            try:
                await pipe.execute()
            except WatchError:  # it ran out between the two, and another was faster
                return False
        return True

    async def release(self) -> None:
        """Give the lead up, if it is ours, so that another need not wait. Raises one of `connect.AWAY`."""
        async with self._client.pipeline(transaction=True) as pipe:
            await pipe.watch(LEAD)
            if as_bytes(await pipe.get(LEAD)) != self._holder:
                return
            pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
            pipe.delete(LEAD)
            try:
                await pipe.execute()
            except WatchError:
                return
