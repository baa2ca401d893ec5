"""Which messages may rate an answer, what an answer asks for, and both together in what is read of an exchange."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.events import Typed
from proxy.meaning.typed import LONGEST, seeks, typed


@pytest.mark.parametrize(
    ("text", "scale", "satisfied", "score"),
    [
        ("👍", "binary", True, 1.0),
        ("👍🏽👍🏽", "binary", True, 1.0),
        ("👎", "binary", False, 0.0),
        ("merci parfait", "binary", True, 1.0),
        ("thanks, great", "binary", True, 1.0),
        ("nul", "binary", False, 0.0),
        ("C'est nul !", "binary", False, 0.0),
        ("Très utile, merci", "binary", True, 1.0),
        ("⭐⭐⭐⭐", "five", True, 4.0),
        ("★★☆☆☆", "five", False, 2.0),
        ("4/5", "five", True, 4.0),
        ("3 sur 5", "five", None, 3.0),
        ("two stars", "five", False, 2.0),
        ("10/10", "ten", True, 10.0),
        ("I'd give it 7/10", "ten", None, 7.0),
        ("0/10", "ten", False, 0.0),
        ("😡", "five", False, 1.0),
        ("4", None, None, 4.0),
        ("oui merci", None, True, None),
        ("not really", None, False, None),
    ],
)
def test_verdicts(text: str, scale: str | None, satisfied: bool | None, score: float | None) -> None:
    found = typed(text)
    assert found is not None
    assert (found.scale, found.satisfied, found.score) == (scale, satisfied, score)


@pytest.mark.parametrize(
    "text",
    [
        *("4/5 of the budget", "top 10", "merci parfait mais il me manque le formulaire", "c'est nul ?", "merci", "ok thanks"),
        *("elle a dit « parfait »", '"perfect"', "7/5", "12/10", "24/7", "", " ", "\n", "...", "👍👎", "good", "bonne"),
        *("parfait, et pour les stagiaires ?", "perfect " * 10, "10/10/2026", "un match nul", "555"),
    ],
)
def test_traps(text: str) -> None:
    assert typed(text) is None


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("Voici les horaires.", ""),
        ("Notez cette réponse de 1 à 5.", "five"),
        ("Please rate our chat on a scale of 1 to 10", "ten"),
        ("How likely are you to recommend us, from 0 to 10?", "nps"),
        ("Cette réponse vous a-t-elle aidé ?", "binary"),
        ("Was this answer helpful?", "binary"),
        ("Puis-je vous aider pour autre chose ?", ""),
        ("Is there anything else I can help you with?", ""),
        ("Mardi vous convient-il ?", "question"),
        ("Rate limits apply. " * 50 + "Here you are.", ""),
    ],
)
def test_what_an_answer_asks_for(answer: str, asked: str) -> None:
    assert seeks(answer) == asked


@given(st.text(max_size=2 * LONGEST))
def test_no_text_is_too_strange(text: str) -> None:
    found = typed(text)
    assert found is None or isinstance(found, Typed)
    assert seeks(text) in {"", "question", "binary", "five", "ten", "nps"}
