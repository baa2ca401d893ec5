"""A real cluster of three: each assistant on one node, transactions as on a single server, slots that move."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping

import msgspec
import pytest
from redis.crc import key_slot

from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, CONNECTIONS, connect
from proxy.store.embedded import Embedded
from proxy.store.keys import Keys
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.making import BASE, ledger, numbered, traffic
from tests.store.servers import Cluster

NAMES = ("rh", "law", "ops", "legal")  # on one, two and three


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Client]:
    for node in cluster.nodes:
        node.ask("FLUSHALL")
    client = connect(cluster.url)
    yield client
    await client.aclose()


async def told(client: Client, assistants: Mapping[str, Assistant], observer: str = "one") -> None:
    """The same traffic for every assistant, in commits of a hundred, and all settled."""
    events = [msgspec.structs.replace(event, assistant=name) for name in NAMES for event in traffic(200)]
    applier = Applier(client, assistants, observer)
    for start in range(0, len(events), 100):
        await applier.apply(numbered(events)[start : start + 100])
    await Settler(client, assistants).settle(BASE + 1e6, 1000)


@pytest.fixture
def assistants(assistant: Assistant) -> dict[str, Assistant]:
    return {name: msgspec.structs.replace(assistant, name=name) for name in NAMES}


async def test_a_cluster_keeps_the_ledger_of_a_single_server(
    cluster: Cluster, client: Client, assistants: dict[str, Assistant], embedded: Embedded
):
    single = connect(embedded.url)
    await told(single, assistants)
    await told(client, assistants)
    for name in NAMES:
        found = await ledger(client, name)
        assert found == await ledger(single, name)
        assert found
    await single.aclose()
    sizes = [node.ask("DBSIZE") for node in cluster.nodes]
    assert all(sizes), "assistants spread over the nodes"


async def test_more_tasks_than_connections_wait_for_one_of_their_node(client: Client):
    counts = await asyncio.gather(*[client.incr(Keys("rh").due) for _ in range(2 * CONNECTIONS)])
    assert sorted(counts) == list(range(1, 2 * CONNECTIONS + 1))


async def test_keys_of_an_assistant_have_one_slot():
    keys = Keys("rh")
    names = [keys.due, keys.hour("h"), keys.day("d"), keys.conversation("c"), keys.message("m"), keys.user("u"), keys.mark("o")]
    names += [keys.people("d", "e"), keys.union(1)]
    assert len({key_slot(name.encode()) for name in names}) == 1


async def test_two_hosts_meet_in_a_cluster(cluster: Cluster, client: Client, assistant: Assistant):
    events = numbered(traffic(300))
    await Applier(client, {"rh": assistant}, "alone").apply(events)
    plain = await ledger(client)
    for node in cluster.nodes:
        node.ask("FLUSHALL")
    other = connect(cluster.url)

    async def host(own: Client, number: int) -> None:
        applier = Applier(own, {"rh": assistant}, f"host{number}")
        share = events[number::2]
        for start in range(0, len(share), 10):
            await applier.apply(share[start : start + 10])

    await asyncio.gather(host(client, 0), host(other, 1))
    assert await ledger(client) == plain
    await other.aclose()


async def test_a_slot_that_moves_takes_its_assistant_along(cluster: Cluster, client: Client, assistant: Assistant):
    events = numbered(traffic(300))
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(events)
    whole = await ledger(client)
    for node in cluster.nodes:
        node.ask("FLUSHALL")
    applier = Applier(client, {"rh": assistant}, "one")  # the first would find that the store went back
    await applier.apply(events[:150])
    cluster.move(key_slot(Keys("rh").due.encode()))
    with pytest.raises(AWAY):  # the node that had it says so, and the next attempt asks who has it now
        await applier.apply(events[150:])
    await applier.apply(events[150:])
    assert await ledger(client) == whole
    assert await client.zcard(Keys("rh").due)
