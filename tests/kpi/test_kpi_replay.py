"""What two states of a conversation share is gone through once, and gives what going through all of it gives."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from proxy.kpi.events import Turn
from proxy.kpi.replay import Replays
from proxy.kpi.session import fold, sessions
from tests.kpi.making import BASE, RULES, state_of, turn

BEFORE = (replace(turn(0, duration=None), awaits=BASE + 1), turn(30))


@pytest.mark.parametrize(
    "more",
    [
        (turn(60),),
        (turn(60, continues=True),),
        (turn(60), replace(turn(70, continues=True), delivers=BASE + 70, targets=("m0",))),  # of the first, two turns ago
        (turn(5),),  # comes late
        (turn(4000),),  # begins a session
    ],
)
def test_an_event_more_gives_what_all_events_give(more: tuple[Turn, ...]) -> None:
    state = state_of(BEFORE)
    replays = Replays()
    assert sessions(state, replays) == sessions(state)
    after = state
    for event in more:
        after = fold(after, event, RULES)
    assert sessions(after, replays) == sessions(after)


def test_turns_that_were_gone_through_are_the_same_objects() -> None:
    state = state_of(BEFORE)
    replays = Replays()
    (before,), (after,) = sessions(state, replays), sessions(fold(state, turn(60), RULES), replays)
    assert [one is other for one, other in zip(before.turns, after.turns, strict=False)] == [True, True]
