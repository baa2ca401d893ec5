"""Themes of unanswered turns in the store: a hash for each ISO week, which ends by itself.

Fields: `s` and a theme's name hold what is sealed, `p` and the names of theme and person a part of its key, `n` and a theme's
name the number of its turns. What is opened is opened at each reading and stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from redis.asyncio import Redis

from proxy.kpi.calendar import monday, today
from proxy.kpi.topics import Share, Topic, Topics, joined, opened
from proxy.settings.model import Assistant
from proxy.store.keys import Keys, expiry

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

WEEKS: Final = 5
"""Weeks that are looked at, the running one included: four that are over, and what has come since."""
KEPT: Final = 7 * WEEKS
"""Days from a week's Monday."""
FIELDS: Final = 40_000
"""Fields of a week from which on no more are added: 5 MB, some 3,000 unanswered questions of different people and words."""

_THEME: Final = 8
"""Bytes of a theme's name, and of a person's."""


def add_topics(pipe: Pipeline, keys: Keys, shares: Mapping[date, Iterable[Share]]) -> None:
    """Queue what turns add, by the Monday of their week."""
    for week, each in shares.items():
        key = keys.topics(week.isoformat())
        for share in each:
            pipe.hset(key, mapping={b"s" + share.theme: share.sealed, b"p" + share.theme + share.person: share.part})
            pipe.hincrby(key, b"n" + share.theme, 1)
        pipe.expireat(key, expiry(week.isoformat(), KEPT))


class Themes:
    """Reads them. Raises one of `connect.AWAY`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, assistant: Assistant, now: float) -> Topics:
        """Give the themes of the last weeks that enough people raised."""
        present = today(assistant.time_zone, now)
        begin = monday(present) - timedelta(weeks=WEEKS - 1)
        settings, keys = assistant.topics, Keys(assistant.name)
        weeks = [begin + timedelta(weeks=at) for at in range(WEEKS)]
        stored: list[Mapping[bytes, bytes]] = []
        if settings.kept:
            async with self._client.pipeline(transaction=False) as pipe:
                for week in weeks:
                    pipe.hgetall(keys.topics(week.isoformat()))
                stored = await pipe.execute()
        found, hidden = _opened(stored, settings.people)
        return Topics(
            from_=begin.isoformat(),
            to=present.isoformat(),
            kept=settings.kept,
            smallest=settings.people,
            topics=found,
            hidden=hidden,
            full=any(len(each) >= FIELDS for each in stored),
        )


def _opened(stored: Iterable[Mapping[bytes, bytes]], smallest: int) -> tuple[list[Topic], int]:
    locks: dict[bytes, bytes] = {}
    parts: dict[bytes, dict[bytes, bytes]] = {}
    turns: dict[bytes, int] = {}
    for week in stored:
        for field, value in week.items():
            kind, theme, person = field[:1], field[1 : _THEME + 1], field[_THEME + 1 :]
            if kind == b"s":
                locks[theme] = value
            elif kind == b"p":
                parts.setdefault(theme, {})[person] = value
            else:
                turns[theme] = turns.get(theme, 0) + int(value)
    found = []
    for theme, lock in locks.items():
        text = opened(lock, parts.get(theme, {}), smallest)
        if text is not None:
            found.append(Topic(words=text.split(), people=len(parts[theme]), turns=turns.get(theme, 0)))
    return joined(found), len(locks) - len(found)


async def weighed(client: Redis, keys: Keys, weeks: Iterable[date]) -> set[date]:
    """Give the weeks that take no more themes."""
    asked = list(weeks)
    async with client.pipeline(transaction=False) as pipe:
        for week in asked:
            pipe.hlen(keys.topics(week.isoformat()))
        sizes = await pipe.execute()
    return {week for week, size in zip(asked, sizes, strict=True) if int(size) >= FIELDS}
