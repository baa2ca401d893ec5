"""Who comes back to a conversation before it settled was not served by what came before: when that changes an outcome."""

import msgspec
import pytest

from proxy.kpi.events import Rating, Turn
from proxy.kpi.lasting import lasted, lasting
from proxy.kpi.rules import Rules
from proxy.kpi.session import DURABLE, ConversationState, due, fold, sessions, settle
from proxy.kpi.sums import total
from tests.kpi.making import BASE, RULES, rating, sessions_of, state_of, turn

DAY = 86400.0
DUE = 1 + 1800 + DAY


@pytest.mark.parametrize(
    ("events", "outcomes"),
    [
        ([turn(0), turn(4000)], ["abandoned", "resolved_assumed"]),
        ([turn(0), turn(DUE - 1)], ["abandoned", "resolved_assumed"]),
        ([turn(0), turn(DUE)], ["resolved_assumed", "resolved_assumed"]),
        ([turn(0), turn(4000), turn(8000)], ["abandoned", "abandoned", "resolved_assumed"]),
        ([turn(0, "thanks"), turn(4000)], ["resolved_confirmed", "resolved_assumed"]),
        ([turn(0), rating(9), turn(4000)], ["resolved_confirmed", "resolved_assumed"]),
        ([turn(0, "handover_started"), turn(4000)], ["handed_over", "resolved_assumed"]),
        ([turn(0), turn(4000, "handover_started")], ["abandoned", "handed_over"]),
        ([turn(0, "closed"), turn(60)], ["abandoned", "resolved_assumed"]),
        ([turn(0, "closed"), turn(1 + DAY)], ["resolved_assumed", "resolved_assumed"]),
        ([turn(0, derived=True), turn(4000, derived=True)], ["resolved_assumed", "resolved_assumed"]),
    ],
)
def test_a_return_takes_an_assumed_resolution_back(events: list[Turn | Rating], outcomes: list[str]):
    assert [session.judged for session in sessions_of(events)] == outcomes
    assert [session.judged for session in sessions_of([*reversed(events)])] == outcomes
    settled = settle(state_of(events), BASE + 9 * DAY, RULES)
    assert [session.outcome for session in sessions(settled)] == outcomes


def test_a_tool_round_trip_is_no_return():
    assert sessions_of([turn(0, "closed"), turn(60, continues=True)])[0].judged == "resolved_assumed"


def test_a_handover_that_is_told_late_makes_the_session_handed_over_until_it_settles():
    late = turn(5000, "handover_started", aside=True, source="desk")
    assert [session.judged for session in sessions_of([turn(0), late])] == ["handed_over"]
    settled = settle(state_of([turn(0)]), BASE + 9 * DAY, RULES)
    assert [session.judged for session in sessions(settled)] == ["resolved_assumed"]


def test_a_late_rating_revises_the_outcome_until_it_settles():
    assert sessions_of([turn(0), rating(5000, satisfied=False)])[0].judged == "abandoned"
    assert sessions_of([turn(0), rating(5000, satisfied=False), rating(6000)])[0].judged == "resolved_confirmed"


def test_the_operator_may_judge_each_session_alone():
    rules = Rules(returns="no")
    assert [session.judged for session in sessions_of([turn(0), turn(4000)], rules)] == ["resolved_assumed"] * 2


def test_a_revoked_session_is_counted_as_such_when_it_settles():
    state = state_of([turn(0), turn(4000)])
    settled = settle(state, BASE + 9 * DAY, RULES)
    names = {name: count for (_, name, _), count in total(sessions(settled), RULES).items() if name.startswith("returned")}
    assert names == {"returned:revoked": 1}


def test_a_resolved_session_of_a_known_user_is_looked_at_again_after_seven_days():
    unknown = settle(state_of([msgspec.structs.replace(turn(0), user=None)]), BASE + 3 * DAY, RULES)
    assert (due(unknown, RULES), lasting(unknown, BASE + 90 * DAY)) == (None, {})
    failed = settle(state_of([turn(0, result="error")]), BASE + 3 * DAY, RULES)
    assert due(failed, RULES) is None
    state = settle(state_of([turn(0), turn(3 * DAY)]), BASE + 9 * DAY, RULES)
    ends = [session.progress.end for session in state.settled]
    assert due(state, RULES) == ends[0] + DURABLE
    assert lasting(state, ends[0] + DURABLE - 1) == {}
    assert list(lasting(state, ends[0] + DURABLE)) == [0]
    assert list(lasting(state, ends[1] + DURABLE)) == [0, 1]
    first = lasted(state, {0: False})
    assert due(first, RULES) == ends[1] + DURABLE
    done = lasted(first, {1: True})
    assert (due(done, RULES), lasting(done, BASE + 90 * DAY)) == (None, {})
    cells = sorted(name for _, name, _ in total(sessions(done), RULES) if name.startswith("durable"))
    assert cells == ["durable:n", "durable:n", "durable:yes"]
    late = fold(done, rating(4 * DAY), RULES)
    assert [session.durable for session in sessions(late)] == [False, True]


def test_states_of_before_are_read_and_judged_as_they_were():
    """A state of version 0.1's first days: parts, sessions and conversations had fewer fields."""
    state = state_of([turn(0), turn(4000, "handover_started")])
    plain = msgspec.to_builtins(settle(state, BASE + 1 + 1800 + DAY, RULES))
    idle, parts, prefixes, settled, ratings = plain[:5]
    old = [idle, [part[:13] for part in parts], prefixes, [[each[0][:21], [], *each[2:4]] for each in settled], ratings]
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=ConversationState)
    assert (read.settle, read.users) == (0.0, ())
    assert [session.judged for session in sessions(read)] == ["abandoned", "handed_over"]
    open_ = msgspec.to_builtins(state)[:2]
    read = msgspec.msgpack.decode(msgspec.msgpack.encode([open_[0], [part[:13] for part in open_[1]]]), type=ConversationState)
    assert [session.judged for session in sessions(read)] == ["resolved_assumed", "handed_over"]


def test_what_comes_after_a_session_is_due_changes_nothing_however_late_it_settles():
    """An observer that was away for a day settles late, and must come to the outcome of one that was not."""
    events: list[Turn | Rating] = [
        turn(0),
        rating(DUE - 1, satisfied=False),
        turn(DUE + 9, derived=True),
        rating(DUE, message="m0"),
    ]
    assert sessions_of(events)[0].judged == "abandoned"
    (late,) = sessions(settle(state_of([turn(0), rating(DUE, satisfied=False)]), BASE + 9 * DAY, RULES))
    assert late.outcome == "resolved_assumed"
    assert len(late.ratings) == 1


def by(user: str, at: float) -> Turn:
    return msgspec.structs.replace(turn(at), user=user)


def test_a_sessions_people_are_those_who_wrote_by_its_end_in_whatever_order_it_is_told():
    events = [by("ua", 0), by("ub", 4000), by("ua", 4100)]
    for told in (events, [*reversed(events)]):
        state = state_of(told)
        first, second = sessions(state)
        assert (state.of(first), set(state.of(second))) == (("ua",), {"ua", "ub"})


def test_of_a_state_that_does_not_know_since_when_everybody_counts():
    state = msgspec.structs.replace(state_of([by("ua", 0), by("ub", 4000)]), since=())
    assert set(state.of(sessions(state)[0])) == {"ua", "ub"}
