"""The demo assistant's mind: what it says to what."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from proxy.demo import answers
from proxy.demo.answers import HANDOVER_TOOL, Message, Reply, decide, dice, reply
from proxy.demo.topics import ODD, TOPICS, Language, language
from proxy.demo.visit import hear


def body(text: str, *, stream: bool = False, **more: Any) -> bytes:
    return msgspec.json.encode({"messages": [{"role": "user", "content": text}], "stream": stream, **more})


def undisturbed(text: str, *, stream: bool) -> Reply:
    """The first answer without any trouble."""
    nonces = (f"test/{at}" for at in range(1000))
    return next(reply(body(text, stream=stream), nonce, 0.0) for nonce in nonces if answers.trouble(dice(nonce)) is None)


@pytest.mark.parametrize("tongue", ["fr", "en"])
def test_each_question_finds_its_own_topic(tongue: Language) -> None:
    for topic in TOPICS:
        for question in topic.questions[tongue]:
            assert language(question) == tongue
            said = decide([Message("user", question)], dice(question))
            if topic.tool:
                assert said.tool == topic.tool
                said = decide([Message("user", question), Message("tool", "{}")], dice(question))
            assert said.text.startswith(topic.answer[tongue])


@pytest.mark.parametrize("tongue", ["fr", "en"])
def test_odd_questions_have_no_answer_and_asking_twice_brings_a_human(tongue: Language) -> None:
    for question in ODD[tongue]:
        said = decide([Message("user", question)], dice(question))
        assert said.text.startswith(answers._FALLBACK[tongue])
        again = [Message("user", question), Message("assistant", said.text), Message("user", question)]
        said = decide(again, dice(question))
        assert said.tool == HANDOVER_TOOL or said.text in answers._STARTED[tongue]


def test_who_asks_for_a_human_gets_one_by_phrase_by_tool_or_not_at_all() -> None:
    said = [decide([Message("user", "Passez-moi un conseiller")], dice(at)) for at in range(400)]
    by_tool = sum(each.tool == HANDOVER_TOOL for each in said)
    by_phrase = sum(each.text in answers._STARTED["fr"] for each in said)
    closed = sum(each.text == answers._CLOSED["fr"] for each in said)
    assert by_tool + by_phrase + closed == 400
    assert by_tool > 100
    assert by_phrase > 100
    assert 20 < closed < 80


def test_yes_to_an_offer_brings_a_human_and_without_one_does_not() -> None:
    offer = Message("assistant", f"{answers._FALLBACK['en']} {answers._OFFER['en']}")
    said = decide([Message("user", ODD["en"][0]), offer, Message("user", "Yes please")], dice("kind"))
    assert said.tool == HANDOVER_TOOL or said.text in (*answers._STARTED["en"], answers._CLOSED["en"])
    assert decide([Message("user", "Yes please")], dice("kind")).text.startswith(answers._FALLBACK["en"])


def test_streamed_and_whole_answers_say_the_same() -> None:
    whole = undisturbed("How do I submit an expense report?", stream=False)
    streamed = undisturbed("How do I submit an expense report?", stream=True)
    assert len(whole.pieces) == 1
    assert len(streamed.pieces) > 10
    joined = b"".join(piece for _, piece in streamed.pieces)
    assert joined.endswith(b"data: [DONE]\n\n")
    heard = [hear(answer.status, answer.media, b"".join(piece for _, piece in answer.pieces)) for answer in (whole, streamed)]
    assert heard[0] == heard[1]
    assert heard[0].text.startswith("Take a photo")


def test_times_rise_and_the_same_nonce_gives_the_same_bytes() -> None:
    request = body("How do I install the VPN?", stream=True, stream_options={"include_usage": True})
    for at in range(200):
        answer = reply(request, f"n/{at}", 7.0)
        times = [after for after, _ in answer.pieces]
        assert times == sorted(times)
        assert times[0] >= 0
        assert answer == reply(request, f"n/{at}", 7.0)


def test_troubles_come_in_all_kinds_and_rarely() -> None:
    asked = [reply(body("badge ?", stream=True), f"t/{at}", 0.0) for at in range(3000)]
    statuses = {answer.status for answer in asked}
    assert statuses == {200, 429, 500}
    failed = [
        answer for answer in asked if hear(answer.status, answer.media, b"".join(piece for _, piece in answer.pieces)).failed
    ]
    assert 0.01 < len(failed) / len(asked) < 0.03
    assert any(answer.status == 200 for answer in failed)
    assert any(answer.pieces[0][0] > 8 for answer in asked)


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b'{"messages": []}', b'{"messages": [{"content": "x"}]}', b'{"messages": 3}'])
def test_what_is_no_request_is_refused(bad: bytes) -> None:
    answer = reply(bad, "n", 0.0)
    assert answer.status == 400
    assert msgspec.json.decode(answer.pieces[0][1])["error"]["code"] == "invalid_request_error"


def test_content_may_be_parts() -> None:
    parts = [{"type": "text", "text": "Where is my"}, {"type": "text", "text": "payslip?"}]
    assert decide([Message("user", parts)], dice("x")).text.startswith("Payslips are placed")
