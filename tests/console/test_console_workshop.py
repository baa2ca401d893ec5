"""The workshop's page and calls: what an admin sees, and what may be tried."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.console.trials import SAMPLE, Attempt, Tried
from proxy.console.unanswered import Busy
from proxy.console.workshop import RECENT
from proxy.meaning.outlines import Counted, Field, Outline
from tests.console.test_console_app import page


@pytest.fixture
def seen(world: Any) -> None:
    field = Field(place="messages[*].content", kind="text", count=2, least=4, most=1200)
    outline = Outline(
        at=1_795_000_000.0, route=("POST", ("chat",)), status=200, outcome="turn", preset="generic", marks=("no_answer x/y",),
        request=(field,), request_size=1300, answer=(), answer_size=0, stream=True,
    )  # fmt: skip
    world.workshop.seen = [("POST /chat", outline)]
    world.workshop.unknown = [Counted(route="POST /api/*", count=1234)]


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Recent exchanges", "POST /chat", "messages[*].content", "4–1,200", "no_answer x/y", "POST /api/*", "1,234"]),
        ("fr", ["Échanges récents", "4–1\u202f200", "texte", "1\u202f234"]),
    ],
)
async def test_the_page_shows_shapes(start: Any, lang: str, said: list[str]) -> None:
    text, elements = await page(await (await start()).get(f"/workshop?assistant=rh&lang={lang}"))
    assert not [each for each in said if each not in text]
    assert elements.all("script") == []


@pytest.mark.usefixtures("seen")
async def test_the_page_shows_the_newest_and_the_call_all(start: Any, world: Any) -> None:
    world.workshop.seen *= RECENT + 1
    client = await start()
    _, elements = await page(await client.get("/workshop?assistant=rh"))
    assert len(elements.all("details")) == RECENT
    assert len((await (await client.get("/api/v1/exchanges?assistant=rh")).json())["recent"]) == RECENT + 1


@pytest.mark.usefixtures("seen")
async def test_the_call_gives_the_same(start: Any) -> None:
    found = await (await (await start()).get("/api/v1/exchanges?assistant=rh")).json()
    assert found["recent"][0]["route"] == "POST /chat"
    assert found["recent"][0]["at"].endswith("+00:00")
    assert found["recent"][0]["request"][0]["most"] == 1200
    assert found["unmatched"] == [{"route": "POST /api/*", "count": 1234}]


async def test_the_form_tries_and_shows_what_came_of_it(start: Any, world: Any) -> None:
    world.workshop.result = Tried(lines=('"<b>bold</b>"',))
    fields = {"kind": "expression", "rule": "a.b", "sample": '\n{"a":\r\n1}'}
    text, elements = await page(await (await start()).post("/workshop?assistant=rh&lang=en", data=fields))
    assert world.workshop.tried == [Attempt(kind="expression", rule="a.b", sample='\n{"a":\n1}', assistant="rh")]
    assert '"<b>bold</b>"' in text
    assert elements.all("b") == []
    assert elements.all("input")[0]["value"] == "a.b"


@pytest.mark.parametrize("fields", [{"kind": "spell"}, {}, {"kind": "phrase", "sample": "x" * (SAMPLE + 1)}])
async def test_a_form_that_makes_no_sense_is_told(start: Any, world: Any, fields: dict[str, str]) -> None:
    text, _ = await page(await (await start()).post("/workshop?assistant=rh", data=fields))
    assert 'role="alert"' in text
    assert world.workshop.tried == []


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'{"kind": "phrase", "sample": "x", "assistant": "rh"}', "application/json", 200, None),
        (b'{"kind": "phrase", "sample": "x"}', "application/json", 400, "assistant_missing"),
        (b'{"kind": "phrase", "sample": "x", "assistant": "hr"}', "application/json", 404, "assistant_unknown"),
        (b'{"kind": "phrase", "sample": "x", "more": 1}', "application/json", 400, "attempt"),
        (b"\xff", "application/json", 400, "attempt"),
        (b"kind=phrase", "application/x-www-form-urlencoded", 415, "media_type"),
        (b"x" * 1_000_000, "application/json", 413, "size"),
    ],
)
async def test_what_may_be_posted(start: Any, body: bytes, kind: str, status: int, code: str | None) -> None:
    answer = await (await start()).post("/api/v1/try", data=body, headers={"Content-Type": kind})
    assert answer.status == status
    assert (await answer.json()).get("error", {}).get("code") == code


async def test_one_at_a_time(start: Any, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(_: Attempt) -> Tried:
        raise Busy

    monkeypatch.setattr(world.workshop, "attempt", busy)
    client = await start()
    answer = await client.post("/api/v1/try", json={"kind": "phrase", "sample": "x", "assistant": "rh"})
    assert (answer.status, (await answer.json())["error"]["code"]) == (503, "busy")
    text, _ = await page(await client.post("/workshop?assistant=rh", data={"kind": "phrase", "sample": "x"}))
    assert "another attempt runs" in text
