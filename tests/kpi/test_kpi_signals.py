"""Which answers signals count against, each once, and when."""

import msgspec
import pytest

from proxy.kpi.again import Span, remade, total
from proxy.kpi.calendar import today
from proxy.kpi.echo import Echo, Question, Sketch, echo
from proxy.kpi.events import Mark, MarkKind, Turn, TurnResult
from proxy.kpi.precision import precision_measures
from proxy.kpi.session import ConversationState, fold, sessions, settle
from proxy.kpi.sums import contributions
from proxy.kpi.trace import TracedTurn
from tests.kpi.making import BASE, RULES, nobody, rating, state_of
from tests.kpi.making import turn as turn_at

DAY = today(RULES.zone, BASE)
LATER = BASE + 7 * 86400


def asked(at: float, *marks: MarkKind, echo: Echo = "other", result: TurnResult = "ok", **more: object) -> Turn:
    """Make a turn that was compared with the one before it."""
    return msgspec.structs.replace(turn_at(at, *marks, result=result), echo=echo, **more)


def cells(*events: object, settled: bool = True) -> dict[str, int]:
    """Give what signals say of one conversation."""
    state = state_of(events)  # type: ignore[arg-type]  # turns and ratings
    return said_of(settle(state, LATER, RULES) if settled else state)


def said_of(state: ConversationState) -> dict[str, int]:
    found: dict[str, int] = {}
    for session in sessions(state):
        for (_, name, _), count in contributions(session, RULES).items():
            if name.startswith(("precision:signals:", "signal:")):
                short = name.removeprefix("precision:signals:")
                found[short] = found.get(short, 0) + count
    return found


def test_a_talk_that_goes_on_and_ends_has_correct_answers():
    assert cells(asked(0), asked(30), asked(200, echo="")) == {"correct": 3}


@pytest.mark.parametrize(
    ("events", "signal"),
    [
        pytest.param([asked(0, result="no_answer"), asked(30)], "no_answer", id="does not know"),
        pytest.param([asked(0, "no_answer"), asked(30)], "no_answer", id="says so and goes on"),
        pytest.param([asked(0, "refused_policy"), asked(30)], "refused", id="may not"),
        pytest.param([asked(0, result="blocked"), asked(30)], "refused", id="held back"),
        pytest.param([asked(0, result="cancelled"), asked(30)], "left", id="broken off"),
        pytest.param([asked(0), asked(30, echo="repeated")], "repeated", id="the same words"),
        pytest.param([asked(0), asked(30, echo="reformulated")], "reformulated", id="other words"),
        pytest.param(
            [asked(0, asked="q", history=True), asked(30, asked="q", history=True), asked(60)], "regenerated", id="another answer"
        ),
    ],
)
def test_each_signal_counts_against_one_answer(events: list[Turn], signal: str):
    assert cells(*events) == {"wrong": 1, f"signal:{signal}": 1, "correct": 1}


def test_one_answer_with_several_signals_is_counted_once_under_the_first():
    found = cells(asked(0, "no_answer"), asked(30, "no_answer", echo="reformulated"))
    assert found == {"wrong": 2, "signal:no_answer": 2}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(asked(0, result="error"), id="an error"),
        pytest.param(asked(0, result="timeout"), id="a time-out"),
        pytest.param(msgspec.structs.replace(asked(0, result="cancelled"), first_text=None), id="left before its first word"),
        pytest.param(asked(0, "thanks"), id="the reply to thanks"),
        pytest.param(asked(0, "handover_requested"), id="a wish for a human"),
        pytest.param(asked(0, "handover_started"), id="a step to a human"),
        pytest.param(nobody(0), id="of a test"),
    ],
)
def test_what_is_no_answer_is_not_judged(event: Turn):
    assert cells(event) == {}


def test_what_a_human_answers_is_not_judged():
    assert cells(asked(0, "handover_started"), asked(30, echo="reformulated")) == {}


def test_a_cut_text_and_a_message_that_was_not_compared_leave_it_open():
    assert cells(asked(0, partial=True), asked(30)) == {"undecided": 1, "correct": 1}
    assert cells(asked(0), asked(30, echo="")) == {"undecided": 1, "correct": 1}
    assert cells(asked(0), asked(30, "thanks", echo="")) == {"correct": 1}, "thanks are known without a comparison"


def test_the_last_answer_is_judged_when_its_session_settles():
    assert cells(asked(0), asked(30), settled=False) == {"correct": 1}
    assert cells(asked(0), asked(30)) == {"correct": 2}


def test_ratings_are_another_method():
    assert cells(asked(0), asked(30), rating(31, False, message="m30")) == {"correct": 2}


def test_an_attempt_after_a_failure_is_no_regeneration():
    found = cells(asked(0, asked="q", result="error"), asked(5, asked="q"))
    assert found == {"correct": 1}


def test_the_order_in_which_events_come_changes_nothing():
    events = [asked(0), asked(30, echo="reformulated"), asked(60, "no_answer"), asked(90)]
    assert (
        cells(*events) == cells(*reversed(events)) == {"correct": 2, "wrong": 2, "signal:reformulated": 1, "signal:no_answer": 1}
    )


def test_what_is_counted_step_by_step_is_what_is_counted_at_once():
    events = [asked(0), asked(30, echo="reformulated"), asked(60), asked(90, echo="repeated")]
    state = ConversationState(RULES.idle)
    summed: dict[str, int] = {}
    for event in events:
        new = fold(state, event, RULES)
        for name, count in said_of(new).items():
            summed[name] = summed.get(name, 0) + count - said_of(state).get(name, 0)
        state = new
    assert summed == {"correct": 1, "wrong": 2, "signal:reformulated": 1, "signal:repeated": 1}


def test_the_traces_give_the_same_again_and_hold_no_sketch():
    turns = [asked(0, sketch=Sketch(1, (2, 3), asks=True)), asked(30, echo="reformulated"), asked(60, "no_answer")]
    traces = [TracedTurn.of(turn, "c") for turn in turns]
    assert [trace.turn.sketch for trace in traces] == [None, None, None]
    found = total(remade(traces, RULES, Span(DAY, DAY, LATER)))
    assert {name: found[name] for name in ("signal:reformulated", "signal:no_answer", "precision:signals:wrong")} == {
        "signal:reformulated": 1,
        "signal:no_answer": 1,
        "precision:signals:wrong": 2,
    }
    without = total(remade(traces, RULES, Span(DAY, DAY, LATER), {"rule"}))
    assert without["precision:signals:wrong"] == 1, "what-if leaves out what a rule said"


def test_how_often_the_same_is_asked_again():
    sums = {"signal:repeated": 1, "signal:reformulated": 2, "precision:signals:correct": 17, "precision:signals:wrong": 3}
    rate = precision_measures(sums, reviews=False, judge=False)["reformulation_rate"]
    assert (rate.numerator, rate.denominator) == (3, 20)


ASKED = Sketch(1, (10, 11, 12), "how", asks=True)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (ASKED, "repeated"),
        (Sketch(2, (10, 11), "how", asks=True), "reformulated"),
        (Sketch(2, (10, 11), asks=True), "reformulated"),
        (Sketch(2, (10, 11), "much", asks=True), "other"),
        (Sketch(2, (10, 11), "how", asks=False), "other"),
        (Sketch(2, (10, 11), "how", asks=True, sequel=True), "other"),
        (Sketch(2, (10, 20, 21), "how", asks=True), "other"),
        (Sketch(2, (20,), anew=True), "reformulated"),
        (None, ""),
    ],
)
def test_two_questions_are_compared_by_their_sketches(after: Sketch | None, expected: str):
    assert echo(Question(0.0, 5.0, ASKED), 60.0, after) == expected


def test_nothing_is_compared_too_late_or_with_nothing():
    assert echo(Question(0.0, 5.0, ASKED), 125.0, ASKED) == "repeated"
    assert echo(Question(0.0, 5.0, ASKED), 125.1, ASKED) == ""
    assert echo(Question(10.0, 11.0, ASKED), 9.0, ASKED) == "", "it was asked before"
    assert echo(None, 1.0, ASKED) == echo(Question(0.0, 5.0), 1.0, ASKED) == ""
    assert echo(Question(0.0, 5.0, Sketch(1)), 1.0, Sketch(1)) == "other", "a yes may be said twice"


def test_a_mark_of_a_rule_decides_before_what_came_after():
    turn = msgspec.structs.replace(asked(0), marks=(Mark("no_answer", "phrase_assistant", "no-answer/x"),))
    assert cells(turn, asked(30, echo="repeated")) == {"wrong": 1, "signal:no_answer": 1, "correct": 1}
