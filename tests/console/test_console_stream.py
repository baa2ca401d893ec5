"""The live stream tells changes, stays awake and ends."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from proxy.access import tokens
from proxy.console import stream, views
from proxy.kpi.books import Books
from proxy.kpi.changes import TurnCounted
from proxy.kpi.events import Turn
from proxy.kpi.report import Measure
from tests.console.conftest import NOW


async def block(response: Any) -> dict[str, str]:
    """The next block of the stream, by field; a comment under ""."""
    lines: list[str] = []
    async with asyncio.timeout(60):
        while (line := (await response.content.readline()).decode().rstrip("\n")) or not lines:
            if line:
                lines.append(line)
    return {field: value.strip() for field, _, value in (line.partition(":") for line in lines)}


async def news(response: Any) -> dict[str, Any]:
    """The next event's content, comments passed over."""
    while "data" not in (found := await block(response)):
        pass
    return {"id": found["id"], **json.loads(found["data"])}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream.Stream.__init__, "__defaults__", (0.01, 0.03))


async def test_the_first_event_holds_what_the_page_shows(start: Any) -> None:
    response = await (await start()).get("/events?assistant=rh&days=28&lang=fr")
    assert response.headers["Content-Type"] == "text/event-stream"
    assert await block(response) == {"retry": "3000"}
    first = await news(response)
    assert re.fullmatch(r"[0-9a-f]{18}", first["id"])
    assert first["text"]["automation_rate.value"] == "62,0\u202f%"
    assert first["text"]["live.p95"] == "–"
    assert first["status"] == {
        "live": "fine",
        "automation_rate": "met",
        "response_time": "met",
        "csat": "not_enough_data",
        "adoption": "not_met",
        "handover_rate": "below",
    }
    assert first["face"] == "figures"
    response.close()


async def test_each_view_is_told_its_own_tiles_of_its_own_group(start: Any, world: Any) -> None:
    client = await start()
    response = await client.get("/events?assistant=rh&view=realtime&channel=web&lang=en")
    first = await news(response)
    assert {key.partition(".")[0] for key in first["text"]} == {"live", *views.view("realtime", "owner").tiles}
    assert world.ledger.scopes == [(("channel", "web"),)]
    other = await client.get("/events?assistant=rh&view=quality&lang=en")
    assert "turns.value" not in (await news(other))["text"], "pages of other views are told other things"
    response.close()
    other.close()


async def test_a_turn_and_a_figure_come_through_and_silence_is_broken(start: Any, world: Any) -> None:
    response = await (await start()).get("/events?lang=en")
    await news(response)
    assert "" in await block(response)  # a comment: nothing changed
    turn = Turn(id="t", assistant="rh", at=world.live._clock(), result="ok", conversation="c", duration=2.0)
    world.live.apply([TurnCounted(turn)])
    second = await news(response)
    assert second["text"]["live.rate"] == "1"
    assert second["text"]["live.open"] == "1"
    world.ledger.kpis = {**world.ledger.kpis, "csat": Measure(value=0.9, numerator=9, denominator=10, status="met")}
    third = await news(response)
    assert third["text"]["csat.value"] == "90.0%"
    assert third["status"]["csat"] == "met"
    response.close()


async def test_a_store_that_goes_is_told_and_the_live_part_goes_on(start: Any, world: Any) -> None:
    world.ledger.state = "down"
    world.health = type(world.health)(
        relays=2, relays_wanted=2, store_up=False, books=Books(seen=107, counted=100, pending=7), lag=0.1, dropped=3, level=2
    )
    response = await (await start()).get("/events?lang=en")
    first = await news(response)
    assert first["status"] == {"live": "waiting"}
    books = "107 events seen = 100 counted + 7 waiting + 0 dropped"
    strain = "3 copies given up · overloaded: only times and sizes are kept"
    assert first["text"]["live.state"] == f"The store is away: figures wait, 7 events kept here · {strain} · {books}"
    assert first["face"] == "down"
    response.close()


async def test_pages_that_show_the_same_share_a_reading(start: Any, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream.Stream.__init__, "__defaults__", (60.0, 60.0))
    client = await start()
    open_pages = [await client.get("/events") for _ in range(5)]
    for response in open_pages:
        await news(response)
    assert len(world.ledger.asked) == 1
    for response in open_pages:
        response.close()


@pytest.mark.parametrize("how", ["header", "query", "older"])
async def test_who_comes_back_is_told_nothing_twice(start: Any, world: Any, how: str) -> None:
    client = await start()
    response = await client.get("/events?lang=en")
    first = await news(response)
    response.close()
    last = first["id"] if how != "older" else "0" * 18
    headers = {} if how == "query" else {"Last-Event-ID": last}
    again = await client.get(f"/events?lang=en{f'&last={last}' if how == 'query' else ''}", headers=headers)
    assert await block(again) == {"retry": "3000"}
    if how == "older":
        assert (await news(again))["id"] == first["id"]
    else:
        assert "" in await block(again)  # a comment, where the event would have been
        world.ledger.kpis = {**world.ledger.kpis, "csat": Measure(value=0.9, numerator=9, denominator=10)}
        assert (await news(again))["text"]["csat.value"] == "90.0%"
    again.close()


async def test_a_look_that_fails_ends_the_pages_that_wait_for_it(start: Any, world: Any, caplog: Any) -> None:
    response = await (await start()).get("/events")
    await news(response)
    world.live.snapshot = None
    async with asyncio.timeout(60):
        await response.content.read()
    assert "live pages ended with an error" in caplog.text


async def test_a_page_whose_reader_is_known_no_longer_ends(start: Any, world: Any, tmp_path: Any) -> None:
    file = tmp_path / tokens.FILE
    token, kept = tokens.made("short", "viewer", NOW.date())
    tokens.add(file, kept)
    world.console(listen="0.0.0.0:8081", tokens=str(file))
    response = await (await start()).get("/events", headers={"Authorization": f"Bearer {token}"})
    await news(response)
    tokens.revoke(file, "short")
    async with asyncio.timeout(60):
        assert await response.content.read() is not None  # to its end


async def test_what_is_shown_is_put_together_once_for_all(start: Any, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream.Stream.__init__, "__defaults__", (60.0, 60.0))
    looked: list[str] = []
    snapshot = world.live.snapshot

    def look(name: str) -> Any:
        looked.append(name)
        return snapshot(name)

    monkeypatch.setattr(world.live, "snapshot", look)
    client = await start()
    pages = [await client.get(f"/events?lang={lang}") for lang in ("en", "fr") for _ in range(20)]
    for response in pages:
        await news(response)
    assert looked == ["rh", "rh"]  # once in each language
    for response in pages:
        response.close()


async def test_too_many_pages_are_refused(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAMS", 1)
    client = await start()
    response = await client.get("/events")
    await news(response)
    assert (await client.get("/events")).status == 503
    response.close()


async def test_streams_end_with_the_console(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream.Stream.__init__, "__defaults__", (60.0, 60.0))
    client = await start()
    response = await client.get("/events")
    await news(response)
    async with asyncio.timeout(60):
        await client.app.shutdown()
        assert await response.content.read() == b""
