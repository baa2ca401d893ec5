"""Making the text of a scrape holds up nobody, and servers that come together share it."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from proxy.export.condition import Condition
from proxy.export.telemetry import Telemetry
from proxy.kpi.books import Books
from proxy.settings.model import Assistant, Settings
from tests.export.telling import SETTINGS, scraped, turn, value


async def test_servers_that_scrape_at_once_share_texts_that_were_begun_after_they_came(
    environment: pytest.MonkeyPatch,
) -> None:
    made = 0

    def counting(registry: CollectorRegistry) -> bytes:
        nonlocal made
        made += 1
        return generate_latest(registry)

    environment.setattr("proxy.export.telemetry.generate_latest", counting)
    telemetry = Telemetry(SETTINGS)
    texts = await asyncio.gather(*[telemetry.scrape() for _ in range(9)])
    assert made == 2
    assert len(set(texts)) <= 2
    telemetry.condition(Condition(lag=0.5, books=Books(seen=1, counted=1, pending=0), store_up=True))
    assert value(await scraped(telemetry), "proxy_observer_lag_seconds") == 0.5
    await telemetry.shutdown()


async def test_a_scrape_of_thousands_of_series_leaves_the_loop_free(environment: pytest.MonkeyPatch) -> None:
    names = [f"a{number}" for number in range(120)]
    assistants = tuple(Assistant(upstream="http://127.0.0.1:1", name=name) for name in names)
    telemetry = Telemetry(Settings(assistants=assistants))
    for name in names:
        telemetry.record([turn(assistant=name, duration=2.5, first_text=0.4, tokens_in=12, model="gpt-9")])
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.get_running_loop().create_task(tick())
    await asyncio.sleep(0)
    before = ticks
    body, _ = await telemetry.scrape()
    free = ticks - before
    ticking.cancel()
    await telemetry.shutdown()
    assert sum(1 for line in body.splitlines() if line[:1] != b"#") >= 5000
    assert free > 20  # on the loop itself it would be none
