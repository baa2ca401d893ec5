"""Held lists: cases that the rules were asked to fulfil, numbered, so that none can be lost unseen.

Those of expressions: what one field of a preset gives on one document. Those of phrases: what is said, and its class. A
document stands as the reader gives it to rules (a frame with its event's name, a desk's call with its body).
"""

from __future__ import annotations

from typing import Any

import pytest

from proxy.meaning.choosing import Call, Choosing
from proxy.meaning.facts import FactReader
from proxy.meaning.functions import false
from proxy.meaning.markers import ASSISTANT_CLASSES, Markers, classed
from proxy.meaning.paths import compile_expression
from proxy.settings.files import raw_presets

EXPRESSIONS: dict[int, tuple[str, str, str, Any, Any]] = {
    1: (
        "openai-chat",
        "request",
        "text",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Bonjour"}, {"type": "image_url"}]}]},
        "Bonjour",
    ),
    2: (
        "openai-chat",
        "response",
        "tools",
        {"choices": [{"message": {"tool_calls": [{"function": {"name": "transfer_to_human"}}]}}]},
        ["transfer_to_human"],
    ),
    3: ("openai-chat", "event", "text", {"choices": [], "usage": {"prompt_tokens": 1}}, None),
    4: (
        "openai-responses",
        "request",
        "text",
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "yo"}]}]},
        "yo",
    ),
    5: ("openai-responses", "event", "text", {"type": "response.function_call_arguments.delta", "delta": "{"}, None),
    6: (
        "openai-responses",
        "event",
        "final",
        {"type": "response.failed", "response": {"error": {"code": "server_error"}}},
        {"error": {"code": "server_error"}},
    ),
    7: (
        "openai-assistants",
        "event",
        "text",
        {"object": "thread.message.delta", "delta": {"content": [{"index": 0, "type": "text", "text": {"value": "Hello"}}]}},
        "Hello",
    ),
    8: (
        "anthropic-messages",
        "event",
        "text",
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "z"}},
        None,
    ),
    9: (
        "gemini",
        "response",
        "text",
        {"candidates": [{"content": {"parts": [{"text": "t", "thought": True}, {"text": "A"}]}}]},
        "A",
    ),
    10: ("gemini", "response", "tokens_out", {"usageMetadata": {"candidatesTokenCount": 2, "thoughtsTokenCount": 5}}, 7),
    11: ("bedrock-converse", "event", "error", {"throttlingException": {"message": "x"}}, "throttlingException"),
    12: ("rasa-rest", "response.marks", "handover_started", [{"text": "handoff_to_human"}], [{"text": "handoff_to_human"}]),
    13: ("rasa-rest", "response.marks", "handover_started", [{"text": "Hey"}], None),
    14: (
        "directline",
        "response.marks",
        "handover_started",
        {"activities": [{"type": "event", "name": "handoff.initiate"}]},
        [{"type": "event", "name": "handoff.initiate"}],
    ),
    15: (
        "dialogflow-cx",
        "response.marks",
        "handover_started",
        {"queryResult": {"responseMessages": [{"liveAgentHandoff": {}}]}},
        [{"liveAgentHandoff": {}}],
    ),
    16: ("dialogflow-cx", "response.marks", "handover_started", {"error": {"status": "X"}}, None),
    17: ("lex-v2", "response.marks", "handover_started", {"sessionState": {"intent": {"name": "SpeakToAgent"}}}, True),
    18: ("voiceflow", "response", "text", [{"type": "text", "payload": {"message": "hi"}}, {"type": "end"}], "hi"),
    19: ("voiceflow", "response", "text", {"traces": [{"type": "text", "payload": {"message": "hi"}}]}, "hi"),
    20: ("dify", "event", "error", {"event": "error", "status": 400, "code": "x"}, "x"),
    21: ("flowise", "event", "text", {"event": "", "data": {"event": "token", "data": "hello"}}, "hello"),
    22: (
        "langgraph",
        "event",
        "whole",
        {"event": "messages/partial", "data": [{"type": "ai", "content": [{"type": "text", "text": "Hel"}]}]},
        "Hel",
    ),
    23: ("chainlit", "event", "text", ["stream_token", {"id": "1", "token": "a", "isSequence": False, "isInput": False}], "a"),
    24: ("vercel-ui", "event", "text", {"type": "reasoning-delta", "delta": "x"}, None),
    25: ("ag-ui", "event.marks", "handover_started", {"type": "CUSTOM", "name": "PredictState"}, None),
    26: ("a2a", "response", "conversation", {"result": {"kind": "message", "contextId": "c3"}}, "c3"),
    27: (
        "a2a",
        "response",
        "text",
        {"result": {"kind": "artifact-update", "artifact": {"parts": [{"kind": "text", "text": "sec1"}]}}},
        "sec1",
    ),
    29: ("chatwoot-status", "request.marks", "handover_started", {"body": {"status": "open"}}, True),
}
"""By number: preset, section, field, document, what is found; None for nothing."""
MORE: list[tuple[str, str, str, Any, Any]] = [
    ("openai-chat", "response", "error", {"error": {"message": "m", "type": "t", "code": None}}, "t"),
    ("openai-responses", "request", "text", {"input": "yo"}, "yo"),
    ("openai-responses", "request", "continues", {"input": "yo"}, None),
    ("openai-responses", "request", "continues", {"input": [{"type": "function_call_output"}]}, True),
    ("openai-responses", "response", "error", {"error": {"code": "server_error"}}, "server_error"),
    ("anthropic-messages", "event", "error", {"type": "error", "error": {"type": "overloaded_error"}}, "overloaded_error"),
    ("rasa-rest", "response", "text", [{"text": "a"}, {"image": "i"}, {"text": "b"}], "a b"),
    ("anthropic-messages", "response", "finish", {"stop_reason": "refusal"}, "refusal"),
    ("dify", "event", "error", {"event": "node_finished", "data": {"status": "failed"}}, "node_failed"),
]
"""Others of the same form, found on the way."""
TOOLS = 28
"""The number of the one that is no expression: a tool called over MCP is no turn, and nothing tells whose question led to it."""
ASSISTANT: dict[int, tuple[str, str]] = {
    1: ("Je vous mets en relation avec un conseiller.", "started"),
    2: ("Je vous mets en relation avec l’un de nos conseillers, merci de patienter.", "started"),
    3: ("Je transfère votre demande à notre équipe support.", "started"),
    4: ("Un conseiller va prendre le relais dans quelques instants.", "started"),
    5: ("Un de nos conseillers va vous recontacter.", "started"),
    6: ("Vous allez être mis en relation avec un opérateur.", "started"),
    7: ("Je passe la main à un collègue.", "started"),
    8: ("Votre demande a été transmise à un agent.", "started"),
    9: ("Transfert en cours vers un conseiller…", "started"),
    10: ("I'm transferring you to a human agent now.", "started"),
    11: ("Let me connect you with a live agent.", "started"),
    12: ("I've escalated this to our support team.", "started"),
    13: ("You are being transferred to a representative.", "started"),
    14: ("A human agent will be with you shortly.", "started"),
    15: ("One of our specialists will get back to you.", "started"),
    16: ("Please hold while I transfer you to a representative.", "started"),
    17: ("Merci de patienter, je vous transfère vers un conseiller.", "started"),
    18: ("Souhaitez-vous être mis en relation avec un conseiller ?", "offered"),
    19: ("Je peux vous mettre en relation avec un conseiller si besoin.", "offered"),
    20: ("Would you like me to connect you with a human agent?", "offered"),
    21: ("If you'd like, I can transfer you to a representative.", "offered"),
    22: ("Should I transfer you to a human agent?", "offered"),
    23: ("Je ne peux pas vous transférer vers un conseiller.", "refused"),
    24: ("I'm unable to transfer you to a human agent.", "refused"),
    25: ("No agents are available right now.", "refused"),
    26: ("To transfer money to human resources, fill form B.", "none"),
    27: ("Pour le transfert du salaire, contactez les ressources humaines.", "none"),
    28: ("Le transfert de fichiers est en cours.", "none"),
    29: ("An AI agent will help you with this.", "none"),
    30: ("The operator + concatenates strings.", "none"),
    31: ("L'opérateur `+` concatène.", "none"),
    32: ("Human error is the most common cause.", "none"),
    33: ("En français : « Je vous mets en relation avec un conseiller ».", "none"),
    34: ("You can connect the live wire to the human-readable panel.", "none"),
    35: ("Your file has been transferred to the server.", "none"),
    36: ("You will be connected to the VPN automatically.", "none"),
    37: ("Votre agent immobilier va vous recontacter.", "none"),
    38: ("Your request has been forwarded to the database.", "none"),
}
"""By number: what the assistant says, its class."""
USER: dict[int, tuple[str, bool]] = {
    39: ("Je veux parler à un humain", True),
    40: ("je voudrais parler à un conseiller svp", True),
    41: ("Passez-moi un conseiller", True),
    42: ("Mettez-moi en relation avec un agent", True),
    43: ("conseiller", True),
    44: ("un humain s'il vous plaît", True),
    45: ("parler avec une vraie personne", True),
    46: ("Je veux un vrai conseiller", True),
    47: ("talk to a human", True),
    48: ("I want to speak to a real person", True),
    49: ("agent please", True),
    50: ("connect me to customer service representative", True),
    51: ("can I chat with a live agent?", True),
    52: ("get me a human", True),
    53: ("REPRESENTATIVE!!!", True),
    54: ("I don't want to talk to a bot, give me a human", True),
    55: ("y a-t-il un humain ?", True),
    56: ("transfer money to human resources", False),
    57: ("Comment contacter les ressources humaines ?", False),
    58: ("what are human rights", False),
    59: ("je veux parler anglais", False),
    60: ("Je veux transférer de l'argent à mon conseiller", False),
    61: ("I need a human readable format", False),
    62: ("write an email to our agent in Paris", False),
    63: ("I want to get to the next level", False),
    64: ("how do I connect my phone to the car", False),
    65: ("what does the operator do in SQL", False),
    66: ("je cherche un agent immobilier", False),
    67: ("Je n'ai pas besoin de parler à un conseiller", False),
}
"""By number, going on: what the user says, whether a human is asked for."""


@pytest.fixture(scope="module")
def markers(marker_files):
    return Markers(marker_files.values())


def test_none_is_missing():
    assert sorted([*EXPRESSIONS, TOOLS]) == list(range(1, 30))
    assert [*ASSISTANT, *USER] == list(range(1, 68))
    assert len({text for text, _ in [*ASSISTANT.values(), *USER.values()]}) == 67


@pytest.mark.parametrize(("preset", "section", "field", "document", "expected"), [*EXPRESSIONS.values(), *MORE])
def test_an_expression_reads_what_it_should(preset, section, field, document, expected):
    table: Any = raw_presets()[preset]
    for key in section.split("."):
        table = table[key]
    found = compile_expression(table[field])(document)
    assert found == expected if expected is not None else false(found)


def test_a_tool_called_over_mcp_is_no_turn(presets):
    call = Call(
        "POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "transfer_to_human"}}, {}, {}
    )
    assert Choosing(presets, "auto", FactReader()).choose(call) == "tools"


@pytest.mark.parametrize("number", ASSISTANT)
def test_what_the_assistant_says(markers, number):
    text, expected = ASSISTANT[number]
    for said in (text, f"Bonjour, merci de votre message. {text} À bientôt sur notre site."):
        assert classed(markers.assistant(said), ASSISTANT_CLASSES)[0] == expected


@pytest.mark.parametrize("number", USER)
def test_what_the_user_wants(markers, number):
    text, expected = USER[number]
    assert ("handover_requested" in {mark.kind for mark in markers.user(text)}) is expected
