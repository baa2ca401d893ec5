"""The sums of hours, kept for the last weeks: one day hour by hour, and when in a week people write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from redis.asyncio import Redis

from proxy.kpi.calendar import days, today
from proxy.kpi.report import Rhythm
from proxy.settings.model import Assistant
from proxy.store.keys import Keys

WEEKS: Final = 4
"""Weeks that a rhythm is taken from: each weekday as often as the others, and no more than hours are kept."""
_NAMES: Final = tuple([f"{hour:02d}" for hour in range(24)])


class Hours:
    """Reads hours. Raises one of `connect.AWAY`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, assistant: Assistant, on: date) -> list[tuple[str, dict[str, int]]]:
        """Give the sums of each hour of a day, named as in proxy.kpi.calendar; empty ones of hours that are not kept."""
        names = _hours([on])
        keys = Keys(assistant.name)
        async with self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(keys.hour(name))
            replies = await pipe.execute()
        return [
            (name, {cell.decode(): int(count) for cell, count in each.items()}) for name, each in zip(names, replies, strict=True)
        ]

    async def rhythm(self, assistant: Assistant, now: float) -> Rhythm:
        """Give the turns by weekday and hour of the four weeks up to yesterday."""
        last = today(assistant.time_zone, now) - timedelta(days=1)
        first = last - timedelta(days=7 * WEEKS - 1)
        week = list(days(first, last))
        keys = Keys(assistant.name)
        async with self._client.pipeline(transaction=False) as pipe:
            for name in _hours(week):
                pipe.hget(keys.hour(name), "turns")
            replies = iter(await pipe.execute())
        turns = [[0] * len(_NAMES) for _ in range(7)]
        for on in week:
            for hour in range(len(_NAMES)):
                turns[on.weekday()][hour] += int(next(replies) or 0)
        return Rhythm(from_=first.isoformat(), to=last.isoformat(), turns=turns)


def _hours(week: Sequence[date]) -> list[str]:
    return [f"{on.isoformat()}T{hour}" for on in week for hour in _NAMES]
