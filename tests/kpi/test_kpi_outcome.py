"""Each rule of the outcome, each rule over the next, and the cases that the definitions name."""

import pytest

from proxy.kpi.changes import Outcome
from proxy.kpi.events import Rating, Turn
from tests.kpi.making import nobody, rating, session_of, turn

CASES: list[tuple[str, Outcome, list[Turn | Rating]]] = [
    ("only a tool round trip", "excluded", [turn(0, continues=True)]),
    ("messages that no person wrote", "excluded", [nobody(0), nobody(9, "handover_started")]),
    ("a person after a monitor", "resolved_assumed", [nobody(0, "handover_started"), turn(9)]),
    ("a handover", "handed_over", [turn(0, "handover_started")]),
    ("a handover told by the desk only", "handed_over", [turn(0, "handover_accepted", source="desk")]),
    ("a handover over an error after it", "handed_over", [turn(0, "handover_started"), turn(60, result="error")]),
    ("a handover that failed", "handed_over", [turn(0, "handover_started"), turn(60, "handover_failed")]),
    (
        "back to the bot and thanks",
        "handed_over",
        [turn(0, "handover_started"), turn(9, "handover_returned"), turn(20, "thanks")],
    ),
    ("an offer is no handover", "resolved_assumed", [turn(0, "handover_offered")]),
    ("another AI is no human", "resolved_assumed", [turn(0, "ai_transfer")]),
    ("last answer an error", "failed", [turn(0), turn(60, result="error")]),
    ("last answer a timeout", "failed", [turn(0, result="timeout")]),
    ("last answer blocked", "failed", [turn(0, result="blocked")]),
    ("an error, and it went on", "resolved_assumed", [turn(0, result="error"), turn(60)]),
    ("an error, then left before any text", "failed", [turn(0, result="error"), turn(60, result="cancelled", first_text=None)]),
    ("failed over no answer", "failed", [turn(0, "no_answer"), turn(60, result="error")]),
    ("failed over a thumb up", "failed", [turn(0, result="error"), rating(9)]),
    ("a fallback by marker", "no_answer", [turn(0), turn(60, "no_answer")]),
    ("a fallback by result", "no_answer", [turn(0, result="no_answer")]),
    ("a fallback, then an answer", "resolved_assumed", [turn(0, "no_answer"), turn(60)]),
    ("a fallback over a thumb down", "no_answer", [turn(0, "no_answer"), rating(9, satisfied=False)]),
    ("a fallback over a request for a human", "no_answer", [turn(0, "handover_requested", "no_answer")]),
    ("a fallback, then left", "no_answer", [turn(0, "no_answer"), turn(60, result="cancelled")]),
    ("a fallback that pleased", "resolved_confirmed", [turn(0, "no_answer"), rating(9)]),
    ("a fallback, then thanks", "resolved_confirmed", [turn(0, "no_answer"), turn(60, "thanks")]),
    ("left before the end", "abandoned", [turn(0, result="cancelled")]),
    ("left before any text", "abandoned", [turn(0, result="cancelled", first_text=None)]),
    ("left once, asked again", "resolved_assumed", [turn(0, result="cancelled"), turn(60)]),
    ("asked for a human and got none", "abandoned", [turn(0, "handover_requested"), turn(60)]),
    ("asked for a human, got none, and thanks", "abandoned", [turn(0, "handover_requested"), turn(60, "thanks")]),
    ("a thumb down", "abandoned", [turn(0), rating(9, satisfied=False)]),
    ("a thumb down on an early answer, none after", "abandoned", [turn(0), rating(9, satisfied=False, message="m0"), turn(60)]),
    ("a thumb down, then thanks", "resolved_confirmed", [turn(0), rating(9, satisfied=False), turn(60, "thanks")]),
    (
        "a thumb that turned up",
        "resolved_confirmed",
        [turn(0), rating(9, satisfied=False, message="m0"), rating(12, message="m0")],
    ),
    ("a thumb that turned down", "abandoned", [turn(0), rating(9, message="m0"), rating(12, satisfied=False, message="m0")]),
    (
        "a thumb down taken back",
        "resolved_assumed",
        [turn(0), rating(9, False, message="m0"), rating(12, None, message="m0", revoked=True)],
    ),
    ("two stars", "abandoned", [turn(0), rating(9, satisfied=False, scale="five", score=2)]),
    ("a thumb up", "resolved_confirmed", [turn(0), rating(9)]),
    ("a thumb up on an early answer only", "resolved_assumed", [turn(0), rating(9, message="m0"), turn(60)]),
    ("thanks", "resolved_confirmed", [turn(0), turn(60, "thanks")]),
    ("thanks, then another question", "resolved_assumed", [turn(0, "thanks"), turn(60)]),
    ("a success event", "resolved_confirmed", [turn(0, "resolved")]),
    ("a success event in a tool round trip", "resolved_confirmed", [turn(0), turn(5, "resolved", continues=True)]),
    ("three stars", "resolved_assumed", [turn(0), rating(9, satisfied=None, scale="five", score=3)]),
    ("NPS is another question", "resolved_assumed", [turn(0), rating(9, satisfied=False, scale="nps", score=2)]),
    ("a plain answer", "resolved_assumed", [turn(0)]),
]


@pytest.mark.parametrize(("outcome", "events"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_outcome(outcome: Outcome, events: list[Turn | Rating]):
    assert session_of(*events).judged == outcome
    assert session_of(*reversed(events)).judged == outcome
