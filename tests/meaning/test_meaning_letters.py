"""Letters: the table of Latin-1 and the signs beside it give what NFKD gives of each letter."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.letters import spelled

LETTERS = {"\u2019": "'", "\u2018": "'", "œ": "oe", "æ": "ae"}


def letter(sign: str) -> bytes:
    small = sign.lower()
    return unicodedata.normalize("NFKD", LETTERS.get(small, small)).encode("ascii", "ignore").lower()


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Où est l’ACCUEIL ?", b"ou est l'accueil ?"),
        ("Ma sœur, ex æquo à ½", b"ma soeur, ex aequo a 12"),
        ("10\u00a0€ – déjà… payé", b"10   deja... paye"),
        ("Œuvre \U0001f44d ﬁnie ™", b"oeuvre  finie tm"),
        ("привет", b""),
    ],
)
def test_one_spelling(text: str, spelling: bytes):
    assert spelled(text) == spelling


@given(
    st.text(
        st.one_of(
            st.characters(max_codepoint=255), st.sampled_from("’‘œŒ–…€\U0001f44dﬁ™İк"), st.characters(exclude_categories=["Cs"])
        )
    )
)
def test_each_letter_by_itself(text: str):
    assert spelled(text) == b"".join(map(letter, text))
