"""Platforms for bots: Botpress, Chainlit, Dify, Direct Line, Flowise, Rasa, Voiceflow; and presets that compose."""

from __future__ import annotations

from unittest.mock import ANY

import pytest

from tests.vendors.conftest import Talk
from tests.vendors.house import House

pytestmark = pytest.mark.e2e


def test_botpress(house: House, talk: Talk) -> None:
    assert talk("botpress") == [
        ["message_created", {"type": "text", "text": "You said hello"}],
        ["message_created", {"type": "text", "text": "You said agent"}],
        ["event_created", {"handoff": True}],
    ]
    house.expect(
        "botpress",
        {
            "turns ok": 2,
            "sessions_started": 1,
            "handovers protocol": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen botpress-chat path_and_shape": 3,
        },
        {"all": 1, "handed over": 1, "requested": 1},
        people=1,
    )


def test_dify(house: House, talk: Talk) -> None:
    pieces = ["agent_message"] * 3
    assert talk("dify") == [
        "You said hello",
        [*pieces, "message", "message_end"],
        ["error"],
        "You said bob's",
        "app_unavailable",
    ]
    house.expect(
        "dify",
        {
            "turns ok": 3,
            "turns error": 2,
            "tokens  input": 3 * 4,
            "tokens  output": 3 * 2,
            "sessions_started": 2,
            "feedback binary true": 1,
            "feedback binary false": 1,
            "presets_chosen dify path_and_shape": 5,
        },
        {"all": 2, "automated": 1, "failed": 1, "rated": 1},
        people=2,
    )


def test_direct_line_by_polling(house: House, talk: Talk) -> None:
    assert talk("directline") == [
        ["message", "hello"],
        ["message", "You said hello"],
        ["message", "agent"],
        ["message", "You said agent"],
        ["event", "handoff.initiate"],
        ["event", "handoff.status"],
        ["invoke", "message/submitAction"],
    ]
    house.expect(
        "directline",
        {
            "turns ok": 2,
            "sessions_started": 1,
            "handovers protocol": 1,
            "handovers_status requested": 1,
            "handovers_status accepted": 1,
            "feedback binary true": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_accepted": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen directline path_and_shape": ANY,  # polls are as many as there was time for
        },
        {"all": 1, "handed over": 1, "requested": 1, "rated": 1},
        people=1,
    )


def test_flowise(house: House, talk: Talk) -> None:
    heard = talk("flowise")
    assert heard[0] == "You said hello"
    assert [event["data"] for event in heard[1] if event["event"] == "token"] == ["You ", "said ", "again"]
    assert heard[3][-1] == {"event": "error", "data": "Error: the model is broken"}
    house.expect(
        "flowise",
        {
            "turns ok": 3,
            "turns error": 1,
            "tokens  input": 2 * 4,
            "tokens  output": 2 * 2,
            "sessions_started": 1,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "feedback binary true": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen flowise path_and_shape": 4,
        },
        {"all": 1, "handed over": 1, "requested": 1, "rated": 1},
        people=1,
    )


def test_rasa_that_calls_back(house: House, talk: Talk) -> None:
    handover = "Je vous mets en relation avec un conseiller."
    assert talk("rasa_callback") == [
        ["success", "Vous avez dit : bonjour"],
        ["success", "Un instant.", handover],
        [{"recipient_id": "eve", "text": "Vous avez dit : bonjour"}],
    ]
    house.expect(
        "rasa_callback",
        {
            "turns ok": 3,
            "sessions_started": 3,
            "handovers phrase_assistant": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen rasa-callback path_and_shape": 2,
            "presets_chosen rasa-answers shape": 3,
            "presets_chosen rasa-rest path_and_shape": 1,
        },
        {"all": 3, "automated": 2, "handed over": 1, "requested": 1},
        people=3,
    )


def test_a_chat_its_feedback_and_three_desks_are_one_assistant(house: House, talk: Talk) -> None:
    assert talk("composed") == [*(f"You said question {number}" for number in range(41, 48)), {}, 200, 200, 200, 200]
    house.expect(
        "composed",
        {
            "turns ok": 7,
            "tokens gpt-4o-mini input": 7 * 4,
            "tokens gpt-4o-mini output": 7 * 3,
            "sessions_started": 7,
            "handovers desk": 4,
            "handovers_status completed": 1,
            "feedback binary true": 1,
            "feedback five false": 1,
            "feedback five true": 1,
            "rules_hits handover_started": 4,
            "rules_hits handover_returned": 1,
            "presets_chosen openai-chat path_and_shape": 7,
            "presets_chosen chatwoot-status path_and_shape": 1,
            "presets_chosen sunco-switchboard path_and_shape": 1,
            "presets_chosen sunco-webhook shape": 2,
            "presets_chosen intercom-webhook shape": 1,
        },
        {"all": 7, "automated": 2, "confirmed": 2, "handed over": 4, "abandoned": 1, "rated": 3},
        people=7,
    )


def test_voiceflows_web_chat(house: House, talk: Talk) -> None:
    completions = ["completion"] * 5
    assert talk("voiceflow") == [*completions, "You said hello", *completions, "You said agent", "talk_to_agent"]
    house.expect(
        "voiceflow",
        {
            "turns ok": 2,
            "turns error": 1,
            "sessions_started": 1,
            "handovers protocol": 1,
            "handovers_status requested": 1,
            "handovers_status accepted": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_accepted": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen voiceflow-socket path_and_shape": 1,
        },
        {"all": 1, "handed over": 1, "requested": 1},
        people=1,
    )


def test_socket_io_by_polling(house: House, talk: Talk) -> None:
    """One session polls to its end, the other goes on as a WebSocket."""
    said = ["You said hello", "You said un conseiller", "Je vous mets en relation avec un conseiller."]
    assert talk("chainlit_polling") == [said, said]
    house.expect(
        "chainlit_polling",
        {
            "turns ok": 4,
            "sessions_started": 2,
            "handovers phrase_assistant": 2,
            "handovers_status requested": 2,
            "rules_hits handover_started": 2,
            "rules_hits handover_requested": 2,
            "presets_chosen chainlit path_and_shape": 3,
        },
        {"all": 2, "handed over": 2, "requested": 2},
        people=1,
    )


def test_chainlit(house: House, talk: Talk) -> None:
    hello, broken = talk("chainlit_server")
    handover = "Je vous mets en relation avec un conseiller."
    assert [text for event, text in hello if event != "stream_token"] == ["You said hello", "You said un conseiller", handover]
    assert broken == []
    house.expect(
        "chainlit_server",
        {
            "turns ok": 2,
            "turns error": 1,
            "sessions_started": 2,
            "handovers phrase_assistant": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen chainlit path_and_shape": 2,
        },
        {"all": 2, "handed over": 1, "requested": 1, "failed": 1},
        people=1,
    )
