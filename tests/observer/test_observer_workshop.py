"""The workshop looks now and then, keeps little, and tries rules where they can do no harm."""

from __future__ import annotations

import asyncio

import pytest

from proxy.console.trials import Attempt
from proxy.console.unanswered import Busy
from proxy.kpi.events import Skipped
from proxy.observer import workshop
from proxy.observer.workshop import KEPT, PACE, Workshop
from proxy.settings.model import Assistant, Settings
from proxy.wire.exchange import Body, Exchange

SETTINGS = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1", name="rh"),))


def exchange(number: int) -> Exchange:
    return Exchange(
        id=str(number), assistant="rh", at=float(number), client="", method="POST", path="/chat", query={}, headers={},
        request=Body(), request_after=0.0, status=200, answered_after=0.0, response_headers={}, response=Body(),
        ending="complete", ended_after=0.0,
    )  # fmt: skip


async def test_all_are_counted_and_one_each_second_is_looked_at() -> None:
    now = 0.0
    seen = Workshop(SETTINGS, lambda: now)
    unknown = (Skipped(id="", assistant="rh", at=0.0, reason="unknown"),)
    for number in range(300):
        now += PACE / 4
        seen.see(exchange(number), unknown if number % 3 else ())
    assert [each.count for each in seen.unmatched("rh")] == [200]
    recent = seen.recent("rh")
    assert len(recent) == KEPT
    assert recent[0][0] == "POST /chat"
    assert [each.at for _, each in recent[:2]] == [296.0, 292.0]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setattr(workshop, "PATIENCE", 120.0)
    return Workshop(SETTINGS, lambda: 0.0)


async def test_an_expression_finds_in_each_event(bench: Workshop) -> None:
    sample = 'data: {"choices": [{"delta": {"content": "Bon"}}]}\n\ndata: {"choices": [{"delta": {"content": "jour"}}]}\n\n'
    found = await bench.attempt(Attempt(kind="expression", rule="choices[0].delta.content", sample=sample))
    assert found.lines == ('"Bon"', '"jour"')
    wrong = await bench.attempt(Attempt(kind="expression", rule="choices[", sample="{}"))
    assert (wrong.lines, bool(wrong.problem)) == ((), True)


async def test_a_phrase_is_judged_for_both_sides_and_a_pattern_by_sentence(bench: Workshop) -> None:
    sample = "Je vous transfère à un conseiller. Bonne journée !"
    found = await bench.attempt(Attempt(kind="phrase", rule="transfere .* conseiller", sample=sample, assistant="rh"))
    assert any(line.startswith("said by the assistant: handover_started by phrase") for line in found.lines)
    assert [line.partition(":")[0] for line in found.lines[-2:]] == ["hits", "no hit"]


async def test_an_exchange_is_explained_as_the_command_does(bench: Workshop) -> None:
    sample = """\
{"model": "m", "messages": [{"role": "user", "content": "How many days off do I have?"}]}
---
{"id": "x", "object": "chat.completion",
 "choices": [{"message": {"role": "assistant", "content": "You have 25 days."}, "finish_reason": "stop"}]}
"""
    found = await bench.attempt(Attempt(kind="exchange", rule="POST /v1/chat/completions", sample=sample, assistant="rh"))
    text = "\n".join(found.lines)
    assert "openai-chat (path_and_shape): turn, ok" in text
    assert "asked 'How many days off do I have?'" in text
    assert "---" in (await bench.attempt(Attempt(kind="exchange", sample="{}", assistant="rh"))).problem


async def test_what_never_ends_is_ended_and_only_one_runs_at_a_time(bench: Workshop) -> None:
    doubling = "|".join(["[@, @][]"] * 60)
    first = asyncio.create_task(bench.attempt(Attempt(kind="expression", rule=doubling, sample="[1, 2, 3]")))  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await bench.attempt(Attempt(kind="expression", rule="@", sample="1"))
    assert "more" in (await first).problem


async def test_an_attempt_that_takes_too_long_is_killed(bench: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "PATIENCE", 0.0)
    assert "no end" in (await bench.attempt(Attempt(kind="expression", rule="@", sample="1"))).problem
