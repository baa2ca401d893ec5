"""Which words of a question become themes, of which turns, and that a share says nothing by itself."""

import msgspec
import pytest

from proxy.kpi.events import Mark, MarkKind, TurnResult
from proxy.kpi.topics import opened
from proxy.meaning.topics import Sealing, singular, themes

SECRET = b"of the installation"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quel est mon solde de congés ?", ["conge solde"]),
        ("Comment faire ?", []),
        ("Le badge ?", ["badge"]),
        ("Où est le dossier 45-B de marie.durand@example.org ou https://example.org/marie ?", ["dossier"]),
        ("Pourquoi le virement de Durand manque", ["manque virement"]),
        ("Comment poser une RTT ?", ["poser rtt"]),
        ("Je veux parler à un conseiller pour mon virement", ["virement"]),
    ],
)
def test_themes_are_pairs_of_words_that_say_something(text: str, expected: list[str]):
    assert themes(text) == expected


def test_a_long_question_has_ten_themes_at_most():
    assert len(themes("alpha bravo charlie delta golfe hotel inde juliette kilo lima mike oscar")) == 10


@pytest.mark.parametrize(
    ("result", "marks", "count"),
    [
        ("no_answer", (), 1),
        ("ok", ("no_answer",), 1),
        ("ok", ("handover_started",), 1),
        ("ok", (), 0),
        ("error", (), 0),
        ("no_answer", ("handover_requested",), 0),
    ],
)
def test_only_what_got_no_answer_is_kept(result: TurnResult, marks: tuple[MarkKind, ...], count: int):
    found = Sealing(SECRET, "rh", 5).shares(
        "Quel est mon solde de congés ?", "u", result, tuple(Mark(kind, "protocol", "r") for kind in marks)
    )
    assert len(found) == count


def test_nobody_known_adds_nothing():
    assert Sealing(SECRET, "rh", 5).shares("solde de congés", None, "no_answer", ()) == ()


def test_five_people_open_what_four_cannot_and_no_part_names_anybody():
    sealing = Sealing(SECRET, "rh", 5)
    shares = [sealing.shares("solde congés", f"user {at}", "no_answer", ())[0] for at in range(5)]
    assert len({share.theme for share in shares}) == len({share.sealed for share in shares}) == 1
    parts = {share.person: share.part for share in shares}
    assert opened(shares[0].sealed, parts, 5) == "conge solde"
    assert opened(shares[0].sealed, dict(list(parts.items())[:4]), 5) is None
    encoded = b"".join(map(msgspec.msgpack.encode, shares))
    assert not any(word in encoded for word in (b"conge", b"solde", b"user"))


def test_one_person_is_another_name_in_each_theme_and_assistant_and_the_same_in_one():
    sealing = Sealing(SECRET, "rh", 5)
    one, other = [sealing.shares(text, "u", "no_answer", ())[0] for text in ("badge", "virement")]
    assert one.person != other.person
    assert one == sealing.shares("Le badge ?", "u", "no_answer", ())[0]
    assert one.theme != Sealing(SECRET, "it", 5).shares("badge", "u", "no_answer", ())[0].theme
    assert one.theme != Sealing(SECRET, "rh", 6).shares("badge", "u", "no_answer", ())[0].theme


@pytest.mark.parametrize(
    ("word", "one"),
    [
        *(
            ("conges", "conge"),
            ("heures", "heure"),
            ("bureaux", "bureau"),
            ("cheveux", "cheveu"),
            ("invoices", "invoice"),
            ("photos", "photo"),
        ),
        *(
            (word, word)
            for word in ("bonus", "status", "process", "devis", "choix", "index", "parcours", "deces", "temps", "prix", "cas")
        ),
    ],
)
def test_a_plural_is_its_singular_and_what_looks_like_one_is_left(word: str, one: str) -> None:
    assert singular(word) == one
