"""Clients of models' APIs: Ollama, Mistral, Amazon Bedrock and Lex."""

from __future__ import annotations

import pytest

from tests.vendors.conftest import Talk
from tests.vendors.house import House

pytestmark = pytest.mark.e2e


def test_ollama(house: House, talk: Talk) -> None:
    assert talk("ollama_chat") == [
        "You said hello",
        "You said again",
        "",
        "transfer_to_human",
        "-1 the model runner has stopped",
        '404 model "none" not found',
        "Because.",
    ]
    house.expect(
        "ollama_chat",
        {
            "turns ok": 4,
            "turns error": 2,
            "tokens llama3.2 input": 3 * 26 + 2,
            "tokens llama3.2 output": 3 * 5 + 3,
            "sessions_started": 1,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen ollama-chat path_and_shape": 6,
        },
        {"all": 1, "handed over": 1, "requested": 1},
        people=1,
    )


def test_mistral(house: House, talk: Talk) -> None:
    heard = talk("mistral")
    assert heard[:4] == ["You said hello", "", "escalate_to_live_agent", 400]
    assert heard[4][-1] == "soir"
    assert [event["type"] for event in heard[5]][1:3] == ["agent.handoff.done", "message.output.delta"]
    assert heard[7][-1] == {"type": "conversation.response.error", "message": "overloaded", "code": 3505}
    house.expect(
        "mistral",
        {
            "turns ok": 5,
            "turns error": 2,
            "tokens mistral-small-latest input": 3 * 4 + 2 * 10,
            "tokens mistral-small-latest output": 3 * 2 + 2 * 3,
            "sessions_started": 2,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "rules_hits ai_transfer": 1,
            "presets_chosen mistral-chat path_and_shape": 4,
            "presets_chosen mistral-conversations path_and_shape": 3,
        },
        {"all": 2, "failed": 1, "handed over": 1, "requested": 1},
        people=1,
    )


def test_bedrock_and_lex(house: House, talk: Talk) -> None:
    heard = talk("aws")
    assert heard[3] == "ThrottlingException"
    assert [event["contentBlockDelta"]["delta"]["text"] for event in heard[4][1:3]] == ["Bon", "soir"]
    assert heard[5] == "modelStreamErrorException"
    assert heard[6:] == ["About Book.", "About Book.", "About FallbackIntent.", "About SpeakToAgent."]
    house.expect(
        "aws",
        {
            "turns ok": 6,
            "turns blocked": 1,
            "turns error": 2,
            "turns no_answer": 1,
            "tokens eu.anthropic.claude-sonnet-4-v1:0 input": 4 * 4,
            "tokens eu.anthropic.claude-sonnet-4-v1:0 output": 4 * 2,
            "sessions_started": 3,
            "handovers tool_call": 1,
            "handovers protocol": 1,
            "handovers_status requested": 2,
            "rules_hits handover_started": 2,
            "rules_hits handover_requested": 2,
            "rules_hits resolved": 1,
            "rules_hits no_answer": 1,
            "presets_chosen bedrock-converse path_and_shape": 6,
            "presets_chosen lex-v2 path_and_shape": 4,
        },
        {"all": 3, "automated": 1, "confirmed": 1, "handed over": 2, "requested": 2},
        people=3,
    )
