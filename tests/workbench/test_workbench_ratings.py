"""Ratings that are called otherwise, in other languages or by nothing: proposed with what speaks for them, and then read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from proxy.kpi.events import Rating
from proxy.settings.model import Assistant, Settings
from proxy.settings.yaml import read_yaml
from proxy.workbench.proposing import propose
from proxy.workbench.ruleset import Ruleset


@pytest.fixture
def talk(exchange):
    """Six turns of three conversations, each followed by a call of its own: `{ref}` and `{thread}` stand for the turn's ids."""

    def make(path: str, calls: Sequence[Mapping[str, Any]], method: str = "POST") -> list[Any]:
        recorded = []
        for number, call in enumerate(calls):
            ids = {"ref": f"r-9000{number}", "thread": f"th-471{number // 2}"}
            asked = {"thread": ids["thread"], "words": f"where do I go with the form number {number}"}
            answer = {"said": "To the second floor, please, and then left.", "ref": ids["ref"], "thread": ids["thread"]}
            recorded.append(exchange("/talk", asked, answer, at=number))
            body = {key: value.format(**ids) if isinstance(value, str) else value for key, value in call.items()}
            recorded.append(exchange(path.format(**ids), body, {"saved": True}, at=number + 0.5, method=method))
        return recorded

    return make


def proposed(recorded: Sequence[Any]) -> tuple[Any, str, list[Rating]]:
    """The feedback sections that are proposed, the whole text, and the ratings that they read of the same recording."""
    proposal, _ = propose(recorded, "mine")
    text = proposal.text()
    preset = read_yaml(text, "mine")
    assert isinstance(preset, dict)
    assistant = Assistant(name="assistant", upstream="http://a")
    secret = secrets.token_bytes(32)
    reading = Ruleset(Settings(assistants=(assistant,))).with_preset("mine", proposal.raw, assistant, secret)
    events = [event for each in recorded for event in reading.read(each)]
    return preset.get("feedback", []), text, [event for event in events if isinstance(event, Rating)]


def test_a_verdict_is_told_by_its_words(talk):
    calls = [{"about": "{ref}", "hand": hand} for hand in ("up", "down", "up", "down")]
    (feedback,), text, ratings = proposed(talk("/votes", calls))
    assert (feedback["score"], feedback["message"]) == ("hand", ["about"])
    assert '# medium: the route "votes", values: down, up, it names an answer' in text
    assert [each.satisfied for each in ratings] == [True, False, True, False]


@pytest.mark.parametrize(
    ("path", "field", "values", "scale", "satisfied"),
    [
        ("/bewertung", "bewertung", [4, 1, 5, 3], "five", [True, False, True, None]),
        ("/api/x1", "satisfaction_score", ["good", "bad", "good", "bad"], None, [True, False, True, False]),
        ("/api/retours", "pouce", ["haut", "bas", "haut", "haut"], None, [True, False, True, True]),
        ("/encuesta", "valor", [9, 10, 2, 6], "ten", [True, True, False, None]),
        ("/api/umfrage", "empfehlung", [0, 10, 9, 7], "nps", [None] * 4),
        ("/notation", "utile", [True, False, True, True], None, [True, False, True, True]),
    ],
)
def test_ratings_in_other_languages(talk, path, field, values, scale, satisfied):
    (feedback,), text, ratings = proposed(talk(path, [{"thread": "{thread}", field: value} for value in values]))
    assert feedback["score"] == field
    assert feedback.get("scale") == scale
    assert feedback["conversation"] == ["thread"]
    assert all(each in text for each in ("values: ", *{str(value).lower() for value in values}))
    assert [each.satisfied for each in ratings] == satisfied
    assert all(each.conversation for each in ratings)


def test_a_number_beside_an_answers_id_is_a_guess_and_its_scale_another(talk):
    (feedback,), text, ratings = proposed(talk("/v2/evaluations", [{"messageRef": "{ref}", "value": 1}] * 4))
    assert (feedback["score"], feedback["scale"], feedback["message"]) == ("value", "binary", ["messageRef"])
    assert "only 1 was seen, a thumb; if it is one star of five, write five" in text
    assert [each.satisfied for each in ratings] == [True] * 4

    (feedback,), text, ratings = proposed(talk("/v2/x", [{"r": "{ref}", "k": value} for value in (1, -1, 1, 1)]))
    assert (feedback["score"], feedback["scale"], feedback["message"]) == ("k", "binary", ["r"])
    assert "# low: values: -1, 1, it names an answer: ask what it says" in text
    assert [each.satisfied for each in ratings] == [True, False, True, True]


def test_the_route_names_conversation_and_answer(talk):
    path = "/gespraeche/{thread}/antworten/{ref}/sterne"
    (feedback,), _, ratings = proposed(talk(path, [{"wert": value} for value in (5, 2, 4, 1)], method="PUT"))
    assert feedback["match"]["path"] == "^/gespraeche/(?P<conversation>[^/]+)/antworten/(?P<message>[^/]+)/sterne$"
    assert (feedback["message"], feedback["conversation"]) == (["path:message"], ["path:conversation"])
    assert len({each.message for each in ratings}) == 4
    assert len({each.conversation for each in ratings}) == 2


def test_words_that_nobody_knows_are_asked_about(talk):
    calls = [{"thread": "{thread}", "bewertung": word} for word in ("super", "naja", "super", "gut", "super", "gut")]
    (feedback,), text, ratings = proposed(talk("/bewertung", calls))
    assert feedback["score"] == "bewertung"
    assert "# values: {'naja': up, 'super': up}" in text
    assert [each.satisfied for each in ratings] == [True, True]  # "gut" is known


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/generate", {"ref": "{ref}", "page": 2}),  # a counter; and "generate" does not say "rate"
        ("/notes", {"thread": "{thread}", "note": "call back"}),
        ("/talk/typing", {"thread": "{thread}", "on": True}),
        ("/stars", {"catalogue": "{ref}", "magnitude": 4000}),
    ],
)
def test_what_is_no_rating(talk, path, call):
    feedback, _, ratings = proposed(talk(path, [call] * 4))
    assert (feedback, ratings) == ([], [])
