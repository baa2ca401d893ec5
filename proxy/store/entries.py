"""All that a store holds of ours, as plain values: read from one server, written to another of any kind or version.

Redis' own DUMP and RESTORE are of no use between Valkey and Redis, whose formats differ. What has a time to live keeps the
instant at which it ends.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

OURS: Final = "kpi:*"
TOGETHER: Final = 500
"""Keys of one round trip: some hundred kilobytes, a day's people of a large company included."""
QUIET: Final = 10_000
"""Milliseconds for which writers wait while a batch is read; each batch asks for as long again."""

_TAG: Final = re.compile(rb"\{([^}]+)\}")
_READ: Final = {
    b"string": "get",
    b"hash": "hgetall",
    b"set": "smembers",
    b"zset": "zrange",
}

Value = bytes | dict[bytes, bytes | float] | list[bytes]


class TakenError(Exception):
    """A store that is to be filled has something already; the text is a key of it."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One key: `until` is Unix milliseconds, -1 for ever. A hash has texts, a sorted set scores."""

    key: bytes
    kind: str
    value: Value
    until: int


async def read(client: Redis, *, hold: bool) -> AsyncIterator[list[Entry]]:
    """Give everything in batches. With `hold` others' writes wait meanwhile, so that it is of one instant.

    That needs all rights on the server, which we have on the embedded one.
    """
    if hold:
        await client.client_pause(QUIET, all=False)
    try:
        names: list[bytes] = []
        async for name in client.scan_iter(OURS, count=TOGETHER):
            names.append(name)
            if len(names) % TOGETHER == 0 and hold:
                await client.client_pause(QUIET, all=False)
        names = sorted(set(names))
        for start in range(0, len(names), TOGETHER):
            if hold:
                await client.client_pause(QUIET, all=False)
            yield await _batch(client, names[start : start + TOGETHER])
    finally:
        if hold:
            await client.client_unpause()


async def _batch(client: Redis, names: Sequence[bytes]) -> list[Entry]:
    async with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
            pipe.execute_command("PEXPIRETIME", name)
        told = await pipe.execute()
        kinds, until = told[::2], told[1::2]
        present = [each for each in zip(names, kinds, until, strict=True) if each[1] != b"none"]  # it may have ended by now
        for name, kind, _ in present:
            if kind == b"zset":
                pipe.zrange(name, 0, -1, withscores=True)
            else:
                getattr(pipe, _READ[kind])(name)
        values = await pipe.execute()
    return [
        Entry(name, kind.decode(), _plain(value), end) for (name, kind, end), value in zip(present, values, strict=True) if value
    ]


def _plain(value: Any) -> Value:
    match value:
        case set():
            return sorted(value)
        case list():  # of a sorted set
            return {bytes(member): float(score) for member, score in value}
        case dict():
            return {bytes(name): bytes(text) for name, text in value.items()}
        case _:
            return bytes(value)


async def write(client: Redis, entries: Sequence[Entry]) -> None:
    """Write entries, replacing what is there. Each assistant's go to its node of a cluster."""
    groups: dict[bytes, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_tag(entry.key), []).append(entry)
    for group in groups.values():
        async with client.pipeline(transaction=False) as pipe:
            for entry in group:
                _queue(pipe, entry)
            await pipe.execute()


def _queue(pipe: Any, entry: Entry) -> None:
    pipe.delete(entry.key)
    match entry.value:
        case bytes():
            pipe.set(entry.key, entry.value)
        case dict() if entry.kind == "zset":
            pipe.zadd(entry.key, entry.value)
        case dict():
            pipe.hset(entry.key, mapping=entry.value)
        case _:
            pipe.sadd(entry.key, *entry.value)
    if entry.until >= 0:
        pipe.pexpireat(entry.key, entry.until)


async def see_clear(client: Redis, tags: Iterable[bytes]) -> None:
    """See that nothing of these assistants is there; raises `TakenError` that names the first key."""
    for tag in sorted(tags):
        async for name in client.scan_iter(b"kpi:{" + tag + b"}:*", count=TOGETHER):
            raise TakenError(name.decode())


def assistants(entries: Sequence[Entry]) -> set[bytes]:
    """Give the hash tags of entries: names of assistants, and what belongs to none."""
    return {_tag(entry.key) for entry in entries}


def _tag(key: bytes) -> bytes:
    found = _TAG.search(key)
    return found[1] if found else b""
