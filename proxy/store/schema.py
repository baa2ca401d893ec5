"""Brings a ledger of an older version to the shape of this one, once, before the first commit of an observer.

Hosts may be brought up to date one after the other: what one of the old version adds to a migrated ledger is still read
right, since people are always counted over both kinds together.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta

from redis.asyncio import Redis
from redis.exceptions import WatchError

from proxy.store.agreed import Agreed
from proxy.store.connect import as_bytes
from proxy.store.keys import DAYS_KEPT, Keys, expiry

log = logging.getLogger(__name__)


async def begin(client: Redis, keys: Keys, newest: date) -> None:
    """See that the ledger has this version's shape; `newest` is its last day. Raises one of `connect.AWAY`."""
    if (stored := as_bytes(await client.get(keys.agreed))) is not None:
        Agreed.read(stored)
        return
    try:
        await _from_first(client, keys, newest)
    except WatchError:
        log.debug("another observer brought the ledger up to date")


async def _from_first(client: Redis, keys: Keys, newest: date) -> None:
    """From version 1: people whom the directory lists leave the set of all, where they stood a second time."""
    days = [(newest - timedelta(days=number)).isoformat() for number in range(-1, DAYS_KEPT)]
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watch(keys.agreed)
        counted = await client.exists(*[keys.people(day, "e") for day in days])
        pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
        if counted:
            for day in days:
                everybody = keys.people(day, "p")
                pipe.sdiffstore(everybody, [everybody, keys.people(day, "e")])
                pipe.expireat(everybody, expiry(day, DAYS_KEPT))
        pipe.set(keys.agreed, Agreed.read(None).encoded())
        await pipe.execute()
    if counted:
        log.info("the ledger was brought from version 1 to 2: %d days with listed people", counted)
