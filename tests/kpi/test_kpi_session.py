"""How sessions are cut, that order and repetition do not matter, and that nothing grows without end."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.cells import Cells
from proxy.kpi.compact import PARTS, SETTLED, compact
from proxy.kpi.events import MarkKind, Rating, Turn
from proxy.kpi.replay import Replays
from proxy.kpi.rules import Rules
from proxy.kpi.session import DURABLE, OPEN, RATINGS, ConversationState, due, fold, sessions, settle
from proxy.kpi.sums import revise, total
from tests.kpi.making import BASE, RULES, rating, session_of, sessions_of, state_of, turn

KINDS: tuple[MarkKind, ...] = (
    "handover_started",
    "handover_requested",
    "handover_accepted",
    "handover_failed",
    "handover_returned",
    "no_answer",
    "resolved",
    "thanks",
    "closed",
)
MINUTES = st.integers(0, 240).map(lambda minute: minute * 60.0)
TURNS = st.builds(
    turn,
    MINUTES,
    st.sampled_from(KINDS),
    result=st.sampled_from(["ok", "error", "timeout", "cancelled", "blocked", "no_answer"]),
    continues=st.booleans(),
    aside=st.booleans(),
    duration=st.sampled_from([0.2, 3.0, 12.5]),
    first_text=st.sampled_from([None, 0.5]),
    name=st.uuids().map(str),
)
RATED = st.builds(
    rating,
    MINUTES,
    st.sampled_from([True, False, None]),
    message=st.one_of(st.none(), MINUTES.map(lambda at: f"m{at:g}")),
    revoked=st.booleans(),
    scale=st.sampled_from(["binary", "five", "nps"]),
    score=st.sampled_from([None, 1.0, 4.0]),
    user=st.sampled_from(["u", "v", None]),
    name=st.uuids().map(str),
)
EVENTS = st.lists(st.one_of(TURNS, RATED), min_size=1, max_size=24)


@given(events=EVENTS, data=st.data())
def test_order_does_not_matter(events: list[Turn | Rating], data: st.DataObject):
    assert state_of(data.draw(st.permutations(events))) == state_of(events)


@given(events=EVENTS, data=st.data())
def test_repetition_changes_nothing(events: list[Turn | Rating], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(events), max_size=10))
    assert state_of([*events, *again]) == state_of(events)


def store(state: ConversationState) -> ConversationState:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(compact(state)), type=ConversationState)


@given(events=EVENTS, times=st.lists(st.tuples(st.integers(0, 24), MINUTES), max_size=4))
def test_differences_add_up_to_the_whole(events: list[Turn | Rating], times: list[tuple[int, float]]):
    """With commits, settlings and room saved in between, the ledger holds what the sessions are worth at the end."""
    rules = Rules(settle=600.0)
    steps: list[Turn | Rating | float] = [*events]
    for place, at in times:
        steps.insert(place, BASE + at)
    ledger: Cells = {}
    kept = whole = ConversationState(rules.idle)
    for step in steps:
        new = after(kept, step, rules)
        replays = Replays()
        old, now = sessions(kept, replays), sessions(new, replays)
        assert now == sessions(new)
        revise(ledger, now, old, rules)
        kept = store(new)
        whole = after(whole, step, rules)
    assert {cell: count for cell, count in ledger.items() if count} == {
        cell: count for cell, count in total(sessions(whole), rules).items() if count
    }


def after(state: ConversationState, step: Turn | Rating | float, rules: Rules) -> ConversationState:
    return settle(state, step, rules) if isinstance(step, float) else fold(state, step, rules)


def test_a_gap_of_idle_time_opens_a_session():
    assert len(sessions_of([turn(0), turn(1800.9)])) == 1  # the answer took a second
    assert len(sessions_of([turn(0), turn(1801)])) == 2


def test_a_late_turn_joins_two_sessions():
    events = [turn(0), turn(3000)]
    assert len(sessions_of(events)) == 2
    assert len(sessions_of([*events, turn(1500)])) == 1


def test_an_explicit_close_ends_a_session():
    first, second = sessions_of([turn(0), turn(10, "closed"), turn(20)])
    assert (first.progress.turns, second.progress.turns) == (2, 1)
    assert due(state_of([turn(0, "closed")]), RULES) == BASE + 1 + 86400


def test_tool_round_trips_belong_to_their_turn():
    parts = [turn(0, duration=2.0, first_text=None), turn(5, continues=True, duration=3.0, first_text=1.0)]
    ((part, _),) = session_of(*parts).turns
    assert (part.duration, part.first_text) == (5.0, 3.0)
    broken = [turn(0), turn(5, continues=True, result="error")]
    ((part, _),) = session_of(*broken).turns
    assert (part.result, part.duration) == ("error", None)


def test_what_is_beside_the_conversation_adds_its_marks_alone():
    session = session_of(turn(0, duration=2.0), turn(900, "handover_started", aside=True, result="error"))
    ((part, _),) = session.turns
    assert (part.result, part.duration, session.judged) == ("ok", 2.0, "handed_over")
    assert session.progress.end == BASE + 2.0


def test_a_slow_tool_does_not_split_a_session():
    assert len(sessions_of([turn(0), turn(4000, continues=True)])) == 1


def test_sessions_settle_when_due_and_once():
    state = state_of([turn(0), turn(4000)])
    assert due(state, RULES) == BASE + 1 + 1800 + 86400
    assert settle(state, BASE + 86400, RULES) is state
    once = settle(state, BASE + 1 + 1800 + 86400, RULES)
    assert [session.outcome for session in sessions(once)] == ["abandoned", None]
    assert settle(once, BASE + 1 + 1800 + 86400, RULES) is once
    both = settle(once, BASE + 10 * 86400, RULES)
    assert due(both, RULES) == BASE + 4001 + DURABLE  # to see whether it lasted


def test_a_settled_outcome_is_final_and_its_ratings_are_not():
    state = compact(settle(state_of([turn(0)]), BASE + 10 * 86400, RULES))
    state = fold(state, rating(20 * 86400, satisfied=False, message="m0"), RULES)
    (session,) = sessions(state)
    assert session.judged == "resolved_assumed"
    assert len(session.ratings) == 1


def test_a_late_rating_finds_its_session_by_message():
    state = compact(settle(state_of([turn(0), turn(90000)]), BASE + 10 * 86400, RULES))
    first, second = sessions(fold(state, rating(9 * 86400, message="m0"), RULES))
    assert (len(first.ratings), len(second.ratings)) == (1, 0)
    first, second = sessions(fold(state, rating(9 * 86400), RULES))
    assert (len(first.ratings), len(second.ratings)) == (0, 1)


def test_a_late_turn_of_a_settled_session_is_volume_only():
    state = compact(settle(state_of([turn(0)]), BASE + 10 * 86400, RULES))
    late = fold(state, turn(600, result="error"), RULES)
    (session,) = sessions(late)
    assert session.judged == "resolved_assumed"
    assert len(session.turns) == 1


def test_a_conversation_is_bounded():
    state = ConversationState(RULES.idle)
    for number in range(4 * PARTS):
        state = store(fold(state, turn(number * 10.0), RULES))
    assert len(state.parts) == PARTS
    (session,) = sessions(state)
    assert session.progress.turns == 4 * PARTS
    assert session.progress.first == BASE


def test_an_endless_agent_loop_is_one_turn():
    state = ConversationState(RULES.idle)
    for number in range(3 * PARTS):
        state = store(fold(state, turn(number * 10.0, continues=number > 0, duration=1.0), RULES))
    (session,) = sessions(state)
    assert session.progress.turns == 1
    assert [part.duration for part, _ in session.turns] == [pytest.approx(3.0 * PARTS)]


def test_sessions_and_ratings_are_bounded():
    rules = Rules(idle=1.0)
    state = ConversationState(rules.idle)
    for number in range(4 * OPEN):
        state = fold(state, turn(number * 10.0), rules)
        state = store(settle(state, float("-inf"), rules))
    assert len([session for session in sessions(state) if session.outcome is None]) == OPEN
    assert len(state.settled) == SETTLED
    for number in range(2 * RATINGS):
        state = fold(state, rating(10000 + number, message="m0", user=f"u{number}"), rules)
    assert len(state.ratings) == RATINGS


def test_forgotten_sessions_take_their_ratings_along():
    state = fold(settle(state_of([turn(0)]), BASE + 10 * 86400, RULES), rating(86400, message="m0"), RULES)
    state = compact(fold(state, turn(40 * 86400), RULES))
    assert (len(state.settled), state.ratings) == (0, ())


def test_a_changed_idle_time_does_not_disturb_sums():
    state = state_of([turn(0), turn(2000)])
    assert len(sessions(state)) == 2
    longer = Rules(idle=3600.0)
    assert len(sessions(state)) == 2
    assert len(sessions(fold(state, turn(2100), longer))) == 1


def test_a_rating_after_the_window_changes_no_outcome_however_late_it_settles():
    late = RULES.idle + RULES.settle + 10.0
    state = fold(state_of([turn(0)]), rating(late, satisfied=False, message="m0"), RULES)
    (session,) = sessions(settle(state, BASE + 30 * 86400, RULES))
    assert session.judged == "resolved_assumed"
    assert [each.satisfied for each in session.ratings] == [False]  # it is a rating all the same
    early = fold(state_of([turn(0)]), rating(late - 20.0, satisfied=False, message="m0"), RULES)
    (session,) = sessions(settle(early, BASE + 30 * 86400, RULES))
    assert session.judged == "abandoned"
