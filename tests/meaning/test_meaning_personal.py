"""What names a person by its shape is taken out of texts; what does not, stays readable."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.personal import redacted


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("écris à jean.dupont@example.org merci", "écris à [mail] merci"),
        ("jean.dupont (at) exemple.fr", "[mail]"),
        ("prénom.é@bücher.de", "[mail]"),
        ("au 06 12 34 56 78.", "au [phone]."),
        ("au 06.12.34.56.78", "au [phone]"),
        ("+33 6 12 34 56 78", "[phone]"),
        ("+33 (0)6\u00a012\u00a034\u00a056\u00a078", "[phone]"),
        ("0049 30 1234567", "[phone]"),
        ("call (555) 123-4567 now", "call [phone] now"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", "IBAN [account] merci"),
        ("de89370400440532013000", "[account]"),
        ("carte 4970 1012 3456 7893", "carte [number]"),
        ("4970-1012-3456-7893", "[number]"),
        ("1 85 05 78 006 084 36", "[number]"),
        ("dossier 1234567", "dossier [number]"),
        ("my password: hunter2!", "my [secret]"),
        ("le mot de passe est azerty", "le mot de [secret]"),
        ("sk-proj-abcdefghijkl0123", "[token]"),
        ("Authorization: Bearer abcdefghijkl.mnopqr", "Authorization: [token]"),
        ("https://jean:secret@intranet.example.org/x", "[login]@intranet.example.org/x"),
        ("host 10.1.2.3", "host [address]"),
    ],
)
def test_what_names_a_person_by_its_shape_is_taken_out(said: str, left: str) -> None:
    assert redacted(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "Combien de jours de congé ai-je en 2026 ?",
        "le 2026-11-23 à 14:30, de 2024-01-01 à 2025-12-31",
        "10 000 euros, 1 234 567 euros, 25,5 %",
        "articles L1234-5 et R4321-1 du code du travail",
        "ticket 12345, version 3.11.7, 2 à 4 semaines",
        "A password must have twelve characters.",
    ],
)
def test_ordinary_sentences_stay(said: str) -> None:
    assert redacted(said) == said


@given(st.text(max_size=500))
def test_any_text_is_taken_and_a_second_pass_finds_nothing_more(text: str) -> None:
    found = redacted(text)
    assert redacted(found) == found


def test_long_hostile_texts_take_no_time() -> None:
    begun = process_time()
    for piece in ("1 ", "a@", "0", "+33 ", "AA11 ", "eyJ."):
        redacted(piece * 5000)
    assert process_time() - begun < 5.0  # quadratic work would take minutes
