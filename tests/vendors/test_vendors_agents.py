"""Agents' protocols, with the servers and clients of those who made them: A2A, AG-UI, LangChain's, Vercel's, MCP."""

from __future__ import annotations

import pytest

from tests.vendors.conftest import Talk
from tests.vendors.house import House

pytestmark = pytest.mark.e2e


def test_a2a_in_four_dialects_whole_and_streamed(house: House, talk: Talk) -> None:
    heard = talk("a2a_agent")
    assert ["JSONRPC", "0.3", False, "hello", "task TASK_STATE_COMPLETED ['You said ', 'hello']"] in heard
    assert ["HTTP+JSON", "1.0", True, "when", "task TASK_STATE_SUBMITTED []", "TASK_STATE_INPUT_REQUIRED ['When?']"] in heard
    conversations = 2 * 2 * 2
    house.expect(
        "a2a_agent",
        {
            "turns ok": 4 * conversations,
            "turns error": conversations,
            "sessions_started": conversations,
            "handovers protocol": conversations,
            "handovers_status requested": conversations,
            "rules_hits handover_started": conversations,
            "rules_hits handover_requested": conversations,
            "rules_hits user_input_required": conversations,
            "presets_chosen a2a shape": 5 * conversations // 2,
            "presets_chosen a2a path_and_shape": 5 * conversations // 2,
        },
        {"all": conversations, "handed over": conversations, "requested": conversations},
        people=1,
    )


def test_ag_ui(house: House, talk: Talk) -> None:
    heard = talk("agui_agent")
    assert [run["content"] for run in heard] == ["You said hello", "", "Someone is coming.", "You said desk", "break"]
    assert heard[1]["tools"] == ["transfer_to_human"]
    assert heard[-1]["types"] == ["RUN_STARTED", "RUN_ERROR"]
    house.expect(
        "agui_agent",
        {
            "turns ok": 3,
            "turns error": 1,
            "tokens  input": 4 * 50,  # as Pydantic AI's function model counts
            "tokens  output": 3 + 1 + 4 + 3,
            "sessions_started": 3,
            "handovers protocol": 1,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 2,
            "rules_hits handover_requested": 1,
            "presets_chosen ag-ui shape": 5,
        },
        {"all": 3, "handed over": 2, "requested": 1, "failed": 1},
        people=1,
    )


@pytest.mark.slow
def test_langgraph(house: House, talk: Talk) -> None:
    heard = talk("langgraph_server")
    assert heard[0][-1] == ["messages/partial", ["You said hello"]]
    assert [piece for event, piece in heard[1] if event == "messages"][:2] == ["You said ", "again"]
    assert heard[2][-1][1][0][-1] == ["ai", "You said more"]
    assert heard[4] == "You said hello"
    assert heard[5][-1][1][1] is True  # it waits for a person
    assert heard[6] == "Approved: yes"
    assert heard[7][-1] == ["error", {"error": "ValueError", "message": "the model is broken"}]
    house.expect(
        "langgraph_server",
        {
            "turns ok": 6,
            "turns error": 1,
            "tokens told-1 input": 5 * 4,
            "tokens told-1 output": 5 * 2,
            "sessions_started": 3,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "rules_hits user_input_required": 1,
            "presets_chosen langgraph path_and_shape": 8,
        },
        {"all": 3, "automated": 1, "handed over": 1, "requested": 1, "failed": 1},
        people=1,
    )


def test_langserve(house: House, talk: Talk) -> None:
    assert talk("langserve_chain") == ["You said hello", ["You said ", "again"], ["transfer_to_human"], 500, 500]
    house.expect(
        "langserve_chain",
        {
            "turns ok": 3,
            "turns error": 2,
            "tokens  input": 3 * 4,
            "tokens  output": 3 * 2,
            "sessions_started": 2,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen langserve path_and_shape": 5,
        },
        {"all": 2, "handed over": 1, "requested": 1, "failed": 1},
        people=1,
    )


def test_vercel_ui(house: House, talk: Talk) -> None:
    heard = talk("vercel_ui")
    assert [part["text"] for message in heard for part in message["parts"] if part["type"] == "text"] == [
        "You said hello",
        "You said hello",
        "You said after the tool",
    ]
    assert heard[4]["parts"] == [{"type": "data-handoff", "data": {"queue": "rh"}}]
    assert heard[5]["errors"] == ["the model is broken"]
    house.expect(
        "vercel_ui",
        {
            "turns ok": 4,
            "turns error": 1,
            "tokens  input": 4 * 4,
            "tokens  output": 4 * 2,
            "sessions_started": 3,
            "handovers tool_call": 1,
            "handovers protocol": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 2,
            "rules_hits handover_requested": 1,
            "presets_chosen vercel-ui header": 6,
        },
        {"all": 3, "handed over": 2, "requested": 1, "failed": 1},
        people=1,
    )


def test_mcp_beside_a_chat(house: House, talk: Talk) -> None:
    heard = talk("mcp_tools")
    assert [found for found, *_ in heard[:4]] == ["2026-07-28", "Handed over to rh.", "2025-11-25", "Handed over to rh."]
    house.expect(
        "mcp_tools",
        {"turns ok": 1, "sessions_started": 1, "presets_chosen openai-chat path_and_shape": 1},
        {"all": 1, "automated": 1},
        people=1,
    )
