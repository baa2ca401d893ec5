"""Typed ratings find their place in a session, sentiment its cells, and both their figures."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from proxy.kpi.cells import Cells
from proxy.kpi.changes import TypedCounted
from proxy.kpi.events import Seeks, Sentiment, Turn, Typed
from proxy.kpi.news import news
from proxy.kpi.opinions import on_scale, opinion_measures
from proxy.kpi.session import settle
from proxy.kpi.sums import alone, revise, total

from .making import BASE, RULES, sessions_of, state_of, turn

THUMB = Typed("binary", satisfied=True, score=1.0)
BARE = Typed(None, None, 4.0)
YES = Typed(None, satisfied=True)


def said(at: float, *marks: Any, **facts: Any) -> Turn:
    """Make a turn with facts of opinions."""
    return msgspec.structs.replace(turn(at, *marks), **facts)


def cells(*events: Turn) -> dict[str, int]:
    """Give the cells of opinions, by their names."""
    found = total(sessions_of(events), RULES)
    return {name: count for (_, name, _), count in found.items() if name.partition(":")[0] in {"typed", "sentiment"} and count}


@pytest.mark.parametrize(
    ("before", "typed", "found"),
    [
        ("", THUMB, {"typed:binary:yes": 1}),
        ("question", THUMB, {}),  # "perfect" after "does Tuesday suit you?"
        ("question", on_scale(4, top=5), {"typed:five:yes": 1}),
        ("nps", on_scale(9, top=10), {}),
        ("binary", THUMB, {"typed:binary:yes": 1}),
        ("", BARE, {}),
        ("question", BARE, {}),
        ("five", BARE, {"typed:five:yes": 1}),
        ("ten", BARE, {"typed:ten:no": 1}),
        ("five", Typed(None, None, 9.0), {}),
        ("binary", YES, {"typed:binary:yes": 1}),
        ("", YES, {}),
        ("five", YES, {}),
    ],
)
def test_what_the_answer_before_asked_decides_whether_a_message_rates(before: Seeks, typed: Typed, found: dict[str, int]) -> None:
    assert cells(said(0, seeks=before), said(60, typed=typed)) == found


def test_the_first_message_of_a_session_rates_nothing() -> None:
    assert cells(said(0, typed=THUMB)) == {}
    assert cells(said(0), said(60 + RULES.idle, typed=THUMB)) == {}


def test_an_answer_that_never_came_is_not_rated() -> None:
    failed = msgspec.structs.replace(said(0), result="error", duration=None)
    assert cells(failed, said(60, typed=THUMB)) == {}


def test_what_is_said_to_a_human_is_left_out() -> None:
    handed = said(0, "handover_started", sentiment=Sentiment("negative", -0.8))
    assert cells(handed, said(60, typed=THUMB, sentiment=Sentiment("positive", 0.8))) == {"sentiment:negative": 1}


def test_a_turn_without_a_conversation_has_a_sentiment_and_rates_nothing() -> None:
    lone = msgspec.structs.replace(said(0, typed=THUMB, sentiment=Sentiment("neutral")), conversation=None)
    names = {name for _, name, _ in alone(lone, RULES)}
    assert "sentiment:neutral" in names
    assert not any(name.startswith("typed") for name in names)


def test_an_earlier_turn_that_comes_late_makes_a_rating_of_what_was_none() -> None:
    rated = said(60, typed=THUMB)
    before, after = sessions_of([rated]), sessions_of([rated, said(0)])
    cells: Cells = {}
    revise(cells, after, before, RULES)
    change = {name: count for (_, name, _), count in cells.items() if name.startswith("typed") and count}
    assert change == {"typed:binary:yes": 1}
    assert [each for each in news("rh", before, after) if isinstance(each, TypedCounted)] == [TypedCounted("rh", "binary", True)]
    assert not [each for each in news("rh", after, after) if isinstance(each, TypedCounted)]


def test_a_retry_and_a_tools_round_trip_count_once() -> None:
    asked = said(60, typed=THUMB, sentiment=Sentiment("positive", 0.7), asked="q")
    failed = msgspec.structs.replace(asked, result="error", duration=None)
    again = msgspec.structs.replace(asked, id="again", at=BASE + 63)
    trip = msgspec.structs.replace(said(64, continues=True), seeks="question")
    assert cells(said(0), failed, again, trip) == {"typed:binary:yes": 1, "sentiment:positive": 1}
    # the answer after the round trip asked something, so that the next "great" is no rating
    assert cells(said(0), asked, trip, said(90, typed=THUMB)) == {"typed:binary:yes": 1, "sentiment:positive": 1}


@pytest.mark.parametrize(
    ("scores", "way"),
    [
        ([-0.7, None, 0.6], "shift:better"),
        ([0.6, -0.7], "shift:worse"),
        ([0.1, 0.9, 0.0], "shift:level"),
        ([0.6, None], None),
        ([0.6], None),
    ],
)
def test_the_shift_is_from_the_first_decided_message_to_the_last(scores: list[float | None], way: str | None) -> None:
    events = [
        said(60 * at, sentiment=Sentiment("undecided") if score is None else Sentiment("neutral", score))
        for at, score in enumerate(scores)
    ]
    state = settle(state_of(events), BASE + 10 * 86400, RULES)
    found = {name for (_, name, _), count in total(state.settled, RULES).items() if name.startswith("shift") and count}
    assert found == ({way} if way else set())
    assert not {name for _, name, _ in total(sessions_of(events), RULES) if name.startswith("shift")}  # open ones may go on


def test_the_figures_are_shares_of_what_was_decided() -> None:
    sums = {"sentiment:negative": 3, "sentiment:neutral": 5, "sentiment:positive": 2, "sentiment:undecided": 10}
    sums |= {
        "shift:better": 3,
        "shift:worse": 1,
        "shift:level": 6,
        "typed:binary:yes": 6,
        "typed:five:neutral": 1,
        "typed:ten:no": 1,
    }
    found = opinion_measures(sums, typed=True, sentiment=True)
    assert found["sentiment"].value == pytest.approx(-10.0)
    assert (found["sentiment"].n, found["sentiment"].undecided) == (10, 10)
    assert (found["sentiment_negative"].numerator, found["sentiment_negative"].denominator) == (3, 10)
    assert (found["sentiment_undecided"].value, found["sentiment_shift"].value) == (0.5, 20.0)
    assert (found["typed_satisfaction"].numerator, found["typed_satisfaction"].denominator) == (6, 8)
    assert [name for name, each in found.items() if each.accuracy is None] == ["typed_satisfaction", "sentiment_undecided"]


def test_what_is_off_is_unset_and_what_is_on_has_no_data_yet() -> None:
    off = opinion_measures({}, typed=False, sentiment=False)
    on = opinion_measures({}, typed=True, sentiment=True)
    assert {each.reason for each in off.values()} == {"unset"}
    assert {each.reason for each in on.values()} == {"no_data"}
    past = opinion_measures({"sentiment:negative": 1}, typed=False, sentiment=False)  # counted before it was switched off
    assert past["sentiment_negative"].value == 1.0
