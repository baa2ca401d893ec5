"""Phrases: what is hard to tell, the known traps, and a bounded cost. The held list stands in test_meaning_vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proxy.meaning.examples import marker_faults
from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.markers import ASSISTANT_CLASSES, Markers, classed, snake
from proxy.meaning.patterns import Filter
from proxy.meaning.phrases import prepare, sentences
from proxy.meaning.tables import RulesError

PHRASES = Path(__file__).parents[1] / "corpus" / "phrases"

ASSISTANT = {
    "started": [
        "Je n'ai pas la réponse, je vous mets en relation avec un conseiller.",
        "I'm sorry, I can't help with that, but I'll connect you with a live agent.",
        "JE VOUS METS EN RELATION\u00a0AVEC UN CONSEILLER !",
    ],
    "offered": [
        "Vous pouvez demander un conseiller à tout moment.",
        "Would you like to be transferred to a human assistant?",
        "vous pouvez appeler un conseiller au 01 23 45 67 89.",
        "You can reach our support team at any time.",
    ],
    "refused": [
        "All our advisors are busy.",
        "Tous nos conseillers sont occupés.",
    ],
    "ticket_created": [
        "Un ticket a été ouvert, un technicien va vous contacter.",
        "I've logged a ticket and our support team will call you back.",
    ],
    "refused_policy": ["I'm not allowed to discuss this."],
    "none": [
        "You don't need to speak to an agent for that.",
        "You can open a ticket in the portal.",
        'The sentence "I am transferring you to a human agent" is an example.',
        "```\nprint('I am transferring you to a human agent')\n```",
        "I'm connecting to the database.",
    ],
}
USER = {
    True: [
        "Bonjour, conseiller svp",
        "rappelez-moi",
        "get me a manager",
    ],
    False: [
        'Translate "I want to talk to a human"',
        "no need to talk to a human",
        "how does knowledge transfer work",
    ],
}


@pytest.fixture(scope="session")
def markers(marker_files):
    return Markers(marker_files.values())


def handover(markers: Markers, text: str) -> str:
    return classed(markers.assistant(text), ASSISTANT_CLASSES)[0]


@pytest.mark.parametrize(("text", "expected"), [(text, expected) for expected, texts in ASSISTANT.items() for text in texts])
def test_what_the_assistant_says(markers, text, expected):
    assert handover(markers, text) == expected
    assert handover(markers, f"Bonjour, merci de votre message. {text} À bientôt sur notre site.") == expected


@pytest.mark.parametrize(("text", "expected"), [(text, expected) for expected, texts in USER.items() for text in texts])
def test_what_the_user_wants(markers, text, expected):
    assert ("handover_requested" in {mark.kind for mark in markers.user(text)}) is expected


def test_files_keep_their_word(marker_files):
    for file in marker_files.values():
        assert marker_faults(file) == ()
        assert file.examples


def test_no_rule_hits_that_its_words_ruled_out(marker_files):
    sides = [side for file in marker_files.values() for side in (file.assistant, file.user) if side]
    rules = [rule for side in sides for rule in (*side.rules, *side.offered)]
    words = Filter([rule.pattern for rule in rules])
    lines = [line for file in PHRASES.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    hits = 0
    for line in lines[::5]:
        text = prepare(json.loads(line)["text"])
        hit = {at for at, rule in enumerate(rules) if rule.pattern.hits(text)}
        assert hit <= set(words.may(text)), text
        hits += len(hit)
    assert hits > len(lines) // 5


def test_every_rule_that_is_asked_of_sentences_needs_words(marker_files):
    # One without a word is tried on every sentence of every text.
    sides = [side for file in marker_files.values() for side in (file.assistant, file.user) if side and not side.whole]
    rules = [rule for side in sides for rule in (*side.rules, *side.offered)]
    assert [rules[at].id for at in Filter([rule.pattern for rule in rules]).may(b"jours et nuits")] == []


def test_an_entry_of_a_list_is_a_sentence(markers):
    assert handover(markers, "Voici la suite :\n- Je vous mets en relation avec un conseiller.") == "started"
    assert [mark.kind for mark in markers.user("Deux choses :\n* un conseiller svp")] == ["handover_requested"]


def test_a_regret_in_a_long_answer_is_no_fallback(markers):
    long = "Les congés se posent dans l'outil, avec l'accord du responsable. " * 8
    regret = "Je ne dispose pas de cette information."
    assert [mark.kind for mark in markers.assistant(regret)] == ["no_answer"]
    assert markers.assistant(long + regret) == ()
    assert [mark.kind for mark in markers.assistant(regret + " " + long)] == ["no_answer"]


def test_evidence_names_the_rule(markers):
    (mark,) = markers.assistant("Je passe la main.")
    assert (mark.source, mark.rule) == ("phrase_assistant", "handover-fr/passe-la-main")


def test_the_operators_own_tools(marker_files):
    markers = Markers(marker_files.values(), handover_tools=("ouvrirTchatAgence",))
    (mark,) = markers.tools(["ouvrir_tchat_agence"])
    assert (mark.kind, mark.source, mark.rule) == ("handover_started", "tool_call", "settings/handover_tools")


def test_phrases_can_be_switched_off(marker_files):
    markers = Markers(marker_files.values(), phrases=False)
    assert markers.assistant("Je passe la main à un collègue.") == ()
    assert markers.user("conseiller") == ()
    assert markers.tools(["human_handoff"])


def test_tool_names_have_one_spelling():
    names = ["transferToHuman", "TransferToHuman", "transfer-to-human", "transfer_to_human", "TRANSFER TO HUMAN"]
    assert {snake(name) for name in names} == {"transfer_to_human"}


def test_text_is_bounded():
    assert len(prepare("a. " * 1_000_000)) <= 33 * 1024
    assert len(sentences(prepare("a. " * 1_000_000))) == 400


def test_faults_of_a_marker_file():
    with pytest.raises(RulesError) as caught:
        compile_markers(
            {"x": {"title": "T", "words": {"w": "a"}, "user": {"thanks": {"r": "{nope}", "q": "(?!a)"}, "naer": 1}, "tool": {}}}
        )
    assert [fault.path for fault in caught.value.faults] == ["x.user.thanks.r", "x.user.thanks.q", "x.user.naer", "x.tool"]
