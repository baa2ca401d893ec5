"""What the judge may still spend, over all hosts: tokens are set aside before a call, and what was not used is given back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal

from redis.asyncio import Redis

from proxy.settings.model import Assistant
from proxy.store.keys import DAYS_KEPT, Keys

KEPT: Final = DAYS_KEPT * 86400

Room = Literal["room", "day", "month"]
"""Whether there is room, or which budget is used up."""


class Spending:
    """The budget of one assistant's judge, by days and months of UTC. All methods raise one of `connect.AWAY`."""

    def __init__(self, client: Redis, assistant: Assistant) -> None:
        self._client = client
        self._keys = Keys(assistant.name)
        self._judge = assistant.judge

    async def reserve(self, tokens: int, now: float) -> Room:
        """Set tokens aside, if neither budget is passed by them."""
        day, month = await self._add(tokens, now)
        if day <= self._judge.day_tokens and month <= self._judge.month_tokens:
            return "room"
        await self._add(-tokens, now)
        return "month" if month > self._judge.month_tokens else "day"

    async def correct(self, tokens: int, now: float) -> None:
        """Add what a call took beyond what was set aside (at `now`), or give back what it did not (negative)."""
        if tokens:
            await self._add(tokens, now)

    async def spent(self, now: float) -> tuple[int, int]:
        """Give the tokens of the day and of the month so far."""
        found = await self._client.mget([self._keys.spent(period) for period in _periods(now)])
        return int(found[0] or 0), int(found[1] or 0)

    async def _add(self, tokens: int, now: float) -> tuple[int, int]:
        async with self._client.pipeline(transaction=True) as pipe:
            for period in _periods(now):
                pipe.incrby(self._keys.spent(period), tokens)
                pipe.expire(self._keys.spent(period), KEPT)
            day, _, month, _ = await pipe.execute()
        return int(day), int(month)


def _periods(now: float) -> tuple[str, str]:
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    return day, day[:7]
