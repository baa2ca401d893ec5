"""Opinions in what is read of an exchange: of people's new messages alone, of whole answers, and as the settings ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from proxy.kpi.events import Sentiment, Turn, Typed
from proxy.meaning.markers import MarkerFile
from proxy.meaning.presets import Preset
from proxy.meaning.understanding import Understanding
from proxy.settings.model import Assistant
from proxy.settings.opinions import Opinions
from tests.meaning.conftest import SECRET

CHAT = "/v1/chat/completions"


class Glad:
    """Judges every message alike, and remembers what it was given."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def score(self, text: str) -> Sentiment:
        self.heard.append(text)
        return Sentiment("positive", 0.5)


@pytest.fixture
def read(presets: Mapping[str, Preset], marker_files: Mapping[str, MarkerFile], exchange: Any) -> Any:
    def make(said: list[tuple[str, str]], answer: str = "Voilà.", *, opinions: Opinions | None = None, **changed: Any) -> Any:
        scorer = Glad()
        settings = Assistant(upstream="http://a", name="rh", preset="openai-chat", opinions=opinions or Opinions())
        reader = Understanding(settings, presets, marker_files, {}, SECRET, scorer)
        body = {"messages": [{"role": role, "content": text} for role, text in said]}
        response = {"id": "c1", "choices": [{"message": {"content": answer}, "finish_reason": "stop"}]}
        (event,) = reader.read(exchange(CHAT, body, response, **changed))
        assert isinstance(event, Turn)
        return event, scorer.heard

    return make


def test_the_new_message_is_judged_and_nothing_before_it(read: Any) -> None:
    turn, heard = read([("system", "Be awful"), ("user", "nul"), ("assistant", "Pardon"), ("user", "4/5")], "Notez-moi de 1 à 5.")
    assert heard == ["4/5"]
    assert turn.sentiment == Sentiment("positive", 0.5)
    assert turn.typed == Typed("five", satisfied=True, score=4.0, sure=True)
    assert turn.seeks == "five"


def test_a_tools_round_trip_has_no_message_and_may_end_with_a_question(read: Any) -> None:
    said = [("user", "4/5"), ("assistant", "."), ("tool", "42")]
    turn, heard = read(said, "Does Tuesday suit you?")
    assert (turn.continues, heard, turn.typed, turn.sentiment, turn.seeks) == (True, [], None, None, "question")


def test_what_no_person_made_is_not_judged(read: Any) -> None:
    turn, heard = read([("user", "👍")], headers={"x-synthetic": "1"})
    assert (turn.excluded, heard, turn.typed) == (True, [], None)


def test_an_answer_that_was_cut_asks_for_nothing(read: Any) -> None:
    turn, _ = read([("user", "bonjour")], "Dois-je réserver ?", ending="upstream_broken")
    assert turn.seeks == ""


def test_typed_ratings_are_read_only_where_the_settings_ask(read: Any) -> None:
    turn, _ = read([("user", "👍")], "Was this helpful?", opinions=Opinions(typed=False))
    assert (turn.typed, turn.seeks) == (None, "")


def test_no_word_of_the_message_is_in_the_turn(read: Any) -> None:
    turn, _ = read([("user", "merci parfait")])
    assert b"parfait" not in msgspec.json.encode(turn)
