"""Ways to a store: TLS with an authority of one's own, a user with few rights, Sentinel, and URLs that lead nowhere."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from redis.exceptions import NoPermissionError, RedisError

from proxy.settings.model import Assistant, Store
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, CONNECTIONS, connect
from proxy.store.settle import Settler
from tests.relay.certificates import certificate
from tests.store.conftest import answers
from tests.store.making import BASE, day_sums, ledger, numbered, traffic
from tests.store.servers import Single, Watched, until

RIGHTS = "~kpi:* resetchannels -@all +@connection +@read +@write +@transaction -@dangerous +cluster|slots"
"""As docs/operating.md gives them; tests/store/test_store_connect.py holds that they are enough, and not more."""


async def applies(url: str, assistant: Assistant, store: Store | None = None) -> dict[str, int]:
    """What a store holds after some traffic that was applied, settled and read, by more tasks than there are connections."""
    client = connect(url, store)
    await asyncio.gather(*[client.get("kpi:nothing") for _ in range(2 * CONNECTIONS)])
    await Applier(client, {"rh": assistant}, "one").apply(numbered(traffic(100)))
    await Settler(client, {"rh": assistant}).settle(BASE + 1e6, 1000)
    sums = day_sums(await ledger(client))
    await client.aclose()
    return sums


async def test_tls_with_an_own_authority_and_a_client_certificate(tmp_path: Path, assistant: Assistant):
    server, client = certificate(tmp_path, "localhost"), certificate(tmp_path, "client")
    port = ("--port", "0", "--tls-auth-clients", "yes", "--tls-ca-cert-file", client.file)
    single = Single(tmp_path / "redis", *port, "--tls-cert-file", server.file, "--tls-key-file", server.key, "--tls-port", "0")
    single.arguments = (*single.arguments[:-1], str(single.port))
    with single:
        url = f"rediss://localhost:{single.port}/0"
        whole = Store(url=url, ca_file=server.file, client_certificate=client.file, client_key=client.key)
        assert (await applies(url, assistant, whole))["turns"]
        for store in (Store(url=url, ca_file=server.file), Store(url=url)):
            with pytest.raises(AWAY):
                await applies(url, assistant, store)


async def test_the_documented_rights_are_enough_and_not_more(tmp_path: Path, assistant: Assistant):
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
    assert f"ACL SETUSER kpi-proxy on '>PASSWORD' {RIGHTS}" in page
    with Single(tmp_path) as single:
        single.ask("ACL", "SETUSER", "kpi-proxy", "on", ">a secret", *RIGHTS.split())
        url = f"redis://kpi-proxy:a%20secret@127.0.0.1:{single.port}/0"
        assert (await applies(url, assistant))["turns"]
        client = connect(url)
        for refused in (client.flushall, client.config_get, partial(client.set, "other", 1), client.keys):
            with pytest.raises(NoPermissionError):
                await refused()
        await client.aclose()


async def test_sentinels_lead_to_the_new_master(tmp_path: Path, assistant: Assistant):
    events = numbered(traffic(200))
    with Watched(tmp_path) as watched:
        client = connect(watched.url)
        applier = Applier(client, {"rh": assistant}, "one")
        await applier.apply(events[:100])
        assert await client.wait(1, 5000) == 1
        watched.master.kill()
        with pytest.raises(AWAY):
            await applier.apply(events[100:])
        until(watched.promoted, "the replica is the master")
        await answers(client)
        await applier.apply(events[100:])
        found = await ledger(client)
        await client.flushall()
        await Applier(client, {"rh": assistant}, "two").apply(events)
        assert found == await ledger(client)
        await client.aclose()


async def test_sentinels_with_a_password_of_their_own(tmp_path: Path, assistant: Assistant):
    with Watched(tmp_path, sentinels=1, password="for sentinels") as watched:
        assert (await applies(watched.url, assistant))["turns"]
        client = connect(watched.url.partition("?")[0])
        with pytest.raises(RedisError):
            await client.ping()
        await client.aclose()
