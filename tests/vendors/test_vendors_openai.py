"""OpenAI's and Anthropic's clients, where LiteLLM's canned answers (tests/e2e) say too little."""

from __future__ import annotations

import pytest

from tests.vendors.conftest import Talk
from tests.vendors.house import House

pytestmark = pytest.mark.e2e


def test_responses_assistants_and_azure(house: House, talk: Talk) -> None:
    assert talk("openai_apis") == [
        "You said hello",
        "You said again",
        ["transfer_to_human"],
        "You said someone comes",
        ["response.created", "response.failed"],
        "Later.",
        "You said hello",
        ["completed", "msg_2"],
        "You said hello",
        "You said again",
        "content_filter",
    ]
    house.expect(
        "openai_apis",
        {
            "turns ok": 4 + 2 + 2,  # the result of a tool and what is polled for are no turns
            "turns error": 1,
            "turns blocked": 1,
            "tokens gpt-5-mini input": 7 * 4,
            "tokens gpt-5-mini output": 7 * 3,
            "tokens gpt-4o-mini input": 4,
            "tokens gpt-4o-mini output": 3,
            "sessions_started": 6,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen openai-responses path_and_shape": 7,
            "presets_chosen openai-assistants path_and_shape": 6,
            "presets_chosen azure-openai path_and_shape": 3,
        },
        {"all": 6, "automated": 3, "handed over": 1, "requested": 1, "failed": 2},
        people=2,
    )


def test_realtime_by_text_and_by_speech(house: House, talk: Talk) -> None:
    assert talk("openai_realtime") == [
        ["completed", "You said hello"],
        ["completed", "You said speech"],
        ["completed", ""],
        ["completed", "You said someone comes"],
        ["failed", ""],
    ]
    house.expect(
        "openai_realtime",
        {
            "turns ok": 3,  # a tool's result goes on with the turn
            "turns error": 1,
            "tokens gpt-realtime input": 4 * 4,
            "tokens gpt-realtime output": 4 * 3,
            "sessions_started": 1,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen openai-realtime path_and_shape": 1,
        },
        {"all": 1, "handed over": 1, "requested": 1},
    )


def test_anthropic_with_a_tool_a_refusal_and_failures(house: House, talk: Talk) -> None:
    heard = talk("anthropic_messages")
    assert heard[:-1] == [15, ["thinking", "text"], ["tool_use"], ["thinking", "text"], [], 529, "You said again"]
    assert "overloaded_error" in heard[-1]
    house.expect(
        "anthropic_messages",
        {
            "turns ok": 3,
            "turns no_answer": 1,
            "turns error": 2,
            "tokens claude-0 input": 6 * (3 + 10 + 2),
            "tokens claude-0 cached": 6 * 10,
            "tokens claude-0 written": 6 * 2,
            "tokens claude-0 output": 4 * 5 + 6,  # of the broken stream the count had not come
            "sessions_started": 4,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "rules_hits no_answer": 1,
            "presets_chosen anthropic-messages path_and_shape": 7,
        },
        {"all": 4, "handed over": 1, "requested": 1, "failed": 2, "no answer": 1},
        people=1,
    )
