"""The handover state machine and the reasons of its episodes."""

import pytest

from proxy.kpi.events import MarkKind, MarkSource, Turn
from tests.kpi.making import session_of, sessions_of, turn

TABLE: list[tuple[tuple[MarkKind, ...], str, int]] = [
    ((), "bot", 0),
    (("handover_offered",), "bot", 0),
    (("handover_returned",), "bot", 0),
    (("handover_failed",), "bot", 0),
    (("handover_requested",), "requested", 0),
    (("handover_requested", "handover_started"), "human", 1),
    (("handover_started", "handover_requested"), "human", 1),
    (("handover_started", "handover_accepted"), "human", 1),
    (("handover_accepted",), "human", 1),
    (("handover_started", "handover_started"), "human", 1),  # the banner of one episode
    (("handover_started", "handover_failed"), "returned", 1),
    (("handover_started", "handover_returned"), "returned", 1),
    (("handover_started", "handover_completed"), "returned", 1),
    (("handover_requested", "handover_refused", "ticket_created"), "requested", 0),
    (("human_in_the_loop", "refused_policy"), "bot", 0),
    (("handover_started", "handover_returned", "handover_requested"), "requested", 1),
    (("handover_started", "handover_returned", "handover_started"), "human", 2),
]


@pytest.mark.parametrize(("marks", "state", "episodes"), TABLE)
def test_states(marks: tuple[MarkKind, ...], state: str, episodes: int):
    progress = session_of(turn(0), *[turn(60 * index, mark) for index, mark in enumerate(marks, 1)]).progress
    assert (progress.state, len(progress.episodes)) == (state, episodes)


REASONS: list[tuple[str, MarkSource, list[Turn]]] = [
    ("user_request", "phrase_assistant", [turn(0, "handover_requested")]),
    ("no_answer", "protocol", [turn(0, "no_answer")]),
    ("error", "protocol", [turn(0, result="error")]),
    ("policy", "protocol", []),
    ("tool", "tool_call", []),
    ("tool", "tool_call", [turn(0)]),
    ("unknown", "protocol", [turn(0)]),
    ("unknown", "phrase_assistant", []),
]


@pytest.mark.parametrize(("reason", "source", "before"), REASONS)
def test_reasons(reason: str, source: MarkSource, before: list[Turn]):
    session = session_of(*before, turn(60, "handover_started", source=source))
    assert session.progress.episodes == ((source, reason),)


def test_request_and_handover_in_one_turn():
    session = session_of(turn(0), turn(60, "handover_requested", "handover_started"))
    assert session.progress.episodes == (("protocol", "user_request"),)


def test_idle_time_ends_an_episode():
    first, second = sessions_of([turn(0, "handover_started"), turn(1900)])
    assert (first.judged, second.judged) == ("handed_over", "resolved_assumed")
    assert [human for _, human in second.turns] == [False]


def test_turns_with_a_human_are_told_apart():
    session = session_of(turn(0), turn(10, "handover_started"), turn(20), turn(30, "handover_returned"), turn(40))
    assert [human for _, human in session.turns] == [False, False, True, True, False]
    assert len(session.progress.messages) == 3
    assert len(session.progress.relayed) == 2
