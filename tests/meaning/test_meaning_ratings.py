"""Feedback: wire values to judgements, and feedback calls to ratings."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.kpi.events import Rating
from proxy.meaning.feedback import PIECES_LIMIT
from proxy.meaning.hashing import Keyed
from proxy.meaning.ratings import judge, named_scale
from proxy.settings.people import Identity
from tests.meaning.conftest import SECRET

KEYED = Keyed(SECRET)

WIRE: list[tuple[Any, Any, tuple[str, bool | None] | None]] = [
    (True, None, ("binary", True)),
    (False, None, ("binary", False)),
    ("like", None, ("binary", True)),
    ("Dislike", None, ("binary", False)),
    ("THUMBS_UP", None, ("binary", True)),
    ("thumbs-down", None, ("binary", False)),
    ("👍🏽", None, ("binary", True)),
    ("👎", None, ("binary", False)),
    ("❤️", None, ("five", True)),
    ("😐", None, ("five", None)),
    ("😡", None, ("five", False)),
    (-1, None, ("binary", False)),
    (0, None, ("binary", False)),
    (0.2, None, ("binary", False)),
    (0.7, "binary", ("binary", True)),
    (1, None, ("five", False)),
    (1, "binary", ("binary", True)),
    (3, None, ("five", None)),
    (4, None, ("five", True)),
    ("5", None, ("five", True)),
    (2, None, ("five", False)),
    (8, None, ("ten", True)),
    (6, None, ("ten", None)),
    (4, "ten", ("ten", False)),
    (9, "nps", ("nps", None)),
    (0, "nps", ("nps", None)),
    (11, None, None),
    (0, "five", None),
    (float("nan"), None, None),
    ("fine words", None, None),
    (None, None, None),
    ([], None, None),
    ({}, None, None),
]


@pytest.mark.parametrize(("value", "scale", "expected"), WIRE)
def test_wire_values(value, scale, expected):
    found = judge(value, {}, scale)
    assert (found and (found.scale, found.satisfied)) == expected


def test_scales_by_name():
    words: list[Any] = ["thumbs", "stars", 5, 10, "nps", "0-10", 7, None, []]
    assert [named_scale(value) for value in words] == [
        "binary",
        "five",
        "five",
        "ten",
        "nps",
        "nps",
        None,
        None,
        None,
    ]


CALLS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "dify like": (
        "/v1/messages/m-1/feedbacks",
        {"rating": "like", "user": "u"},
        {"satisfied": True, "message": "m-1", "user": "u"},
    ),
    "dify dislike": (
        "/v1/messages/m-1/feedbacks",
        {"rating": "dislike", "user": "u"},
        {"satisfied": False, "message": "m-1", "user": "u"},
    ),
    "dify revoked": (
        "/v1/messages/m-1/feedbacks",
        {"rating": None, "user": "u"},
        {"revoked": True, "message": "m-1", "user": "u"},
    ),
    "by message": ("/api/feedback", {"message_id": "c1", "rating": "up"}, {"satisfied": True, "message": "c1"}),
    "by conversation": (
        "/feedback",
        {"conversation_id": "s", "stars": 5},
        {"scale": "five", "satisfied": True, "score": 5.0, "conversation": "s"},
    ),
    "one star": ("/feedback", {"session_id": "s", "rating": 1}, {"scale": "five", "satisfied": False, "conversation": "s"}),
    "in the path": ("/conversations/s/feedback", {"score": 0}, {"scale": "binary", "satisfied": False, "conversation": "s"}),
    "a thumb": (
        "/feedbacks",
        {"session_id": "s", "thumb": "down", "user_id": "u"},
        {"satisfied": False, "conversation": "s", "user": "u"},
    ),
    "a thumb as a number": (
        "/feedback",
        {"session_id": "s", "thumbs": 1},
        {"scale": "binary", "satisfied": True, "conversation": "s"},
    ),
    "an emoji": ("/messages/m/rating", {"emoji": "😊"}, {"scale": "five", "satisfied": True, "message": "m"}),
    "open webui": (
        "/api/v1/evaluations/feedback",
        {"type": "rating", "data": {"rating": 1}, "meta": {"chat_id": "s", "message_id": "m"}},
        {"scale": "binary", "satisfied": True, "conversation": "s", "message": "m"},
    ),
    "nps": ("/feedback", {"session_id": "s", "nps": 9}, {"scale": "nps", "satisfied": None, "score": 9.0, "conversation": "s"}),
    "of ten": ("/feedback", {"session_id": "s", "score": 5, "max": 10}, {"scale": "ten", "satisfied": None, "conversation": "s"}),
    "only a user": ("/feedback", {"user": "u", "helpful": False}, {"satisfied": False, "user": "u", "derived": True}),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("preset", ["auto", ("openai-chat", "dify")])
def test_feedback_calls(name, preset, understanding, exchange):
    path, body, expected = CALLS[name]
    (rating,) = understanding(preset=preset).read(exchange(path, body, {"result": "success"}))
    assert isinstance(rating, Rating)
    conversation = expected.get("conversation")
    message = expected.get("message")
    user = expected.get("user")
    assert rating.user == (KEYED.user(user) if user else None)
    assert rating.message == (KEYED.message("rh", message) if message else None)
    if expected.get("derived"):
        assert rating.conversation == KEYED.derived("rh", KEYED.user("u"))
    else:
        assert rating.conversation == (KEYED.conversation("rh", conversation) if conversation else None)
    assert rating.revoked is expected.get("revoked", False)
    for field in ("scale", "satisfied", "score"):
        if field in expected:
            assert getattr(rating, field) == expected[field]


def test_a_rating_names_the_turns_answer(understanding, exchange):
    reader = understanding()
    answer = {"id": "chatcmpl-9", "choices": [{"message": {"content": "Bonsoir"}}]}
    (turn,) = reader.read(exchange("/v1/chat/completions", {"messages": [{"role": "user", "content": "Bonjour"}]}, answer))
    (rating,) = reader.read(exchange("/feedback", {"message_id": "chatcmpl-9", "rating": 5}))
    assert rating.message in turn.messages


def test_a_rating_finds_the_conversation_that_the_settings_find_in_questions_alone(understanding, exchange):
    reader = understanding(identity=Identity(conversation=("body:ids.thread",)))
    (turn,) = reader.read(exchange("/chat", {"message": "Bonjour", "ids": {"thread": "c1"}}, {"answer": "Bonsoir"}))
    (rating,) = reader.read(exchange("/feedback", {"conversation_id": "c1", "rating": 5}))
    assert rating.conversation == turn.conversation is not None
    (other,) = reader.read(exchange("/feedback", {"ids": {"thread": "c2"}, "conversation_id": "c1", "rating": 5}))
    assert other.conversation == KEYED.conversation("rh", "c2")
    (named,) = reader.read(exchange("/messages/m/rating", {"conversation_id": "not-a-thread", "rating": 5}))
    assert (named.conversation, named.message) == (None, KEYED.message("rh", "m"))


def test_each_score_of_a_list_is_a_rating_of_its_own(understanding, exchange):
    scores = [
        {"traceId": "t1", "sessionId": "s1", "name": "user-feedback", "value": 0, "dataType": "BOOLEAN"},
        {"traceId": "t1", "name": "hallucination", "value": 0.2},
        {"traceId": "t2", "sessionId": "s2", "name": "csat", "value": 5},
        {"traceId": "t3", "name": "csat", "value": "high"},
    ]
    ratings = understanding().read(exchange("/api/public/scores", scores, {}))
    assert [(rating.id, rating.scale, rating.satisfied, rating.message) for rating in ratings] == [
        ("relay:1", "binary", False, KEYED.message("rh", "t1")),
        ("relay:1.1", "five", True, KEYED.message("rh", "t2")),
    ]


def test_of_a_very_long_list_of_scores_the_first_thousand_are_read(understanding, exchange):
    scores = [{"traceId": f"t{at}", "name": "csat", "value": 5} for at in range(PIECES_LIMIT + 1)]
    assert len(understanding().read(exchange("/api/public/scores", scores, {}))) == PIECES_LIMIT
