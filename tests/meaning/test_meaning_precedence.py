"""Several signs of one turn: the surest wins, and its rule is the evidence."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.kpi.events import Turn

ASKED = {"messages": [{"role": "user", "content": "Bonjour"}]}


def answered(text: str, *tools: str) -> dict[str, Any]:
    calls = [{"function": {"name": name}} for name in tools]
    return {"choices": [{"message": {"content": text, "tool_calls": calls}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    ("answer", "marks"),
    [
        (answered("Je passe la main."), [("handover_started", "handover-fr/passe-la-main")]),
        (answered("Je passe la main à un collègue.", "transfer_to_human"), [("handover_started", "handover-en/tool-name")]),
        (
            answered("Je passe la main à un collègue.", "transfer_to_refund_agent"),
            [("ai_transfer", "handover-en/tool-name-agent")],
        ),
        (answered("Voilà.", "createTicket"), [("ticket_created", "tickets/tool-name")]),
        (answered("Aucun conseiller n'est disponible. Je passe la main."), [("handover_started", "handover-fr/passe-la-main")]),
    ],
)
def test_the_surest_sign_of_a_turn_is_its_evidence(understanding, exchange, answer, marks):
    (turn,) = understanding().read(exchange("/v1/chat/completions", ASKED, answer))
    assert isinstance(turn, Turn)
    assert [(mark.kind, mark.rule) for mark in turn.marks] == marks
