"""What makes a turn of several exchanges: awaited answers, questions asked again, tools between."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from proxy.kpi.changes import TurnCounted
from proxy.kpi.events import Turn, TurnResult
from proxy.kpi.joining import grouped
from proxy.kpi.news import counted
from proxy.kpi.parts import Part, digest
from proxy.kpi.session import ConversationState, fold, sessions
from proxy.kpi.trace import TracedTurn
from tests.kpi.making import BASE, RULES, sessions_of, turn


def awaiting(at: float, message: str = "q") -> Turn:
    """A question whose answer comes by another exchange."""
    return replace(turn(at, duration=None, first_text=None, messages=(message,)), awaits=BASE + at + 0.1)


def delivery(at: float, *targets: str, result: TurnResult = "ok", name: str | None = None) -> Turn:
    """An answer that was fetched."""
    made = turn(at, duration=None, first_text=None, continues=True, result=result, messages=(f"a{at:g}",), name=name)
    return replace(made, delivers=BASE + at, targets=targets)


def question(at: float, asked: str = "h", *, history: bool = False, result: TurnResult = "ok", took: float = 0.0) -> Turn:
    return replace(turn(at, result=result), asked=asked, history=history, failed_after=took or None)


def joined(*turns: Turn) -> list[Part]:
    return grouped([Part.of(each) for each in turns])


def test_an_awaited_answer_lasts_from_the_question_to_its_delivery() -> None:
    (part,) = joined(awaiting(10), delivery(14, "q"))
    assert (part.result, part.awaits, part.end - BASE) == ("ok", None, 14)
    assert part.duration == part.first_text == pytest.approx(3.9)
    assert part.messages == (digest("q"), digest("a14"))


def test_an_awaited_answer_that_failed_has_no_duration() -> None:
    (part,) = joined(awaiting(10), delivery(14, "q", result="error"))
    assert (part.result, part.duration) == ("error", None)


def test_only_the_first_delivery_counts() -> None:
    (part,) = joined(awaiting(10), delivery(14, "q"), delivery(90, "q"))
    assert part.duration == pytest.approx(3.9)
    assert digest("a90") in part.messages


def test_an_old_answer_that_is_fetched_again_is_not_the_new_one() -> None:
    first, second = joined(awaiting(10, "q1"), delivery(12, "q1"), awaiting(20, "q2"), delivery(21, "q1"), delivery(25, "q2"))
    assert first.duration == pytest.approx(1.9)
    assert second.duration == pytest.approx(4.9)
    assert digest("a21") in first.messages
    assert digest("a21") not in second.messages


def test_an_answer_that_names_nothing_answers_the_turn_before() -> None:
    (part,) = joined(awaiting(10), delivery(12))
    assert part.duration == pytest.approx(1.9)


def test_a_run_that_is_polled_goes_on_with_its_message() -> None:
    run = replace(turn(11, duration=None, first_text=None, continues=True, messages=("run",)), awaits=BASE + 11)
    (part,) = joined(turn(10, duration=0.5, first_text=None), run, delivery(15, "run"))
    assert part.duration == pytest.approx(4.5)


def test_the_same_question_after_a_failure_is_another_attempt() -> None:
    (part,) = joined(question(10, result="error", took=30.0), question(45))
    assert (part.result, part.at - BASE, part.duration) == ("ok", 10, 1.0)
    assert len(joined(question(10, result="error", took=30.0), question(51))) == 2
    assert len(joined(question(10, result="error"), question(12, "other"))) == 2


def test_the_same_question_after_an_answer_is_another_unless_the_history_is_the_same() -> None:
    assert len(joined(question(10), question(20))) == 2
    (part,) = joined(question(10, history=True, result="no_answer"), question(20, history=True))
    assert part.result == "ok"
    assert part.messages == (digest("m10"), digest("m20"))


def test_another_answer_takes_the_place_of_a_fallback_and_not_of_a_handover() -> None:
    first = replace(turn(10, "no_answer", "handover_started"), asked="h", history=True)
    (part,) = joined(first, replace(turn(20), asked="h", history=True))
    assert [kind for kind, _ in part.marks] == ["handover_started"]


def test_a_question_asked_again_counts_once_whenever_it_comes() -> None:
    events = [question(10, history=True, result="error"), question(12, history=True), question(14, history=True)]
    (session,) = sessions_of(events)
    assert session.progress.turns == 1
    state = ConversationState(RULES.idle)
    told: list[TurnCounted] = []
    for event in events:
        state = fold(state, event, RULES)
        told += counted([event], sessions(state))
    assert [change.turn.continues for change in told] == [False, True, True]


def test_turns_that_a_human_answers_are_told_as_such() -> None:
    state = ConversationState(RULES.idle)
    told: list[TurnCounted] = []
    for event in (turn(10, "handover_started"), turn(20), turn(30, aside=True)):
        state = fold(state, event, RULES)
        told += counted([event], sessions(state))
    assert [change.human for change in told] == [False, True, False]


def test_turns_that_are_kept_as_evidence_join_alike() -> None:
    turns = [awaiting(10), delivery(14, "q"), question(30, result="error", took=5.0), question(40)]
    again = [TracedTurn.of(each, "c").again() for each in turns]
    assert joined(*again) == joined(*turns)
    assert len(joined(*again)) == 2
