"""Ratings from outside: invitations that are signed, dated and good once, and pages that may ask for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from proxy.access.invitations import Invitations, invited
from proxy.console.surveys import TRIES
from proxy.settings.model import Survey
from tests.console.conftest import NOW, World

PAGE = "https://intranet.example.org"
UNTIL = int(NOW.timestamp()) + 60
OURS = Invitations(b"a key of these tests")


@pytest.fixture
def open_world(world: World) -> World:
    first, *rest = world.settings.assistants
    asking = msgspec.structs.replace(first, survey=Survey(origins=(PAGE,), valid=3600.0))
    world.settings = msgspec.structs.replace(world.settings, assistants=(asking, *rest))
    return world


def token(**changes: Any) -> str:
    return OURS.token(msgspec.structs.replace(invited("rh", "hash", "five", UNTIL), **changes))


async def offered(client: Any, origin: str = PAGE, **asked: Any) -> Any:
    return await client.post(
        "/feedback/offer", json={"assistant": "rh", "conversation": "c1", **asked}, headers={"Origin": origin}
    )


async def test_a_page_of_an_origin_asks_and_gives(start: Any, open_world: World) -> None:
    client = await start()
    answer = await offered(client, message="m1")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    content = await answer.json()
    assert (content["scale"], content["until"]) == ("five", int(NOW.timestamp()) + 3600)
    given = await client.post("/feedback", json={"token": content["token"], "score": 4}, headers={"Origin": PAGE})
    assert (given.status, given.headers["Access-Control-Allow-Origin"]) == (202, PAGE)
    ((invitation, score),) = open_world.surveys.given
    assert (invitation.conversation, invitation.message, score) == ("hash of rh/c1", "hash of rh/m1", 4)


@pytest.mark.parametrize("path", ["/feedback", "/feedback/offer"])
async def test_only_named_origins_are_let_in(start: Any, open_world: World, path: str) -> None:
    client = await start()
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    good = await client.options(path, headers={"Origin": PAGE, **asks})
    assert (good.headers["Access-Control-Allow-Origin"], good.headers["Vary"]) == (PAGE, "Origin")
    for origin in ("https://evil.example.org", f"{PAGE}.evil.org", "null", "*", ""):
        bad = await client.options(path, headers={"Origin": origin, **asks})
        assert "Access-Control-Allow-Origin" not in bad.headers


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", ""])
async def test_pages_elsewhere_get_no_invitation(start: Any, open_world: World, origin: str) -> None:
    answer = await offered(await start(), origin)
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_an_origin_of_one_assistant_is_none_of_another(start: Any, open_world: World) -> None:
    answer = await offered(await start(), assistant="it")
    assert answer.status == 403


async def test_an_invitation_is_good_once(start: Any, open_world: World) -> None:
    client, once = await start(), token()
    statuses = [(await client.post("/feedback", json={"token": once, "score": score})).status for score in (5, 5, 1)]
    assert statuses == [202, 409, 409]
    assert len(open_world.surveys.given) == 1


@pytest.mark.parametrize(
    "made",
    [
        "",
        "x",
        "a.b",
        "é.é",
        "A" * 600,
        Invitations(b"another key").token(invited("rh", "hash", "five", UNTIL)),
        OURS.token(invited("gone", "hash", "five", UNTIL)),
    ],
    ids=["none", "short", "parts", "letters", "long", "another_key", "no_such_assistant"],  # tokens differ at each collection
)
async def test_forged_tokens_are_refused(start: Any, open_world: World, made: str) -> None:
    answer = await (await start()).post("/feedback", json={"token": made, "score": 5})
    assert answer.status == 403
    assert open_world.surveys.given == []


async def test_no_bit_of_a_token_may_change(start: Any, open_world: World) -> None:
    content, _, sign = token().partition(".")
    other = token(conversation="somebody else's").partition(".")[0]
    forged = [f"{other}.{sign}", f"{content}.", f"{content}.{sign[:-1]}", f"{content}={sign}", f"{content}=.{sign}"]
    assert [OURS.read(each) for each in forged] == [None] * len(forged)
    for at in range(0, len(content), 7):
        assert OURS.read(f"{content[:at]}{'B' if content[at] == 'A' else 'A'}{content[at + 1 :]}.{sign}") is None


async def test_an_invitation_ends(start: Any, open_world: World) -> None:
    client, late = await start(), token()
    open_world.now = NOW + timedelta(seconds=60)
    assert (await client.post("/feedback", json={"token": late, "score": 5})).status == 410


async def test_spam_of_one_address_is_held_up(start: Any, open_world: World) -> None:
    client = await start()
    statuses = [(await client.post("/feedback", json={"token": token(), "score": 5})).status for _ in range(TRIES + 2)]
    assert statuses == [202] * TRIES + [429] * 2
    asked = [(await offered(client)).status for _ in range(TRIES + 2)]
    assert asked == [200] * TRIES + [429] * 2


async def test_guessing_is_held_up_sooner(start: Any, open_world: World) -> None:
    client = await start()
    statuses = [(await client.post("/feedback", json={"token": f"{n}.guess", "score": 5})).status for n in range(12)]
    assert statuses == [403] * 10 + [429] * 2
    assert (await client.post("/feedback", json={"token": token(), "score": 5})).status == 429


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"token": "a.b"}', 400),
        (b'{"token": "a.b", "score": "5"}', 400),
        (b'{"token": "a.b", "score": 5, "more": 1}', 400),
        (b'{"token": "' + b"x" * 5000 + b'", "score": 5}', 413),
    ],
)
async def test_what_is_no_rating_is_refused(start: Any, open_world: World, body: bytes, status: int) -> None:
    answer = await (await start()).post("/feedback", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == status


async def test_a_full_disk_is_said(start: Any, open_world: World) -> None:
    open_world.surveys.state = "unwritable"
    assert (await (await start()).post("/feedback", json={"token": token(), "score": 5})).status == 503


async def test_a_backend_makes_invitations_that_lead_to_a_page(start: Any, open_world: World) -> None:
    client = await start()
    made = await client.post("/api/v1/invitations", json={"assistant": "it", "conversation": "c7"})
    assert made.status == 200
    link = (await made.json())["link"]
    assert link.startswith(f"http://{client.host}:{client.port}/feedback?token=")
    page = await client.get(link.partition(str(client.port))[2], headers={"Accept-Language": "fr"})
    text = await page.text()
    assert "Cet échange vous a-t-il été utile" in text
    assert open_world.surveys.given == []  # a mail scanner that opens the link has not rated
    form = {"token": link.partition("token=")[2], "score": "5"}
    assert "Merci." in await (await client.post("/feedback", data=form, headers={"Accept-Language": "fr"})).text()
    assert (await client.post("/feedback", data=form)).status == 409
    assert (await client.post("/feedback", data={"token": "a.b", "score": "5"})).status == 403
    assert (await client.post("/feedback", data={"score": "five"})).status == 400
    assert (await client.get("/feedback?token=a.b")).status == 410
    assert len(open_world.surveys.given) == 1


async def test_the_widget_is_small_and_may_be_loaded_elsewhere(start: Any, open_world: World) -> None:
    answer = await (await start()).get("/widget.js", headers={"Origin": PAGE})
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.content_type == "text/javascript"
    assert len(await answer.read()) < 8192
