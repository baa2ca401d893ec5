"""Phrases: the vectors the rules were written against, the known traps, and a bounded cost."""

from __future__ import annotations

import pytest

from proxy.meaning.examples import marker_faults
from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.markers import ASSISTANT_CLASSES, Markers, classed, snake
from proxy.meaning.phrases import prepare, sentences
from proxy.meaning.tables import RulesError

ASSISTANT = {
    "started": [
        "Je vous mets en relation avec un conseiller.",
        "Je vous mets en relation avec l’un de nos conseillers, merci de patienter.",
        "Je transfère votre demande à notre équipe support.",
        "Un conseiller va prendre le relais dans quelques instants.",
        "Un de nos conseillers va vous recontacter.",
        "Vous allez être mis en relation avec un opérateur.",
        "Je passe la main à un collègue.",
        "Votre demande a été transmise à un agent.",
        "Transfert en cours vers un conseiller…",
        "I'm transferring you to a human agent now.",
        "Let me connect you with a live agent.",
        "I've escalated this to our support team.",
        "You are being transferred to a representative.",
        "A human agent will be with you shortly.",
        "One of our specialists will get back to you.",
        "Please hold while I transfer you to a representative.",
        "Merci de patienter, je vous transfère vers un conseiller.",
        "Je n'ai pas la réponse, je vous mets en relation avec un conseiller.",
        "I'm sorry, I can't help with that, but I'll connect you with a live agent.",
        "JE VOUS METS EN RELATION\u00a0AVEC UN CONSEILLER !",
    ],
    "offered": [
        "Souhaitez-vous être mis en relation avec un conseiller ?",
        "Je peux vous mettre en relation avec un conseiller si besoin.",
        "Would you like me to connect you with a human agent?",
        "If you'd like, I can transfer you to a representative.",
        "Should I transfer you to a human agent?",
        "Vous pouvez demander un conseiller à tout moment.",
        "Would you like to be transferred to a human assistant?",
        "vous pouvez appeler un conseiller au 01 23 45 67 89.",
        "You can reach our support team at any time.",
    ],
    "refused": [
        "Je ne peux pas vous transférer vers un conseiller.",
        "I'm unable to transfer you to a human agent.",
        "No agents are available right now.",
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
        "To transfer money to human resources, fill form B.",
        "Pour le transfert du salaire, contactez les ressources humaines.",
        "Le transfert de fichiers est en cours.",
        "An AI agent will help you with this.",
        "The operator + concatenates strings.",
        "L'opérateur `+` concatène.",
        "Human error is the most common cause.",
        "En français : « Je vous mets en relation avec un conseiller ».",
        'The sentence "I am transferring you to a human agent" is an example.',
        "```\nprint('I am transferring you to a human agent')\n```",
        "You can connect the live wire to the human-readable panel.",
        "Your file has been transferred to the server.",
        "You will be connected to the VPN automatically.",
        "Votre agent immobilier va vous recontacter.",
        "Your request has been forwarded to the database.",
        "I'm connecting to the database.",
    ],
}
USER = {
    True: [
        "Je veux parler à un humain",
        "je voudrais parler à un conseiller svp",
        "Passez-moi un conseiller",
        "Mettez-moi en relation avec un agent",
        "conseiller",
        "un humain s'il vous plaît",
        "parler avec une vraie personne",
        "Je veux un vrai conseiller",
        "talk to a human",
        "I want to speak to a real person",
        "agent please",
        "connect me to customer service representative",
        "can I chat with a live agent?",
        "get me a human",
        "REPRESENTATIVE!!!",
        "I don't want to talk to a bot, give me a human",
        "y a-t-il un humain ?",
        "Bonjour, conseiller svp",
        "rappelez-moi",
        "get me a manager",
    ],
    False: [
        "transfer money to human resources",
        "Comment contacter les ressources humaines ?",
        "what are human rights",
        "je veux parler anglais",
        "Je veux transférer de l'argent à mon conseiller",
        "I need a human readable format",
        "write an email to our agent in Paris",
        "I want to get to the next level",
        "how do I connect my phone to the car",
        "what does the operator do in SQL",
        "je cherche un agent immobilier",
        "Je n'ai pas besoin de parler à un conseiller",
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
