"""How many people were active lately, in the windows that gauges show. Each is of the assistant's own days, today included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from redis.asyncio import Redis

from proxy.kpi.calendar import days, monday, today
from proxy.settings.model import Assistant
from proxy.store.agreed import Agreed
from proxy.store.connect import as_bytes
from proxy.store.crowd import MONTH
from proxy.store.keys import Keys
from proxy.store.people import Counting

Span = Literal["day", "week", "28d", "month"]
"""Today, this ISO week, the last 28 days, this calendar month."""


def begins(on: date) -> Mapping[Span, date]:
    """Give the first day of each window that ends with `on`."""
    return {"day": on, "week": monday(on), "28d": on - timedelta(days=MONTH - 1), "month": on.replace(day=1)}


class Activity:
    """Counts of distinct people."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def active(self, assistant: Assistant, now: float) -> dict[Span, int]:
        """Count the people of each window; raises one of `connect.AWAY`."""
        on = today(assistant.time_zone, now)
        spans = begins(on)
        keys = Keys(assistant.name)
        counting = Counting(self._client, keys, Agreed.read(as_bytes(await self._client.get(keys.agreed))))
        for first in spans.values():
            counting.ask(list(days(first, on)))
        return dict(zip(spans, await counting.counts(), strict=True))
