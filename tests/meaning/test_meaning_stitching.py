"""Conversations that no id tells: found by what the client says again, on any host, through edits, forks and cut histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.events import Turn
from proxy.meaning.hashing import Keyed
from proxy.meaning.stitching import question, replayed, trail
from proxy.settings.people import Identity
from proxy.store.keys import Keys
from proxy.store.places import placed

CHAT = "/v1/chat/completions"
Ask = Callable[..., Turn]


@pytest.fixture
def ask(understanding, exchange) -> Ask:
    """Ask with a history of alternating texts; each call is read by an observer of its own."""
    number = iter(range(1000))

    def make(*texts: str, answer: str, headers: Any = None, **body: Any) -> Turn:
        roles = ("user", "assistant")
        messages = [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]
        reply = {"choices": [{"message": {"content": answer}, "finish_reason": "stop"}]}
        asked = {"messages": [{"role": "system", "content": f"It is {next(number)} o'clock."}, *messages], **body}
        (turn,) = understanding().read(
            exchange(CHAT, asked, reply, id=f"r.{next(number)}", client="10.0.0.1", headers=headers or {})
        )
        assert isinstance(turn, Turn)
        return turn

    return make


def conversations(*turns: Turn) -> list[int]:
    """The conversation of each turn, numbered as they come up."""
    places = [event.conversation for event in placed(Keys("rh"), turns, {})[0] if isinstance(event, Turn)]
    assert None not in places
    return [list(dict.fromkeys(places)).index(place) for place in places]


def test_a_replayed_history_is_one_conversation(ask: Ask) -> None:
    one = ask("Hi", answer="Hello")
    two = ask("Hi", "Hello", "Holidays?", answer="12 days")
    three = ask("Hi", "Hello", "Holidays?", "12 days", "Thanks", answer="Bye")
    assert conversations(one, two, three) == [0, 0, 0]
    assert all(turn.derived for turn in (one, two, three))


def test_two_chats_of_one_person_are_two_conversations(ask: Ask) -> None:
    turns = [
        ask("Hi", answer="Hello", user="u"),
        ask("Badge?", answer="Ask the desk", user="u"),
        ask("Hi", "Hello", "Holidays?", answer="12 days", user="u"),
        ask("Badge?", "Ask the desk", "Where?", answer="There", user="u"),
    ]
    assert conversations(*turns) == [0, 1, 0, 1]


def test_people_who_begin_alike_are_told_apart(ask: Ask) -> None:
    turns = [ask("Hi", answer="Hello", user=user) for user in ("u", "v")]
    turns += [ask("Hi", "Hello", "Go on", answer="Yes", user=user) for user in ("u", "v")]
    assert conversations(*turns) == [0, 1, 0, 1]


def test_a_cut_history_is_found_by_its_end(ask: Ask) -> None:
    one = ask("Hi", answer="Hello")
    two = ask("Hi", "Hello", "Holidays?", answer="12 days")
    three = ask("Holidays?", "12 days", "Thanks", answer="Bye")
    assert conversations(one, two, three) == [0, 0, 0]


def test_an_edit_and_a_fork_share_what_is_before_them(ask: Ask) -> None:
    one = ask("Hi", answer="Hello")
    two = ask("Hi", "Hello", "Holidays?", answer="12 days")
    edited = ask("Hi", "Hello", "Sick days?", answer="3 days")
    fork = ask("Hi", "Hello", "Sick days?", "3 days", "Thanks", answer="Bye")
    assert conversations(one, two, edited, fork) == [0, 0, 0, 0]


def test_one_person_who_asks_the_first_question_again_wants_another_answer(ask: Ask) -> None:
    one, two = ask("Hi", answer="Hello", user="u"), ask("Hi", answer="Hello there", user="u")
    assert conversations(one, two) == [0, 0]
    assert (one.asked, one.history, two.history) == (two.asked, True, True)


def test_people_without_a_name_who_begin_alike_are_people_each(ask: Ask) -> None:
    """All behind one backend, and the assistant greets them with the same words: each goes on in a conversation of its own."""
    greeted = [ask("bonjour", answer="Bonjour !") for _ in range(50)]
    went_on = [ask("bonjour", "Bonjour !", "congés ?", answer="25 jours") for _ in range(30)]
    thanked = [ask("bonjour", "Bonjour !", "congés ?", "25 jours", "merci", answer="De rien") for _ in range(20)]
    places = conversations(*greeted, *went_on, *thanked)
    assert places[:50] == list(range(50))
    assert len(set(places[50:80])) == 30
    assert len(set(places[80:]) & set(places[50:80])) == 20


def test_one_without_a_name_who_edits_a_question_stays_in_the_conversation(ask: Ask) -> None:
    begun = ask("bonjour", answer="Bonjour !")
    turns = [ask("bonjour", "Bonjour !", text, answer="Oui") for text in ("congés ?", "RTT ?", "RTT ?")]
    assert conversations(begun, *turns) == [0, 0, 0, 0]


def test_a_first_question_that_was_not_answered_is_gone_on_from(ask: Ask) -> None:
    unanswered = ask("Hi", answer="")
    messages = [{"role": "user", "content": text} for text in ("Hi", "Are you there?")]
    assert conversations(unanswered, ask("Hi", answer="Yes", messages=messages)) == [0, 0]


def test_an_idempotency_key_tells_the_attempts_of_one_call(ask: Ask) -> None:
    key = {"idempotency-key": "k1"}
    turns = [ask("Hi", answer="Hello", headers=key), ask("Hi", answer="Hello"), ask("Hi", answer="Hello", headers=key)]
    assert conversations(*turns) == [0, 1, 0]


def test_a_service_account_has_conversations_as_people_have(understanding, exchange) -> None:
    reader = understanding(identity=Identity(exclude=("svc-*",)))
    reply = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}
    turns = []
    for number, user in enumerate(("svc-1", "svc-2", "svc-1")):
        body = {"messages": [{"role": "user", "content": "Hi"}], "user": user}
        turns += reader.read(exchange(CHAT, body, reply, id=f"r.{number}"))
    assert conversations(*turns) == [0, 1, 0]
    assert [(turn.excluded, turn.user) for turn in turns] == [(True, None)] * 3


def test_an_unknown_history_is_the_users(ask: Ask) -> None:
    lost = ask("Hi", "an answer that was edited", "Go on", answer="Yes", user="u")
    more = ask("Else", "edited too", "Go on", answer="Yes", user="u")
    assert conversations(lost, more) == [0, 0]


def test_the_round_trip_of_a_tool_belongs_to_its_question(understanding, exchange) -> None:
    question = {"role": "user", "content": "Weather?"}
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "weather"}}]}
    first = {"choices": [{"message": call, "finish_reason": "tool_calls"}]}
    final = {"choices": [{"message": {"content": "Sunny"}, "finish_reason": "stop"}]}
    result = {"role": "tool", "content": "sun"}
    reader = understanding()
    turns = [
        *reader.read(exchange(CHAT, {"messages": [question]}, first, id="r.1")),
        *reader.read(exchange(CHAT, {"messages": [question, call, result]}, final, id="r.2")),
        *reader.read(
            exchange(
                CHAT,
                {
                    "messages": [
                        question,
                        call,
                        result,
                        {"role": "assistant", "content": "Sunny"},
                        {"role": "user", "content": "Ok"},
                    ]
                },
                final,
                id="r.3",
            )
        ),
    ]
    assert [turn.continues for turn in turns] == [False, True, False]
    assert conversations(*turns) == [0, 0, 0]


def test_an_id_on_the_wire_beats_what_was_said(ask: Ask) -> None:
    one = ask("Hi", answer="Hello", metadata={"conversation_id": "c1"})
    two = ask("Hi", "Hello", "Go on", answer="Yes", metadata={"conversation_id": "c2"})
    assert conversations(one, two) == [0, 1]
    assert not one.derived


def test_answers_that_name_the_one_before_are_one_conversation(understanding, exchange) -> None:
    def ask(text: str, answer: str, **body: Any) -> Turn:
        reply = {
            "id": answer,
            "status": "completed",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": "x"}]}],
        }
        (turn,) = understanding().read(exchange("/v1/responses", {"input": text, "user": "u", **body}, reply, id=answer))
        assert isinstance(turn, Turn)
        return turn

    one = ask("Hi", "a")
    turns = [one, ask("Hi", "b"), ask("yes", "c", previous_response_id="a"), ask("no", "d", previous_response_id="b")]
    assert conversations(*turns) == [0, 1, 0, 1]
    found = [event for event in placed(Keys("rh"), turns, {})[0] if isinstance(event, Turn)]
    assert [turn.derived for turn in found] == [False] * 4
    again = ask("yes", "e", previous_response_id="c")
    assert again.asked != turns[2].asked


def test_what_is_read_of_messages() -> None:
    items = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "Hi "}, {"type": "image_url"}, {"text": 7}]},
        {"role": "model", "parts": [{"text": "Hello"}, "x"]},
        {"role": "tool", "content": "42"},
        {"role": "assistant", "content": None},
        7,
    ]
    assert replayed(items) == [(True, "Hi"), (False, "Hello x")]
    assert replayed({"role": "user"}) == []
    assert len(replayed([{"role": "user", "content": "x"}] * 1000)) == 400


json_values: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["role", "content", "parts", "text"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=5), st.text(max_size=5), st.booleans())
def test_any_value_no_exception(items: list[Any], answer: str, continues: bool) -> None:
    keyed = Keyed(b"s")
    if (last := question(keyed, "u", replayed(items))) is not None:
        trail(keyed, last, answer, continues=continues, named=continues)


def test_what_was_said_is_hashed_once() -> None:
    # A conversation of n messages takes as many hashes, and some for the turn: its cost grows with its length, no faster.
    class Counting(Keyed):
        said_times = 0

        def said(self, before: str, text: str, *, person: bool) -> str:
            self.said_times += 1
            return super().said(before, text, person=person)

    def times(messages: int) -> int:
        keyed = Counting(b"s")
        last = question(keyed, "u", [(at % 2 == 0, f"words {at}") for at in range(messages)])
        assert last is not None
        trail(keyed, last, "answer", continues=False, named=True)
        return keyed.said_times

    assert [times(messages) for messages in (1, 21, 201)] == [2, 26, 206]
