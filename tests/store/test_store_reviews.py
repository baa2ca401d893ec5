"""Texts that are kept to be scored, what people and the judge say of them, and what the judge may spend."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from proxy.access.looks import Look
from proxy.kpi.agreement import Score
from proxy.kpi.budget import Budget, Charge
from proxy.kpi.usage import Usage
from proxy.meaning.hashing import Keyed
from proxy.meaning.spoken import Spoken
from proxy.settings.model import Assistant
from proxy.settings.reviews import Judge, Reviews
from proxy.store.connect import as_hash
from proxy.store.erasure import Eraser
from proxy.store.keys import Keys
from proxy.store.samples import ANSWERS, Samples
from proxy.store.scores import Scores
from proxy.store.sealing import Seal
from proxy.store.spending import Spending
from proxy.store.transaction import Client
from tests.store.making import BASE

KEY = bytes(range(32))
KEYS = Keys("rh")
SECRET = "canary-in-the-text"


@pytest.fixture
def rh(assistant: Assistant) -> Assistant:
    return msgspec.structs.replace(assistant, reviews=Reviews(share=1.0, daily=3), judge=Judge(share=1.0, day_tokens=1000))


def spoken(turn: str, conversation: str = "c1", at: float = BASE, user: str | None = "anna") -> Spoken:
    return Spoken(
        turn=turn, assistant="rh", at=at, conversation=conversation, user=user, place=0.0,
        question=f"{SECRET} {turn}?", answer=f"{SECRET} {turn}.",
    )  # fmt: skip


async def queue(samples: Samples, now: float) -> list[list[str]]:
    return [[each.question for each in sample.answers] async for sample in samples.settled(now)]


async def test_sessions_come_once_they_have_settled_and_nothing_is_in_the_clear(client: Client, rh: Assistant) -> None:
    samples = Samples(client, rh, Seal(KEY))
    for name, at in (("a", 0.0), ("b", 60.0), ("c", 7000.0)):
        assert await samples.keep(spoken(name, at=BASE + at), BASE + at)
    whole = rh.session.idle + rh.session.settle
    assert await queue(samples, BASE + 60 + whole - 1) == []
    assert await queue(samples, BASE + 60 + whole) == [[f"{SECRET} a?", f"{SECRET} b?"]]
    assert await queue(samples, BASE + 7000 + whole) == [[f"{SECRET} a?", f"{SECRET} b?"], [f"{SECRET} c?"]]
    stored = b"".join([body for body in (await client.hgetall(KEYS.sample("c1"))).values() if isinstance(body, bytes)])
    assert stored
    assert SECRET.encode() not in stored
    assert 0 < await client.ttl(KEYS.sample("c1")) <= rh.reviews.keep


async def test_another_key_opens_nothing_and_a_text_under_another_answer_is_no_text(client: Client, rh: Assistant) -> None:
    samples = Samples(client, rh, Seal(KEY))
    await samples.keep(spoken("a"), BASE)
    later = BASE + 90000
    assert await queue(Samples(client, rh, Seal(bytes(32))), later) == []
    body = (await client.hgetall(KEYS.sample("c1")))[b"a"]
    await client.hset(KEYS.sample("c1"), "b", body)
    assert await queue(samples, later) == [[f"{SECRET} a?"]]


async def test_the_day_and_the_conversation_have_room_for_so_many(client: Client, rh: Assistant) -> None:
    samples = Samples(client, rh, Seal(KEY))
    kept = [await samples.keep(spoken("a", f"c{n}"), BASE) for n in range(5)]
    assert kept == [True, True, True, False, False]
    assert await samples.keep(spoken("b", "c1"), BASE), "a conversation that is kept goes on"
    assert await samples.keep(spoken("a", "c9"), BASE + 86401), "the next day has room of its own"
    kept = [await samples.keep(spoken(f"x{n}", "c2"), BASE) for n in range(ANSWERS)]
    assert kept.count(True) == ANSWERS - 1


async def test_hosts_that_keep_at_once_share_the_room(client: Client, rh: Assistant) -> None:
    hosts = [Samples(client, rh, Seal(KEY)) for _ in range(8)]
    await asyncio.gather(*[host.keep(spoken("a", f"c{n}"), BASE) for n, host in enumerate(hosts)])
    assert await client.zcard(KEYS.queue) <= rh.reviews.daily


async def test_a_person_who_is_forgotten_takes_the_texts_along(client: Client, rh: Assistant) -> None:
    samples, keyed = Samples(client, rh, Seal(KEY)), Keyed(KEY)
    anna, paul = keyed.user("anna"), keyed.user("paul")
    await samples.keep(spoken("a", "shared", user=anna), BASE)
    await samples.keep(spoken("b", "shared", at=BASE + 1, user=paul), BASE)
    await samples.keep(spoken("c", "own", user=anna), BASE)
    done = await Eraser(client, {"rh": rh}).forget("rh", anna, keyed.derived("rh", anna))
    assert done.texts == 2
    assert await queue(samples, BASE + 90000) == [[f"{SECRET} b?"]]
    assert await client.zcard(KEYS.queue) == 1


async def ledger(client: Client) -> dict[str, int]:
    found = as_hash(await client.hgetall(KEYS.day("2026-10-20")))
    return {name.decode(): int(count) for name, count in found.items() if name.startswith((b"precision", b"pair", b"tokens"))}


@pytest.mark.parametrize("order", ["judge first", "review first"])
async def test_each_score_counts_once_and_both_together_make_a_pair(client: Client, rh: Assistant, order: str) -> None:
    scores = Scores(client, rh)
    said: list[tuple[str, Score]] = [("judge", "correct"), ("anna", "partly")]
    for who, score in said if order == "judge first" else reversed(said):
        for expected in ("taken", "scored"):
            taken = await (scores.judge("t", BASE, score) if who == "judge" else scores.review("t", BASE, who, score))
            assert taken == expected
    assert await scores.review("t", BASE, "paul", "wrong") == "enough"
    assert await ledger(client) == {"precision:judge:correct": 1, "precision:review:wrong": 1, "pair:judge:correct:partly": 1}
    assert await scores.judged("t")
    assert await scores.reviewers(["t", "u"]) == [frozenset({"anna"}), frozenset()]


async def test_undecided_scores_are_in_no_pair(client: Client, rh: Assistant) -> None:
    scores = Scores(client, rh)
    await scores.judge("t", BASE, "unsure")
    await scores.review("t", BASE, "anna", "correct")
    assert await ledger(client) == {"precision:judge:undecided": 1, "precision:review:correct": 1}


async def test_a_second_reviewer_is_held_against_the_first_and_changes_no_precision(client: Client, rh: Assistant) -> None:
    rh = msgspec.structs.replace(rh, reviews=Reviews(share=1.0, reviewers=2))
    scores = Scores(client, rh)
    assert await scores.review("t", BASE, "anna", "correct") == "taken"
    assert await scores.review("t", BASE, "paul", "wrong") == "taken"
    await scores.judge("t", BASE, "wrong")
    counted = await ledger(client)
    assert counted["precision:review:correct"] == 1
    assert "precision:review:wrong" not in counted
    assert counted["pair:reviewers:correct:wrong"] == 1
    assert counted["pair:judge:wrong:correct"] == 1


async def test_scores_at_once_lose_and_double_nothing(client: Client, rh: Assistant) -> None:
    scores = Scores(client, rh)
    await asyncio.gather(*[scores.judge(f"t{n % 4}", BASE, "correct") for n in range(16)])
    assert await ledger(client) == {"precision:judge:correct": 4}


def spending(client: Client, **limits: int) -> Spending:
    return Spending(client, "rh", Budget(**{"day_tokens": 1000, "month_tokens": 20_000, **limits}))


async def test_charges_are_set_aside_over_all_hosts_and_given_back(client: Client) -> None:
    hosts = [spending(client) for _ in range(5)]
    found = await asyncio.gather(*[host.reserve(Charge(300, 7), BASE) for host in hosts])
    assert sorted(found) == ["day_tokens", "day_tokens", "room", "room", "room"]
    assert await hosts[0].spent(BASE) == (Charge(900, 21), Charge(900, 21))
    await hosts[0].correct(Charge(-250, -5), BASE)
    assert await hosts[1].reserve(Charge(300), BASE) == "room"
    assert await hosts[1].reserve(Charge(300, 1), BASE + 86400) == "room", "another day"
    assert await hosts[1].spent(BASE + 86400) == (Charge(300, 1), Charge(1250, 17))


async def test_each_limit_ends_it(client: Client) -> None:
    host = spending(client, day_cost=100, month_cost=150, month_tokens=1500)
    assert await host.reserve(Charge(900, 101), BASE) == "day_cost"
    assert await host.reserve(Charge(900, 100), BASE) == "room"
    assert await host.reserve(Charge(100, 51), BASE + 86400) == "month_cost"
    assert await host.reserve(Charge(900, 50), BASE + 86400) == "month_tokens"


async def test_its_tokens_stand_with_the_assistants_own(client: Client, rh: Assistant) -> None:
    await Scores(client, rh).spend(Usage("small-model", 0, (300, 0, 0, 8, 0)), BASE)
    assert await ledger(client) == {"tokens:in:0:small-model": 300, "tokens:out:0:small-model": 8}


async def test_who_looked_is_kept_newest_first_and_not_for_ever(client: Client, rh: Assistant) -> None:
    scores = Scores(client, rh)
    looks = [Look(at=BASE + n, reader="anna", action="seen", session=f"c.{n}", answers=1) for n in range(3)]
    for look in looks:
        await scores.note(look)
    assert await scores.looks(2) == [looks[2], looks[1]]
    much_later = msgspec.structs.replace(looks[0], at=BASE + timedelta(days=500).total_seconds())
    await scores.note(much_later)
    assert await scores.looks(9) == [much_later]
