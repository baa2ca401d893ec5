"""Everything of a store as plain values, whatever its kind: to compare two of them."""

from typing import Any

from redis.asyncio import Redis


async def whole(client: Redis) -> dict[bytes, tuple[object, int]]:
    """Each key with its value and the instant at which it ends."""
    found: dict[bytes, tuple[object, int]] = {}
    async for key in client.scan_iter("*"):
        kind = await client.type(key)
        value: Any
        if kind == b"string":
            value = await client.get(key)
        elif kind == b"hash":
            value = await client.hgetall(key)
        elif kind == b"set":
            value = await client.smembers(key)
        else:
            value = await client.zrange(key, 0, -1, withscores=True)
        found[key] = value, await client.pexpiretime(key)
    return found
