"""How typed words are read: short forms, letters held down, numbers, slips, and the words that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.lexicons import compile_lexicons, folded, tokens
from proxy.meaning.sentiment import LexiconScorer
from proxy.meaning.spelling import SLIPS, spelling
from proxy.meaning.tables import RulesError
from proxy.settings.files import raw_lexicons

LEXICONS = compile_lexicons(raw_lexicons())
SCORER = LexiconScorer(LEXICONS)
SPELLED = spelling({"jai": ("j'", "ai"), "ne": ()}, {"incompetent", "cool", "nul", "contenue"}, {"incompetent", "nul"})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("jai ne nul", ["j'", "ai", "nul"]),
        ("cooool nuuuul", ["cool", "nul"]),
        ("17 3e 3eme 2nd b12 8h30", ["0", "0e", "0e", "0e", "b12", "8h30"]),
        ("incompetant incompeten inncompetent incomeptent incompetents", ["incompetant", *["incompetent"] * 4]),
        ("contenue contenu", ["contenue", "contenu"]),
        ("nu, nl.", ["nu", ",", "nl", "."]),
    ],
)
def test_typed_words_are_read_as_the_lists_have_them(typed: str, read: list[str]) -> None:
    assert SPELLED.read(tokens(typed)) == read


@pytest.mark.parametrize(
    ("typed", "feeling"),
    [
        ("jai tjs pas de reponse", "negative"),
        ("cest nuuuul", "negative"),
        ("this is anoying and disapointing", "negative"),
        ("it doesnt wrok", "negative"),
        ("merciiii bcp", "positive"),
        ("le contenu du dossier est en annexe", "undecided"),
        ("the garage is on level two", "undecided"),
    ],
)
def test_messages_sound_as_they_are_meant(typed: str, feeling: str) -> None:
    assert SCORER.score(typed).feeling == feeling


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_no_word_of_the_lists_is_a_slip_of_another(language: str) -> None:
    read = LEXICONS[language].spelling
    assert [word for word in read.known - read.forms.keys() if not word[0].isdigit() and read.read([word]) != [word]] == []
    assert min(map(len, read.marked)) >= SLIPS


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    for lexicon in LEXICONS.values():
        assert all(lexicon.spelling.read(tokens(folded(text))))


def test_a_form_that_is_no_text_is_a_fault() -> None:
    raw = raw_lexicons()
    with pytest.raises(RulesError, match=r"fr\.spelled\.deux: text is needed"):
        compile_lexicons({"fr": {**dict(raw["fr"]), "spelled": {"deux": 0}}})  # type: ignore[call-overload]  # plain data of YAML
