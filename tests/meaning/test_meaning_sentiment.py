"""How messages sound: each rule with the trap beside it, own words, and bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.events import Sentiment
from proxy.meaning.lexicons import ENTRIES, compile_lexicons, compile_own
from proxy.meaning.sentiment import SCAN, LexiconScorer, OwnWords
from proxy.meaning.tables import RulesError
from proxy.settings.files import raw_lexicons

SCORER = LexiconScorer(compile_lexicons(raw_lexicons()))


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("Parfait, réponse très claire", "positive"),
        ("Ce n'est pas clair", "negative"),
        ("This is not good", "negative"),
        ("Pas mal du tout", "positive"),
        ("How do I cancel a failed payment?", "neutral"),
        ("how do i cancel a failed payment", "neutral"),
        ("The payment failed", "undecided"),
        ("The payment failed again", "negative"),
        ("The payment failed but it is fixed now", "positive"),
        ("Great, another error", "negative"),
        ("Bravo, encore une erreur", "negative"),
        ("It was slow but the answer is perfect", "positive"),
        ("The answer is perfect but it was awful to wait", "negative"),
        ("Translate: your service is awful", "neutral"),
        ("Traduis « c'est nul »", "neutral"),
        ('He wrote "this is useless", where do I file it?', "neutral"),
        ("Are you kidding me?", "negative"),
        ("😡", "negative"),
        ("👍", "positive"),
        ("merci d'avance", "neutral"),
        ("My number is twelve and my room is on the first floor", "undecided"),
        ("Ich möchte bitte wissen wann das Büro schließt", "undecided"),
        ("oui", "neutral"),
        ("I WANT IT NOW !!!", "negative"),
        ("La réponse n'est toujours pas résolue", "negative"),
        ("It would be fixed by Friday, they wrote", "undecided"),
        ("Mon mot de passe est mauvais", "undecided"),
        ("Votre mot de passe est mauvais", "negative"),
        ("The projector in room 4 does not work", "undecided"),
        ("This does not work", "negative"),
        ("J'ai pas reçu mon badge", "undecided"),
        ("toujours pas recu mon badge", "negative"),
        ("4e mail et pas de réponse du service", "negative"),
        ("mon compte est bloqué comment le débloquer", "neutral"),
        ("c'est nul, comment on fait ?", "negative"),
        ("super, et pour les cadres ?", "neutral"),
        ("Merci pour la précision, ça m'évite une erreur", "neutral"),
        ("durée du préavis cadre de la chimie", "neutral"),
        ("You said three days, it has been nine", "negative"),
        ("You said it is on the first floor", "undecided"),
    ],
)
def test_rules_and_their_traps(text: str, feeling: str) -> None:
    assert SCORER.score(text).feeling == feeling


@pytest.mark.parametrize(
    ("weak", "strong"), [("un peu utile", "très utile"), ("helpful", "really helpful"), ("useful", "useful!!!")]
)
def test_words_beside_it_make_a_feeling_weaker_or_stronger(weak: str, strong: str) -> None:
    assert SCORER.score(weak).score < SCORER.score(strong).score


def test_the_middle_of_a_long_message_is_not_read() -> None:
    filler = "Le dossier est là. " * 100
    assert SCORER.score(f"{filler}{'nul ' * 3}{filler}").feeling == "undecided"
    assert SCORER.score(f"{filler}C'est nul").feeling == "negative"
    assert len(filler) > SCAN


@given(st.text(max_size=700))
def test_every_text_has_a_score_between_the_ends(text: str) -> None:
    found = SCORER.score(text)
    assert -1.0 <= found.score <= 1.0
    assert found.feeling != "undecided" or found.score == 0.0


def test_own_words_decide_and_the_rules_judge_the_rest() -> None:
    own = compile_own({"own.yaml": {"words": {"usine à gaz": -2, "Ça roule": 2.5}}})["own.yaml"]
    scorer = OwnWords(own, SCORER)
    assert scorer.score("Parfait, quelle usine à gaz").feeling == "negative"
    assert scorer.score("ça roule").feeling == "positive"
    assert scorer.score("C'est nul") == SCORER.score("C'est nul")
    assert scorer.score("usine à gaz, ça roule") == Sentiment("undecided")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ({"words": {"nul": -4}}, "-3 to 3"),
        ({"words": {"nul": "bad"}}, "-3 to 3"),
        ({"words": {"nul": True}}, "-3 to 3"),
        ({"words": {"a b c d e f g": 1}}, "one to 6 words"),
        ({"words": {"👍": 1}}, "one to 6 words"),
        ({"words": {}}, "has no word"),
        ({"words": {"nul": -1}, "wörds": {}}, "wörds"),
        ({"words": {f"w{at}": 1 for at in range(ENTRIES + 1)}}, "more than"),
        ([], "mapping"),
    ],
)
def test_a_list_with_a_fault_is_refused_with_its_place(raw: object, fault: str) -> None:
    with pytest.raises(RulesError) as error:
        compile_own({"own.yaml": raw})
    assert fault in str(error.value)
    assert all(each.path.startswith("own.yaml") for each in error.value.faults)
