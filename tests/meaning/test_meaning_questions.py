"""Messages as sketches: what is kept of their words, and what is not."""

import msgspec
import pytest

from proxy.kpi.echo import Sketch
from proxy.meaning.questions import LONGEST, WORDS, sketch, topic

KEY = b"one person, one conversation"


def made(text: str, key: bytes = KEY, *, thanks: bool = False) -> Sketch:
    found = sketch(text, key, thanks=thanks)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Comment me faire rembourser un taxi ?", "Le remboursement des taxis"),
        ("Où sont les FACTURES réglées ?", "facture réglée"),
        ("How do I install the printers?", "printer installation"),
    ],
)
def test_the_topic_is_the_same_in_other_forms(one: str, other: str):
    assert made(one).words == made(other).words or set(made(one).words) == set(made(other).words)


def test_words_that_any_question_has_tell_no_topic():
    assert topic(["comment", "puis", "je", "faire", "la", "procedure"]) == topic(["how", "do", "i", "get", "the"]) == []


def test_hashes_of_another_person_or_conversation_are_other_ones():
    mine, yours = made("Comment poser des congés ?"), made("Comment poser des congés ?", b"another")
    assert not set(mine.words) & set(yours.words)
    assert mine.whole != yours.whole


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Comment poser une RTT ?", "how"),
        ("How much is it?", "much"),
        ("À quelle heure ouvre la cantine ?", "when"),
        ("Où se trouve la salle ?", "where"),
        ("Why is it red?", "why"),
        ("Qui valide mes congés ?", "who"),
        ("Quel est mon solde ?", ""),
    ],
)
def test_what_a_question_asks_for(text: str, kind: str):
    assert made(text).kind == kind


def test_cues():
    assert made("Et le samedi ?").sequel
    assert made("Merci, et pour mars ?").sequel
    assert made("Non, je parlais de la prime d'ancienneté").anew
    assert made("That’s not what I asked").anew
    assert not made("Merci beaucoup", thanks=True).asks
    assert not made("Hier j'ai déposé le dossier complet au guichet et tout allait bien").asks


def test_without_words_there_is_none_and_a_long_text_is_like_no_other():
    assert sketch("  👍 !? ", KEY, thanks=False) is None
    long = made("Résume : " + "un contrat de travail " * LONGEST)
    assert (long.words, long.asks) == ((), False)


def test_a_sketch_is_as_small_as_the_docs_say_and_holds_no_word():
    many = made(" ".join(f"mot{at}" for at in range(WORDS * 4)) + " ?")
    assert len(many.words) == WORDS
    assert len(msgspec.msgpack.encode(many)) <= 140
    usual = msgspec.msgpack.encode(made("Comment me faire rembourser un taxi pris de nuit ?"))
    assert len(usual) <= 45
    assert b"tax" not in usual
    assert b"rembou" not in usual
