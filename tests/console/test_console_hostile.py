"""Names that are attacks reach pages, calls, files and streams as text, and as nothing else."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from proxy.console.app import make_app
from tests.console.conftest import World
from tests.console.hostile import ATTACK, hostile_world
from tests.console.test_console_app import Elements
from tests.console.test_console_stream import block

PAGED = {
    "/",
    "/realtime",
    "/quality",
    "/strategic",
    "/overview",
    "/groups",
    "/compare",
    "/evidence",
    "/value",
    "/report",
    "/workshop",
}
QUERIES: tuple[dict[str, str], ...] = (
    {"assistant": "rh"},
    {"assistant": "rh", "by": "channel", "channel": ATTACK, "lang": "fr"},
    {"assistant": "rh", "by": "department", "department": ATTACK},
    {"assistant": "rh", "kpi": ATTACK, "days": ATTACK, "audience": ATTACK, "view": ATTACK, "panel": ATTACK, "one": ATTACK},
    {"assistant": ATTACK},
    {"from": ATTACK, "to": ATTACK},
    {"month": ATTACK, "format": ATTACK},
    {ATTACK: ATTACK},
)


@pytest.fixture
def world() -> World:
    return hostile_world()


def paths(world: World) -> list[str]:
    """All that can be got, but for the stream."""
    routes = make_app(world.sources()).router.routes()
    found = {each.resource.canonical for each in routes if each.resource is not None and each.method == "GET"}
    return sorted(path for path in found if "{" not in path and path != "/events")


def harmless(text: str) -> None:
    """Nothing in the markup is an attack's: scripts come from here, no attribute runs anything, no address leads away."""
    for tag, attributes in Elements(text).found:
        assert tag not in ("img", "iframe", "object", "embed", "base"), attributes
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag != "script" or (attributes.get("src") or "").startswith("/static/"), attributes
        assert not (attributes.get("href") or "").strip().lower().startswith("javascript:"), attributes
    assert "49{% raw" not in text  # what a template would have made of the last of them


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
async def test_attacks_are_text_wherever_they_come_out(start: Any, world: World, query: dict[str, str]) -> None:
    client = await start()
    seen = set()
    for path in paths(world):
        response = await client.get(f"{path}?{urlencode(query)}", allow_redirects=False)
        text = await response.text()
        assert response.status < 500, (path, text)
        assert response.headers["X-Content-Type-Options"] == "nosniff", path
        assert "unsafe" not in response.headers["Content-Security-Policy"], path
        assert "\n" not in response.headers.get("Content-Disposition", ""), path
        if response.content_type == "text/html":
            harmless(text)
            seen.add(path)
        elif response.content_type == "application/json":
            json.loads(text)
        elif response.content_type == "image/svg+xml":
            harmless(text)
        else:
            assert response.content_type in {"text/plain", "text/csv", "text/css", "text/javascript"}, path
    if query == QUERIES[0]:
        assert seen >= PAGED


async def test_the_attacks_did_come_out(start: Any) -> None:
    """As text: else the test above would hold for a console that shows nothing."""
    client = await start()
    for path in ("/groups?by=channel", "/evidence?session=a", "/workshop", "/?assistant=rh", "/value?assistant=rh"):
        assert (
            html.escape(ATTACK, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
            in await (await client.get(path)).text()
        ), path
    for path in ("/api/v1/evidence?assistant=rh&kpi=csat", "/api/v1/exchanges?assistant=rh"):
        assert json.dumps(ATTACK)[1:-1] in await (await client.get(path)).text(), path


async def test_what_is_tried_comes_back_as_text(start: Any) -> None:
    answer = await (await start()).post("/workshop?assistant=rh", data={"kind": "phrase", "rule": ATTACK, "sample": ATTACK})
    harmless(await answer.text())


async def test_the_stream_holds_them_in_json_alone(start: Any) -> None:
    response = await (await start()).get("/events?assistant=rh")
    await block(response)
    event = await block(response)
    assert ATTACK in json.loads(event["data"])["text"]["live.state"]
    assert set(event) == {"id", "data"}
    response.close()
