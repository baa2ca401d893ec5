"""More tasks than connections: who finds none free waits for one, for so long; who holds one gets the second that it needs."""

import asyncio

import msgspec
import pytest
from redis.exceptions import WatchError

from proxy.kpi.events import Turn
from proxy.settings.model import Assistant
from proxy.store import connect as connecting
from proxy.store.abreast import LIMIT
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, CONNECTIONS, connect
from proxy.store.embedded import Embedded
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.making import BASE, day_sums, ledger, numbered

NAMES = [f"a{number}" for number in range(17)]
LATER = BASE + 10 * 86400


def crowded(monkeypatch: pytest.MonkeyPatch, embedded: Embedded, connections: int, **more: float) -> Client:
    """A client of few connections."""
    for name, value in {"max_connections": connections, **more}.items():
        monkeypatch.setitem(connecting._OPTIONS, name, value)
    return connect(embedded.url)


async def test_who_finds_no_free_connection_waits_for_one(monkeypatch: pytest.MonkeyPatch, embedded: Embedded):
    client = crowded(monkeypatch, embedded, 2)
    assert sorted(await asyncio.gather(*[client.incr("n") for _ in range(50)])) == list(range(1, 51))

    async def written() -> None:
        while True:
            async with client.pipeline(transaction=True) as pipe:
                count = int((await pipe.watched(["n"]))[0] or 0)
                pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
                pipe.set("n", count + 1)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return

    await asyncio.gather(*[written() for _ in range(20)])
    assert await client.get("n") == b"70"
    assert (await client.info("clients"))["connected_clients"] == 2
    await client.aclose()


async def test_a_wait_for_a_connection_ends_as_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch, embedded: Embedded):
    client = crowded(monkeypatch, embedded, 1, timeout=0.01)
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watched(["n"])
        with pytest.raises(AWAY):
            await client.ping()
    assert await client.ping()
    await client.aclose()


async def test_a_keeper_with_more_assistants_than_connections_loses_no_commit(
    monkeypatch: pytest.MonkeyPatch, embedded: Embedded, assistant: Assistant
):
    """Each of those who settle side by side holds a connection when it asks, on a second one, who came back; pages read along."""
    client = crowded(monkeypatch, embedded, min(LIMIT + 1, CONNECTIONS))
    assistants = {name: msgspec.structs.replace(assistant, name=name) for name in NAMES}
    events = [
        Turn(id=f"{name}.{at}", assistant=name, at=BASE + at, result="ok", conversation=f"c{at}", user=f"u{at}", duration=1.0)
        for name in NAMES
        for at in range(10)
    ]
    await asyncio.gather(
        Applier(client, assistants, "one").apply(numbered(events)),
        *[client.hgetall("nothing") for _ in range(200)],
    )
    settled, *_ = await asyncio.gather(
        Settler(client, assistants).settle(LATER, 1000), *[client.hgetall("nothing") for _ in range(200)]
    )
    assert len(settled) >= len(events)
    for name in NAMES:
        assert day_sums(await ledger(client, name))["settled:resolved_assumed"] == 10
    await client.aclose()
