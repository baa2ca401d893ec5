"""The review queue in the console: what a reviewer sees and scores, and that every look has a name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from proxy.settings.model import SignOn
from proxy.settings.reviews import Reviews
from tests.console.conftest import HOSTILE, NOW
from tests.console.test_console_app import page

ANNA = {"X-User": "anna", "Accept-Language": "en"}
AUDITOR = {"X-User": "aude"}


@pytest.fixture
def reviewed(world: Any) -> Any:
    """A gateway names anna, who is a reviewer; answers of `rh` are reviewed, those of `it` are not."""
    world.console(sign_on=SignOn(header="X-User", trusted=("127.0.0.0/8",), reviewers=("anna",), auditors=("aude",)))
    first, *others = world.settings.assistants
    first = msgspec.structs.replace(first, reviews=Reviews(share=0.1))
    world.settings = msgspec.structs.replace(world.settings, assistants=(first, *others))
    return world


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["How many days?", "Twenty-five.", "Sessions that wait for you: 1", "Cannot tell", "words in brackets"]),
        ("fr", ["How many days?", "Impossible à dire", "Session du 22\u202fnov."]),
    ],
)
async def test_the_page_shows_a_session_and_asks(start: Any, reviewed: Any, lang: str, said: list[str]) -> None:
    text, elements = await page(await (await start()).get(f"/reviews?assistant=rh&lang={lang}", headers=ANNA))
    assert not [each for each in said if each not in text.replace("\u00a0", "\u202f")]
    assert [each["value"] for each in elements.all("input") if each.get("type") == "radio"] == [
        "correct",
        "partly",
        "wrong",
        "unsure",
    ]
    assert [(look.reader, look.action) for look in reviewed.reviews.noted] == [("anna", "seen")]


async def test_scores_of_the_page_are_taken_and_the_next_is_shown(start: Any, reviewed: Any) -> None:
    client = await start()
    given = {"session": "conversation.a1", "score.a1": "partly"}
    text, _ = await page(await client.post("/reviews?assistant=rh&lang=en", data=given, headers=ANNA))
    assert reviewed.reviews.taken == [("anna", "conversation.a1", {"a1": "partly"})]
    assert "Your scores are counted." in text
    assert "Nothing to review now." in text
    text, _ = await page(await client.post("/reviews?assistant=rh&lang=en", data=given, headers=ANNA))
    assert "no longer kept" in text


@pytest.mark.parametrize("given", [{}, {"session": "conversation.a1"}, {"session": "conversation.a1", "score.a1": "splendid"}])
async def test_a_form_without_scores_counts_nothing(start: Any, reviewed: Any, given: dict[str, str]) -> None:
    text, _ = await page(await (await start()).post("/reviews?assistant=rh&lang=en", data=given, headers=ANNA))
    assert "No score was given" in text
    assert reviewed.reviews.taken == []


async def test_a_page_elsewhere_can_not_score(start: Any, reviewed: Any) -> None:
    headers = {**ANNA, "Sec-Fetch-Site": "cross-site"}
    answer = await (await start()).post(
        "/reviews?assistant=rh", data={"session": "conversation.a1", "score.a1": "wrong"}, headers=headers
    )
    assert answer.status == 403
    assert reviewed.reviews.taken == []


async def test_the_calls_give_and_take_the_same(start: Any, reviewed: Any) -> None:
    client = await start()
    found = await (await client.get("/api/v1/reviews?assistant=rh", headers=ANNA)).json()
    assert found["waiting"] == 1
    assert found["session"]["answers"] == [
        {"id": "a1", "at": "2026-11-22T21:30:00+00:00", "question": "How many days?", "answer": "Twenty-five."}
    ]
    given = {"assistant": "rh", "session": found["session"]["id"], "scores": {"a1": "correct"}}
    assert await (await client.post("/api/v1/reviews", json=given, headers=ANNA)).json() == {"taken": 1}
    again = await client.post("/api/v1/reviews", json=given, headers=ANNA)
    assert (again.status, (await again.json())["error"]["code"]) == (410, "gone")
    assert await (await client.get("/api/v1/reviews?assistant=rh", headers=ANNA)).json() == {
        "assistant": "rh", "waiting": 0, "session": None,
    }  # fmt: skip
    looks = (await (await client.get("/api/v1/looks?assistant=rh", headers=AUDITOR)).json())["looks"]
    assert looks == [{"at": NOW.timestamp(), "reader": "anna", "action": "seen", "session": "conversation.a1", "answers": 1}]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b'{"session": "s", "scores": {"a1": "good"}}', "application/json", 400),
        (b'{"session": "s", "scores": {}, "more": 1}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"session=s", "application/x-www-form-urlencoded", 415),
    ],
)
async def test_what_is_no_score_is_refused(start: Any, reviewed: Any, body: bytes, kind: str, status: int) -> None:
    answer = await (await start()).post("/api/v1/reviews", data=body, headers={**ANNA, "Content-Type": kind})
    assert answer.status == status
    assert reviewed.reviews.taken == []


async def test_where_nothing_is_reviewed_the_page_says_how_and_nothing_is_asked(start: Any, reviewed: Any) -> None:
    client = await start()
    text, elements = await page(await client.get("/reviews?assistant=it&lang=en", headers=ANNA))
    assert "Reviews are not configured." in text
    assert "reviews.key_file" in text
    assert [each for each in elements.all("input") if each.get("type") == "radio"] == []
    answer = await client.get("/api/v1/reviews?assistant=it", headers=ANNA)
    assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_configured")
    assert reviewed.reviews.noted == []


async def test_with_the_store_away_nothing_is_shown(start: Any, reviewed: Any) -> None:
    reviewed.reviews.away = True
    client = await start()
    answer = await client.get("/reviews?assistant=rh&lang=en", headers=ANNA)
    assert answer.status == 503
    assert "The queue can’t be read now." in await answer.text()
    assert (await client.get("/api/v1/reviews?assistant=rh", headers=ANNA)).status == 503
    assert (await client.get("/api/v1/looks?assistant=rh", headers=AUDITOR)).status == 503


async def test_what_users_wrote_is_text_and_nothing_else(start: Any, reviewed: Any) -> None:
    answer = msgspec.structs.replace(reviewed.reviews.sample.answers[0], question=HOSTILE, answer=HOSTILE)
    reviewed.reviews.sample = msgspec.structs.replace(reviewed.reviews.sample, answers=(answer,))
    body = await (await (await start()).get("/reviews?assistant=rh", headers=ANNA)).text()
    assert HOSTILE not in body
    assert "&lt;script&gt;alert(1)" in body


async def test_the_footer_says_when_texts_are_kept(start: Any, reviewed: Any) -> None:
    client = await start()
    assert "Texts of a sample" in await (await client.get("/quality?assistant=rh&lang=en", headers=ANNA)).text()
    assert "No message and no name is stored." in await (await client.get("/quality?assistant=it&lang=en", headers=ANNA)).text()
