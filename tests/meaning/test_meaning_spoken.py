"""Words of whole answers reach who was told to have them scored, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.meaning.hashing import Keyed
from proxy.meaning.spoken import ANSWER, QUESTION, Spoken
from tests.meaning.conftest import SECRET

ASKED = {"model": "m", "user": "anna", "messages": [{"role": "user", "content": "How many days?"}]}
ANSWERED = {"object": "chat.completion", "choices": [{"finish_reason": "stop", "message": {"content": "Twenty-five."}}]}
PATH = "/v1/chat/completions"


@pytest.fixture
def heard(understanding: Any) -> tuple[Any, list[Spoken]]:
    found: list[Spoken] = []
    reader = understanding()
    reader.hear = found.append
    return reader, found


def test_question_and_answer_are_told_with_hashes(heard: Any, exchange: Any) -> None:
    reader, found = heard
    (turn,) = reader.read(exchange(path=PATH, request=ASKED, response=ANSWERED))
    (spoken,) = found
    assert (spoken.question, spoken.answer) == ("How many days?", "Twenty-five.")
    assert (spoken.turn, spoken.conversation, spoken.user, spoken.at) == (turn.id, turn.conversation, turn.user, turn.at)
    assert spoken.place == Keyed(SECRET).place("rh", turn.conversation)


@pytest.mark.parametrize(
    ("request_", "answer", "changed"),
    [
        (ASKED, {"error": {"message": "no"}}, {"status": 500}),
        (ASKED, ANSWERED, {"ending": "upstream_broken"}),
        (ASKED, {"choices": [{"finish_reason": "tool_calls", "message": {"content": None}}]}, {}),
        ({**ASKED, "messages": [*ASKED["messages"], {"role": "tool", "content": "25"}]}, ANSWERED, {}),
    ],
    ids=["failed", "torn", "without words", "a round trip"],
)
def test_answers_that_are_not_whole_are_not_told(heard: Any, exchange: Any, request_: Any, answer: Any, changed: Any) -> None:
    reader, found = heard
    assert reader.read(exchange(path=PATH, request=request_, response=answer, **changed))
    assert found == []


def test_what_no_person_made_is_not_told(understanding: Any, exchange: Any) -> None:
    from proxy.settings.people import Synthetic

    found: list[Spoken] = []
    reader = understanding(synthetic=Synthetic(headers=("x-synthetic",)))
    reader.hear = found.append
    reader.read(exchange(path=PATH, request=ASKED, response=ANSWERED, headers={"x-synthetic": "1"}))
    assert found == []


def test_long_texts_are_cut(heard: Any, exchange: Any) -> None:
    reader, found = heard
    asked = {**ASKED, "messages": [{"role": "user", "content": "a" * (QUESTION + 9)}]}
    answered = {**ANSWERED, "choices": [{"finish_reason": "stop", "message": {"content": "b" * (ANSWER + 9)}}]}
    reader.read(exchange(path=PATH, request=asked, response=answered))
    assert (len(found[0].question), len(found[0].answer)) == (QUESTION, ANSWER)


def test_places_are_even_and_of_the_secret() -> None:
    places = [Keyed(SECRET).place("rh", f"c{n}") for n in range(4000)]
    assert all(0 <= each < 1 for each in places)
    assert abs(sum(each < 0.2 for each in places) / 4000 - 0.2) < 0.03
    assert Keyed(b"another secret..").place("rh", "c1") != places[1]
    assert Keyed(SECRET).place("it", "c1") != places[1]
