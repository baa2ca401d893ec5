"""The lead: one at a time, kept by its holder, taken over when it runs out or is given up. On a real Redis and a real Valkey."""

import asyncio
from datetime import date

import pytest

from proxy.kpi.events import Turn
from proxy.settings.model import Assistant
from proxy.store.activity import Activity, begins
from proxy.store.apply import Applier
from proxy.store.keys import LEAD
from proxy.store.lease import Lease
from proxy.store.transaction import Client
from tests.store.making import BASE, numbered, traffic


async def test_one_leads_and_keeps_the_lead(client: Client):
    one, other = Lease(client, "one"), Lease(client, "other")
    assert await one.hold(60)
    assert not await other.hold(60)
    assert await one.hold(60)
    assert await Lease(client, "one").hold(60)  # the same observer, started again
    await other.release()
    assert await client.get(LEAD) == b"one"


async def test_a_lead_given_up_is_free(client: Client):
    one, other = Lease(client, "one"), Lease(client, "other")
    assert await one.hold(60)
    await one.release()
    assert await other.hold(60)


async def test_a_lead_runs_out(client: Client):
    assert await Lease(client, "one").hold(0.05)
    async with asyncio.timeout(60):
        while not await Lease(client, "other").hold(60):  # noqa: ASYNC110 - another process' clock can only be asked again
            await asyncio.sleep(0.01)


async def test_renewing_prolongs(client: Client):
    lease = Lease(client, "one")
    assert await lease.hold(1)
    assert await lease.hold(60)
    assert await client.pttl(LEAD) > 50_000


async def test_of_many_at_once_one_leads(client: Client):
    held = await asyncio.gather(*(Lease(client, str(number)).hold(60) for number in range(12)))
    assert sum(held) == 1


@pytest.mark.parametrize("day", range(1, 8))
def test_windows_end_today(day: int):
    first = begins(date(2026, 11, day + 22))
    assert first["day"] == date(2026, 11, day + 22)
    assert first["week"] == date(2026, 11, 23)
    assert first["28d"] == date(2026, 10, 26 + day) if day < 6 else date(2026, 11, day - 5)
    assert first["month"] == date(2026, 11, 1)


async def test_people_of_every_window_are_counted(client: Client):
    assistant = Assistant(upstream="http://127.0.0.1:1", name="rh")
    events = numbered(traffic(300))
    await Applier(client, {"rh": assistant}, "one").apply(events)
    people = {event.user for _, event in events if isinstance(event, Turn) and event.user is not None}
    active = await Activity(client).active(assistant, BASE + 10 * 86400)
    assert active["28d"] == len(people)
    assert active["day"] == 0
