"""From the first version's ledger to this one's, once, and never from a newer one."""

from datetime import date

import msgspec
import pytest

from proxy.kpi.events import Turn
from proxy.settings.model import Assistant
from proxy.settings.people import People
from proxy.store.agreed import SCHEMA, Agreed, ForeignLedgerError
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, as_bytes
from proxy.store.figures import Ledger
from proxy.store.keys import Keys
from proxy.store.schema import begin
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.making import BASE, numbered

KEYS = Keys("rh")
DAY = "2026-10-20"

OLD_STATE = [
    1800.0,
    [[BASE + 60, 7, "ok", BASE + 61, False, 1.0, 0.5, [["handover_started", "protocol"]], [], "web", "", False, False]],
    [],
    [],
    [],
]
"""A conversation as the first version stored it: one open session, handed over."""


async def first_version(client: Client) -> None:
    """What the first version left of a day: 6 listed people of 8, one open session."""
    await client.sadd(f"kpi:{{rh}}:p:{DAY}", *[f"u{number}" for number in range(8)])
    await client.sadd(f"kpi:{{rh}}:e:{DAY}", *[f"u{number}" for number in range(6)])
    await client.hset(f"kpi:{{rh}}:d:{DAY}", mapping={"turns": 1, "turn:ok": 1, "open:handed_over": 1})
    await client.set("kpi:{rh}:c:c1", msgspec.msgpack.encode(OLD_STATE))
    await client.zadd("kpi:{rh}:due", {"c1": BASE + 61 + 1800 + 3600})
    await client.set("kpi:{rh}:mark:one", 41)


async def test_a_ledger_of_the_first_version_goes_on(client: Client, assistant: Assistant):
    await first_version(client)
    listed = msgspec.structs.replace(assistant, people=People(directory="people.csv"))
    ledger = Ledger(client)
    before = (await ledger.figures(listed, 20, date(2026, 10, 20), date(2026, 10, 20), BASE)).kpis
    assert (before["mau"].value, before["adoption"].value) == (8, 0.3)
    applier = Applier(client, {"rh": listed}, "one")
    repeated = Turn(id="t41", assistant="rh", at=BASE, result="ok", conversation="c0", user="u0", eligible=True)
    new = Turn(id="t42", assistant="rh", at=BASE + 90, result="ok", conversation="c2", user="u6", eligible=True)
    await applier.apply([(41, repeated), (42, new)])
    assert await client.scard(KEYS.people(DAY, "p")) == 2
    assert await client.ttl(KEYS.people(DAY, "p")) > 0
    assert await client.scard(KEYS.people(DAY, "e")) == 7
    await Settler(client, {"rh": listed}).settle(BASE + 9 * 86400, 10)
    found = await ledger.figures(listed, 20, date(2026, 10, 20), date(2026, 10, 20), BASE)
    assert (found.kpis["mau"].value, found.kpis["adoption"].value, found.kpis["turns"].value) == (8, 0.35, 2)
    assert (found.outcomes["handed_over"], found.outcomes["resolved_assumed"], found.open_sessions) == (1, 1, 0)


async def test_an_old_observer_beside_a_new_one_does_no_harm(client: Client, assistant: Assistant):
    await first_version(client)
    await begin(client, KEYS, date(2026, 10, 20))
    await client.sadd(f"kpi:{{rh}}:p:{DAY}", "u1", "u9")
    await client.sadd(f"kpi:{{rh}}:e:{DAY}", "u1", "u9")
    found = await Ledger(client).figures(assistant, 20, date(2026, 10, 20), date(2026, 10, 20), BASE)
    assert found.kpis["mau"].value == 9


async def test_a_migration_is_done_once(client: Client):
    await begin(client, KEYS, date(2026, 10, 20))
    await first_version(client)
    await begin(client, KEYS, date(2026, 10, 20))
    assert await client.scard(KEYS.people(DAY, "p")) == 8


@pytest.mark.parametrize("stored", [msgspec.msgpack.encode({"schema": SCHEMA + 1, "more": 1}), b"\xc1"])
async def test_a_ledger_of_a_newer_version_is_left_alone(client: Client, assistant: Assistant, stored: bytes):
    await client.set(KEYS.agreed, stored)
    with pytest.raises(ForeignLedgerError):
        await Applier(client, {"rh": assistant}, "one").apply(numbered([Turn(id="t", assistant="rh", at=BASE, result="ok")]))
    with pytest.raises(AWAY):
        await Ledger(client).figures(assistant, 20, date(2026, 10, 20), date(2026, 10, 20), BASE)
    assert await client.keys("*") == [KEYS.agreed.encode()]
    assert as_bytes(await client.get(KEYS.agreed)) == stored


def test_what_observers_agree_on_survives_the_store():
    agreed = Agreed.read(None)
    assert agreed.changed
    agreed.widen("e", (("department", "R&D"),), date(2026, 10, 20))
    again = Agreed.read(agreed.encoded())
    assert not again.changed
    wide = [again.wide("e", (("department", "R&D"),), day) for day in ("2026-10-19", "2026-10-20", "2026-11-01")]
    assert wide == [False, True, True]
    assert not again.wide("p", (("department", "R&D"),), "2026-10-20")
