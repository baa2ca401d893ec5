"""The judge against servers that answer, stall, refuse and ramble; texts reach it redacted, by share, within the budget."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.exceptions import ConnectionError as StoreAway

from proxy.kpi.agreement import Score
from proxy.kpi.budget import Budget, Charge
from proxy.kpi.usage import Usage
from proxy.meaning.spoken import ANSWER, QUESTION, Spoken
from proxy.observer import judge as module
from proxy.observer.judge import Judge
from proxy.observer.sampling import LATE, Sampling
from proxy.observer.verdicts import Failed, Verdict, body, estimate, read
from proxy.settings.files import rubric
from proxy.settings.model import Assistant
from proxy.settings.reviews import Judge as JudgeSettings
from proxy.settings.reviews import Reviews
from proxy.tasks import Tasks

NOW = 1_795_000_000.0
CANARIES = (
    "canary.person@example.org",
    "06 11 22 33 44",
    "FR76 3000 6000 0112 3456 7890 189",
    "4970 1012 3456 7893",
    "sk-canary0123456789",
)


def spoken(turn: str = "t", place: float = 0.0, question: str = "How many days?", answer: str = "Twenty-five.") -> Spoken:
    return Spoken(
        turn=turn, assistant="rh", at=NOW, conversation="c", user="anna", place=place, question=question, answer=answer
    )  # fmt: skip


def completion(content: str, **usage: int) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": content}}], "usage": usage or None}


class Model:
    """An OpenAI-compatible server; what it answers is set by the test, one answer after the other, the last one for ever."""

    def __init__(self) -> None:
        self.replies: list[Any] = [completion('{"score": "correct"}', prompt_tokens=300, completion_tokens=8)]
        self.asked: list[str] = []
        self.keys: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.text())
        self.keys.append(request.headers.get("Authorization", ""))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply):
            return await reply()  # type: ignore[no-any-return]
        return reply if isinstance(reply, web.Response) else web.json_response(reply)


@pytest.fixture
async def model() -> AsyncIterator[tuple[Model, str]]:
    found, app = Model(), web.Application()
    app.router.add_post("/v1/chat/completions", found.answer)
    async with TestServer(app) as server:
        yield found, f"http://127.0.0.1:{server.port}/v1"


class Purse:
    """What was spent of a day; `away` as while the store is."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.spent_ = Charge()
        self.away = False

    @property
    def used(self) -> int:
        return self.spent_.tokens

    async def reserve(self, charge: Charge, now: float) -> Any:
        if self.away:
            raise StoreAway
        passed = self.budget.passed(self.spent_ + charge, self.spent_ + charge)
        if passed is None:
            self.spent_ += charge
        return passed or "room"

    async def correct(self, charge: Charge, now: float) -> None:
        self.spent_ += charge

    async def spent(self, now: float) -> tuple[Charge, Charge]:
        return self.spent_, self.spent_


class Book:
    """What was said of each answer."""

    def __init__(self) -> None:
        self.said: dict[str, Score] = {}
        self.usages: list[Usage] = []
        self.news = asyncio.Event()

    async def judged(self, turn: str) -> bool:
        return turn in self.said

    async def judge(self, turn: str, at: float, score: Score) -> None:
        self.said[turn] = score
        self.news.set()

    async def spend(self, usage: Usage, at: float) -> None:
        self.usages.append(usage)


class Court:
    """A judge with everything around it; `naps` are what it slept."""

    def __init__(
        self, url: str, tokens: int = 1_000_000, money: int | None = None, price: int | None = None, **settings: Any
    ) -> None:
        given = JudgeSettings(**{"share": 1.0, "url": url, "model": "m", **settings})
        self.assistant = Assistant(upstream="http://127.0.0.1:1", name="rh", judge=given, reviews=Reviews(share=0.5))
        budget = Budget(day_tokens=tokens, month_tokens=10 * tokens, day_cost=money)
        self.purse, self.book, self.naps = Purse(budget), Book(), list[float]()
        self.judge = Judge(
            self.assistant,
            rubric("en"),
            "sk-key",
            self.purse,
            self.book,
            budget=budget,
            price=lambda usage, at: price and price * sum(usage.counts),
            clock=lambda: NOW,
            sleep=self._nap,
            away=(StoreAway,),
        )

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.purse.away = False
        await asyncio.sleep(0)

    async def until(self, done: Callable[[], object]) -> None:
        """Let it work until something is so."""
        tasks = Tasks()
        tasks.start(self.judge.run(), "judge")
        try:
            async with asyncio.timeout(60):
                while not done():  # noqa: ASYNC110 - it waits for a server in this very loop
                    await asyncio.sleep(0.001)
        finally:
            await tasks.stop()


@pytest.mark.parametrize("score", ["correct", "partly", "wrong", "unsure"])
async def test_each_score_is_counted_with_its_tokens(model: Any, score: str) -> None:
    served, url = model
    served.replies = [completion(json.dumps({"score": score}), prompt_tokens=300, completion_tokens=8)]
    court = Court(url)
    court.judge.offer(spoken())
    await court.until(lambda: court.judge.verdicts[score])
    assert court.book.said == {"t": score}
    assert (court.judge.tokens["input"], court.judge.tokens["output"], court.purse.used) == (300, 8, 308)
    assert served.keys == ["Bearer sk-key"]
    assert court.book.usages == [], "its tokens are in no cost of the assistant's"


async def test_its_tokens_are_the_assistants_if_the_operator_says_so(model: Any) -> None:
    court = Court(model[1], costs=True)
    court.judge.offer(spoken())
    await court.until(lambda: court.book.said)
    assert [(each.model, each.counts) for each in court.book.usages] == [("m", (300, 0, 0, 8, 0))]


async def test_an_answer_is_judged_once_whoever_reads_it_again(model: Any) -> None:
    court = Court(model[1])
    for name in ("t", "t", "u"):
        court.judge.offer(spoken(name))
    await court.until(lambda: len(court.book.said) == 2)
    assert len(model[0].asked) == 2


@pytest.mark.parametrize(
    "reply", ["I think it is correct.", '{"score": "good"}', '{"score": "correct", "because": "x"}', "", "correct", "[]"]
)
async def test_a_reply_that_is_no_score_is_undecided(reply: str) -> None:
    assert read(json.dumps(completion(reply)).encode()) == Verdict(score="unsure", unread=True)


def test_a_fence_around_the_object_is_no_prose() -> None:
    assert read(json.dumps(completion('```json\n{"score": "wrong"}\n```')).encode()) == Verdict(score="wrong")


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"choices": []}', b"\xff\xfe", b'{"choices": [{}]}'])
def test_an_answer_that_is_none_is_a_fault(content: bytes) -> None:
    assert read(content) == Failed(fault="no_answer")


async def test_what_may_be_over_soon_is_asked_again_and_what_may_not_is_not(model: Any) -> None:
    served, url = model
    good = served.replies[0]
    limited = web.Response(status=429, headers={"Retry-After": "7"})
    served.replies = [limited, web.Response(status=503), good]
    court = Court(url)
    court.judge.offer(spoken())
    await court.until(lambda: court.book.said)
    assert court.naps == [7.0, 2.0]
    assert (court.judge.faults["limited"], court.judge.faults["broken"], court.purse.used) == (1, 1, 308)
    served.replies = [web.Response(status=401), web.Response(status=307, headers={"Location": url}), good]
    for name in ("u", "v"):
        court.judge.offer(spoken(name))
    await court.until(lambda: court.judge.lost["refused"] == 2)
    assert len(served.asked) == 5


async def test_time_outs_end_and_are_paid_for(model: Any) -> None:
    served, url = model
    never = asyncio.Event()

    async def stall() -> web.Response:
        await never.wait()
        return web.Response()

    served.replies = [stall]
    court = Court(url, timeout=0.05, attempts=2)
    court.judge.offer(spoken())
    await court.until(lambda: court.judge.lost["timeout"])
    never.set()
    assert (court.judge.faults["timeout"], court.book.said) == (2, {})
    assert court.purse.used == 2 * estimate(served.asked[0].encode())


async def test_an_endpoint_that_is_not_there_costs_nothing() -> None:
    court = Court("http://127.0.0.1:9/v1", attempts=2)
    court.judge.offer(spoken())
    await court.until(lambda: court.judge.lost["unreachable"])
    assert court.purse.used == 0


async def test_a_used_up_budget_stops_it_and_a_new_day_lets_it_go_on(model: Any) -> None:
    one = estimate(body(JudgeSettings(model="m"), rubric("en"), "How many days?", "Twenty-five."))
    court = Court(model[1], tokens=one + 308 + 100)
    for name in ("a", "b", "c", "d"):
        court.judge.offer(spoken(name))
    await court.until(lambda: court.judge.lost["budget"] == 2)
    assert (list(court.book.said), court.judge.full) == (["a", "b"], "day_tokens")
    assert court.purse.used <= one + 308 + 100
    court.purse.spent_ = Charge()
    court.judge.offer(spoken("e"))
    await court.until(lambda: "e" in court.book.said)
    assert court.judge.full == ""


async def test_a_used_up_budget_of_money_stops_it(model: Any) -> None:
    one = estimate(body(JudgeSettings(model="m"), rubric("en"), "How many days?", "Twenty-five."))
    court = Court(model[1], money=2 * one + 2 * 308, price=2)
    for name in ("a", "b", "c"):
        court.judge.offer(spoken(name))
    await court.until(lambda: court.judge.lost["budget"])
    assert (list(court.book.said), court.judge.full) == (["a", "b"], "day_cost")
    assert court.purse.spent_ == Charge(2 * 308, 4 * 308)
    assert court.judge.paid == 4 * 308


@pytest.mark.parametrize(("money", "asked"), [(1_000_000, 0), (None, 1)])
async def test_without_a_price_nothing_is_asked_where_money_is_limited(model: Any, money: int | None, asked: int) -> None:
    court = Court(model[1], money=money)
    court.judge.offer(spoken())
    await court.until(lambda: court.judge.lost["budget"] or court.book.said)
    assert (len(model[0].asked), court.judge.full, court.judge.paid) == (asked, "" if asked else "price", 0)


async def test_without_the_store_it_asks_nobody_and_goes_on_after(model: Any) -> None:
    court = Court(model[1])
    court.purse.away = True
    court.judge.offer(spoken())
    await court.until(lambda: court.book.said)
    assert court.naps == [module.AWAY]


async def test_the_queue_keeps_the_newest(model: Any) -> None:
    court = Court(model[1])
    for n in range(module.WAITING + 3):
        court.judge.offer(spoken(f"t{n}"))
    assert (court.judge.waiting, court.judge.lost["queue"]) == (module.WAITING, 3)


class Shelf:
    """A review queue that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[Spoken] = []
        self.away = False
        self.news = asyncio.Event()

    async def keep(self, spoken: Spoken, now: float) -> bool:
        if self.away:
            raise StoreAway
        self.kept.append(spoken)
        self.news.set()
        return True


async def kept(
    court: Court, shelf: Shelf, given: list[Spoken], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Sampling:
    found = Sampling(
        {"rh": court.assistant}, {"rh": shelf}, {"rh": court.judge}, clock=lambda: NOW + 5, sleep=sleep, away=(StoreAway,)
    )
    tasks = Tasks()
    tasks.start(found.run(), "samples")
    for each in given:
        found.hear(each)
    async with asyncio.timeout(60):
        await shelf.news.wait()
    await tasks.stop()
    return found


async def test_one_hash_gives_both_their_share_and_the_smaller_lies_within_the_larger(model: Any) -> None:
    court, shelf = Court(model[1], share=0.2), Shelf()
    places = [n / 100 for n in range(100)]
    await kept(court, shelf, [spoken(f"t{place}", place) for place in places])
    await court.until(lambda: len(court.book.said) == 20)
    assert set(court.book.said) == {f"t{place}" for place in places if place < 0.2}
    assert {each.turn for each in shelf.kept} == {f"t{place}" for place in places if place < 0.5}


async def test_no_canary_reaches_the_judge_or_the_queue(model: Any) -> None:
    court, shelf = Court(model[1]), Shelf()
    words = " and ".join(CANARIES)
    cut = "x" * (QUESTION - 10) + " canary.person@example.org"
    texts = [(words, words), (cut[:QUESTION], "y" * (ANSWER - 8) + " 06 11 22 33 44"[:8])]
    await kept(court, shelf, [spoken(f"t{n}", question=one, answer=other) for n, (one, other) in enumerate(texts)])
    await court.until(lambda: len(court.book.said) == 2)
    everything = "".join(model[0].asked) + "".join(each.question + each.answer for each in shelf.kept)
    assert [each for each in (*CANARIES, "canary", "06 11") if each in everything] == []
    assert "[mail]" in everything


async def test_texts_of_the_queue_are_as_they_were_only_if_told_so_and_the_judges_never(model: Any) -> None:
    court, shelf = Court(model[1]), Shelf()
    court.assistant = Assistant(
        upstream="http://127.0.0.1:1", name="rh", judge=court.assistant.judge, reviews=Reviews(share=1.0, redact=False)
    )
    await kept(court, shelf, [spoken(question=CANARIES[0])])
    await court.until(lambda: court.book.said)
    assert shelf.kept[0].question == CANARIES[0]
    assert CANARIES[0] not in model[0].asked[0]


async def test_history_is_not_sampled_and_a_store_that_is_away_is_waited_for(model: Any) -> None:
    court, shelf = Court(model[1]), Shelf()
    shelf.away = True

    async def nap(_: float) -> None:
        shelf.away = False
        await asyncio.sleep(0)

    old = Spoken(
        turn="old", assistant="rh", at=NOW - LATE, conversation="c", user=None, place=0.0, question="q", answer="a"
    )  # fmt: skip
    found = await kept(court, shelf, [old, spoken("new")], nap)
    assert [each.turn for each in shelf.kept] == ["new"]
    assert found.kept["rh", "kept"] == 1
    assert court.judge.waiting == 1


async def test_an_answer_that_comes_by_another_exchange_reaches_both(model: Any) -> None:
    court, shelf = Court(model[1]), Shelf()
    now = NOW + 5

    async def nap(seconds: float) -> None:
        nonlocal now
        now += seconds
        await asyncio.sleep(0)

    found = Sampling({"rh": court.assistant}, {"rh": shelf}, {"rh": court.judge}, clock=lambda: now, sleep=nap, away=(StoreAway,))
    tasks = Tasks()
    tasks.start(found.run(), "samples")
    found.hear(spoken("t", answer=""))
    found.hear(msgspec.structs.replace(spoken("poll", question="", answer="By 06 11 22 33 44"), follows=("c",)))
    async with asyncio.timeout(20):
        await shelf.news.wait()
    await court.until(lambda: "t" in court.book.said)
    await tasks.stop()
    assert [(each.turn, each.question, each.answer) for each in shelf.kept] == [("t", "How many days?", "By [phone]")]
    assert found.kept["rh", "kept"] == 1
