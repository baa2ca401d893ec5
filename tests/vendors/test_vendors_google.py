"""Google's clients: Gemini, Dialogflow ES and CX."""

from __future__ import annotations

import pytest

from tests.vendors.conftest import Talk
from tests.vendors.house import House

pytestmark = pytest.mark.e2e


def test_gemini(house: House, talk: Talk) -> None:
    assert talk("gemini") == ["You said hello", "Bonsoir", "transfer_to_human", "BlockedReason.SAFETY", "503 UNAVAILABLE"]
    house.expect(
        "gemini",
        {
            "turns ok": 3,
            "turns blocked": 1,
            "turns error": 1,
            "tokens gemini-2.5-flash input": 3 * 4,
            "tokens gemini-2.5-flash output": 3 * 7,
            "sessions_started": 1,
            "handovers tool_call": 1,
            "handovers_status requested": 1,
            "rules_hits handover_started": 1,
            "rules_hits handover_requested": 1,
            "presets_chosen gemini path_and_shape": 5,
        },
        {"all": 1, "handed over": 1, "requested": 1},
        people=1,
    )


def test_dialogflow_es_and_cx(house: House, talk: Talk) -> None:
    heard = talk("dialogflow")
    assert heard[:3] == heard[-3:] == ["You said hello", "You said blah", "You said agent"]
    assert heard[-4] == "THUMBS_UP"
    house.expect(
        "dialogflow",
        {
            "turns ok": 5,
            "turns no_answer": 2,
            "sessions_started": 3,
            "handovers protocol": 2,
            "handovers_status requested": 2,
            "feedback binary true": 1,
            "rules_hits handover_started": 2,
            "rules_hits handover_requested": 2,
            "rules_hits no_answer": 2,
            "rules_hits resolved": 1,
            "rules_hits closed": 2,
            "rules_hits thanks": 1,
            "presets_chosen dialogflow-cx path_and_shape": 4,
            "presets_chosen dialogflow-es path_and_shape": 3,
        },
        {"all": 3, "automated": 1, "confirmed": 1, "handed over": 2, "requested": 2, "rated": 1},
        people=2,
    )
