"""The traces of turns and ratings, by day: written with the sums that rest on them, read to explain or remake a period."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from redis.asyncio import Redis

from proxy.kpi.calendar import days, today
from proxy.kpi.parts import digest
from proxy.kpi.rules import Rules
from proxy.kpi.trace import Trace
from proxy.settings.model import Assistant
from proxy.store.keys import Keys, expiry

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

LATE: Final = 30
"""Days after a period in which ratings of its sessions are taken."""
Field = bytes | bytearray | memoryview | str | int | float
"""What redis-py takes for a name or value of a hash."""

_encoder = msgspec.msgpack.Encoder()
_trace = msgspec.msgpack.Decoder(Trace)


def add_traces(pipe: Pipeline, keys: Keys, traces: Iterable[tuple[str, Trace]], kept: int) -> None:
    """Queue traces by their days (names), to be kept for so many days; 0 keeps none."""
    by_day: dict[str, dict[Field, Field]] = {}
    for day, trace in traces if kept else ():
        by_day.setdefault(day, {})[digest(trace.id).to_bytes(8)] = _encoder.encode(trace)
    for day, fields in by_day.items():
        pipe.hset(keys.traces(day), mapping=fields)
        pipe.expireat(keys.traces(day), expiry(day, kept))


class Traces:
    """Reads traces; raises one of `connect.AWAY`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, assistant: Assistant, rules: Rules, first: date, last: date, now: float) -> list[Trace]:
        """Give the traces of all conversations that may have a session in these days, and of the ratings that came later."""
        around = timedelta(days=1 + int((rules.idle + rules.settle) // 86400))
        end = min(last + max(around, timedelta(days=LATE)), today(assistant.time_zone, now))
        keys = Keys(assistant.name)
        found: list[Trace] = []
        for on in days(first - around, end):
            for body in await self._client.hvals(keys.traces(on.isoformat())):
                try:
                    found.append(_trace.decode(body if isinstance(body, bytes) else body.encode()))
                except msgspec.MsgspecError:  # of another version
                    continue
        return found

    async def since(self, assistant: Assistant, first: date, last: date) -> date | None:
        """Give the first of these days of which there are traces."""
        keys = Keys(assistant.name)
        for on in days(first, last):
            if await self._client.exists(keys.traces(on.isoformat())):
                return on
        return None


async def without_conversations(client: Redis, key: bytes, gone: Container[bytes]) -> int:
    """Delete the traces of some conversations from a day; gives their number."""
    fields = []
    for field, body in (await client.hgetall(key)).items():
        try:
            if _trace.decode(body if isinstance(body, bytes) else body.encode()).conversation.encode() in gone:
                fields.append(field)
        except msgspec.MsgspecError:  # of another version
            continue
    if fields:
        await client.hdel(key, *fields)
    return len(fields)
