"""What the judge may still spend, over all hosts: a charge is set aside before a call, and what was not used is given back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal

from redis.asyncio import Redis

from proxy.kpi.budget import Budget, Charge, Limit
from proxy.store.keys import DAYS_KEPT, Keys

KEPT: Final = DAYS_KEPT * 86400


class Spending:
    """The budget of one assistant's judge, by days and months of UTC. All methods raise one of `connect.AWAY`."""

    def __init__(self, client: Redis, assistant: str, budget: Budget) -> None:
        self._client = client
        self._keys = Keys(assistant)
        self._budget = budget

    async def reserve(self, charge: Charge, now: float) -> Literal["room"] | Limit:
        """Set a charge aside, if no limit is passed by it; else says which."""
        passed = self._budget.passed(*await self._add(charge, now))
        if passed is None:
            return "room"
        await self._add(Charge() - charge, now)
        return passed

    async def correct(self, charge: Charge, now: float) -> None:
        """Add what a call took beyond what was set aside (at `now`), or give back what it did not (negative)."""
        if charge != Charge():
            await self._add(charge, now)

    async def spent(self, now: float) -> tuple[Charge, Charge]:
        """Give what was spent of the day and of the month so far."""
        day, month = _periods(now)
        keys = self._keys
        found = await self._client.mget([keys.spent(day), keys.paid(day), keys.spent(month), keys.paid(month)])
        counts = [int(each or 0) for each in found]
        return Charge(counts[0], counts[1]), Charge(counts[2], counts[3])

    async def _add(self, charge: Charge, now: float) -> tuple[Charge, Charge]:
        async with self._client.pipeline(transaction=True) as pipe:
            for period in _periods(now):
                pipe.incrby(self._keys.spent(period), charge.tokens)
                pipe.expire(self._keys.spent(period), KEPT)
                pipe.incrby(self._keys.paid(period), charge.money)
                pipe.expire(self._keys.paid(period), KEPT)
            found = [int(each) for each in await pipe.execute()]
        return Charge(found[0], found[2]), Charge(found[4], found[6])


def _periods(now: float) -> tuple[str, str]:
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    return day, day[:7]
