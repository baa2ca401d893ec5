"""Words of whole answers reach who was told to have them scored, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.kpi.joining import grouped
from proxy.kpi.parts import Part
from proxy.meaning.hashing import Keyed
from proxy.meaning.spoken import ANSWER, QUESTION, Spoken
from proxy.observer.halves import QUIET, Halves
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
    ],
    ids=["failed", "torn"],
)
def test_answers_that_did_not_come_whole_are_not_told(
    heard: Any, exchange: Any, request_: Any, answer: Any, changed: Any
) -> None:
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


def joined(found: list[Spoken]) -> list[tuple[str, str, str]]:
    """What an observer makes of it that reads one exchange a second: turn, question and answer of each."""
    halves, told = Halves(), []
    for at, spoken in enumerate(found):
        if spoken.question:
            told.append(halves.ask(spoken, at))
        else:
            halves.answer(spoken, at, early=True)
    told += halves.whole(len(found) + QUIET)
    return [(each.turn, each.question, each.answer) for each in told if each is not None]


def test_the_answer_after_a_tool_meets_its_question(heard: Any, exchange: Any) -> None:
    reader, found = heard
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "days", "arguments": "{}"}}]}
    asked = {"model": "m", "messages": ASKED["messages"]}
    back = {"model": "m", "messages": [*ASKED["messages"], call, {"role": "tool", "tool_call_id": "c", "content": "25"}]}
    reader.read(
        exchange(path=PATH, id="r:1", request=asked, response={"choices": [{"finish_reason": "tool_calls", "message": call}]})
    )
    reader.read(exchange(path=PATH, id="r:2", at=1_800_000_001.0, request=back, response=ANSWERED))
    assert joined(found) == [("r:1", "How many days?", "Twenty-five.")]


def test_polled_activities_meet_the_message_that_they_answer(heard: Any, exchange: Any) -> None:
    reader, found = heard
    path = "/v3/directline/conversations/c1/activities"

    def bot(number: int, to: int, text: str) -> dict[str, Any]:
        return {"type": "message", "id": f"c1|{number}", "from": {"role": "bot"}, "replyToId": f"c1|{to}", "text": text}

    def poll(at: int, *activities: dict[str, Any]) -> None:
        body = {"watermark": "1", "activities": list(activities)}
        reader.read(exchange(path=path, method="GET", id=f"r:{at}", at=1_800_000_000.0 + at, response=body))

    for at, number, text in ((1, 1, "How many days?"), (6, 4, "And in August?")):
        said = {"type": "message", "from": {"id": "anna"}, "text": text}
        reader.read(exchange(path=path, id=f"r:{at}", at=1_800_000_000.0 + at, request=said, response={"id": f"c1|{number}"}))
        if number == 1:
            poll(2, bot(2, 1, "One moment."))
            poll(3, bot(3, 1, "Twenty-five."))
            poll(4, bot(3, 1, "Twenty-five."))
    poll(7, bot(3, 1, "Twenty-five."))
    poll(8, bot(5, 4, "The same."))
    assert joined(found) == [("r:1", "How many days?", "One moment.\nTwenty-five."), ("r:6", "And in August?", "The same.")]


def test_a_polled_run_and_its_messages_meet_their_question(heard: Any, exchange: Any) -> None:
    reader, found = heard
    start = 1_800_000_000.0
    thread = "/v1/threads/thread_1"
    run = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1"}
    ended = {"status": "completed", "usage": {"prompt_tokens": 5, "completion_tokens": 6}}
    posted = {"id": "msg_1", "object": "thread.message", "thread_id": "thread_1", "role": "user"}
    listed = {
        "id": "msg_2",
        "role": "assistant",
        "run_id": "run_1",
        "content": [{"type": "text", "text": {"value": "Twenty-five."}}],
    }
    turns = [
        *reader.read(
            exchange(path=f"{thread}/messages", id="r:1", request={"role": "user", "content": "How many?"}, response=posted)
        ),
        *reader.read(
            exchange(
                path=f"{thread}/runs", id="r:2", at=start + 1, request={"assistant_id": "a"}, response={**run, "status": "queued"}
            )
        ),
        *reader.read(exchange(path=f"{thread}/runs/run_1", method="GET", id="r:3", at=start + 5, response={**run, **ended})),
    ]
    reader.read(exchange(path=f"{thread}/messages", method="GET", id="r:4", response={"object": "list", "data": [listed]}))
    (turn,) = grouped([Part.of(each) for each in turns])
    assert turn.duration == pytest.approx(0.4 + 4.4)  # the message, and from the run to the poll that says that it has ended
    assert [call.counts for call in turn.calls] == [(5, 0, 0, 6, 0)]
    assert joined(found) == [("r:1", "How many?", "Twenty-five.")]


def test_callbacks_that_come_before_their_question_has_ended_meet_it(understanding: Any, exchange: Any) -> None:
    found: list[Spoken] = []
    reader = understanding(preset=("rasa-callback", "rasa-answers"))
    reader.hear = found.append
    for at, text in ((1, "One moment."), (2, "Twenty-five.")):
        said = {"recipient_id": "u", "text": text}
        reader.read(exchange(path="/bot", id=f"r:{at}", at=1_800_000_000.0 + at, request=said, response=b"ok"))
    asked = {"sender": "u", "message": "How many days?"}
    reader.read(exchange(path="/webhooks/callback/webhook", id="r:0", request=asked, response=b"success"))
    assert joined(found) == [("r:0", "How many days?", "One moment.\nTwenty-five.")]
