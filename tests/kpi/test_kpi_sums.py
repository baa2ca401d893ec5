"""What sessions add to the ledger, case by case."""

import pytest

from proxy.kpi.changes import HandoverMoved, HandoverStarted, RatingCounted, SessionSettled, SessionStarted
from proxy.kpi.events import Rating, Turn
from proxy.kpi.news import news
from proxy.kpi.session import fold, sessions, settle
from proxy.kpi.sums import alone, contributions, total
from tests.kpi.making import BASE, RULES, nobody, rating, session_of, sessions_of, state_of, turn


def cells(*events: Turn | Rating) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, name, _), count in total(sessions_of(events), RULES).items():
        found[name] = found.get(name, 0) + count
    return found


def plain(*events: Turn | Rating) -> dict[str, int]:
    return {name: count for name, count in cells(*events).items() if ":b" not in name or name.startswith("rating")}


def test_a_plain_turn():
    assert plain(turn(0, duration=2.5, first_text=0.25)) == {
        "open:resolved_assumed": 1,
        "turns": 1,
        "turn:ok": 1,
        "valid": 1,
        "good": 1,
        "response:n": 1,
        "response:us": 2_500_000,
        "response:within": 1,
        "first:n": 1,
        "first:us": 250_000,
    }


def test_within_target_means_below_it():
    assert "response:within" in cells(turn(0, duration=9.99))
    assert "response:within" not in cells(turn(0, duration=10.0))


@pytest.mark.parametrize(
    ("failed", "up"),
    [
        (turn(0, result="error", error="server_error"), (1, 0)),
        (turn(0, result="timeout"), (1, 0)),
        (turn(0, result="blocked"), (1, 1)),
        (turn(0, result="no_answer"), (1, 1)),
        (turn(0, result="cancelled"), (0, 0)),
        (turn(0, result="error", error="client_error"), (0, 0)),
        (turn(0, result="error", error="rate_limited"), (0, 0)),
    ],
)
def test_availability(failed: Turn, up: tuple[int, int]):
    found = cells(failed)
    assert (found.get("valid", 0), found.get("good", 0)) == up


def test_errors_are_volume_and_no_response_time():
    found = cells(turn(0), turn(10, result="error"))
    assert (found["turns"], found["response:n"]) == (2, 1)


def test_a_cancelled_turn_keeps_its_first_text():
    found = cells(turn(0, result="cancelled", first_text=0.5))
    assert ("response:n" in found, found["first:n"]) == (False, 1)


def test_a_human_is_not_measured():
    found = cells(turn(0, "handover_started"), turn(10), turn(20, result="error"), rating(30, satisfied=False, message="m10"))
    assert (found["turns"], found["turn:human"], found["response:n"]) == (3, 2, 1)
    assert (found["rating:human"], found.get("rating:binary:no", 0)) == (1, 0)


def test_ratings_around_a_human():
    handed = [turn(0), turn(10, "handover_started"), turn(20)]
    assert cells(*handed, rating(30, message="m0"))["rating:binary:yes"] == 1
    assert cells(*handed, rating(30))["rating:human"] == 1
    assert cells(*handed, turn(40, "handover_returned"), rating(50))["rating:binary:yes"] == 1


def test_ratings_keep_their_scales_apart():
    found = cells(
        turn(0), rating(1, message="m0"), rating(2, False, scale="five", score=2.5), rating(3, None, scale="ten", score=7)
    )
    assert {name: count for name, count in found.items() if name.startswith("rating")} == {
        "rating:binary:yes": 1,
        "rating:five:no": 1,
        "rating:five:n": 1,
        "rating:five:score": 250,
        "rating:ten:neutral": 1,
        "rating:ten:n": 1,
        "rating:ten:score": 700,
    }
    assert found["open:rated"] == 1


def test_the_last_rating_of_a_person_holds():
    assert cells(turn(0), rating(5), rating(9, satisfied=False))["rating:binary:no"] == 1
    assert "rating:binary:yes" not in cells(turn(0), rating(5), rating(9, satisfied=False))
    assert cells(turn(0), rating(5, user="u"), rating(6, user="v"))["rating:binary:yes"] == 2
    revoked = cells(turn(0), rating(5, message="m0"), rating(9, None, message="m0", revoked=True))
    assert not any(name.startswith("rating") or name.endswith("rated") for name in revoked)


def test_session_cells_sit_with_the_first_message():
    night = 11.9 * 3600  # 23:54 in Paris
    (session,) = sessions_of([turn(night), turn(night + 900), rating(night + 950)])
    found = contributions(session, RULES)
    assert {cell[0] for cell in found if cell[1].startswith(("open", "rating"))} == {"2026-10-20T23"}
    assert {cell[0]: count for cell, count in found.items() if cell[1] == "turns"} == {"2026-10-20T23": 1, "2026-10-21T00": 1}


def test_settling_moves_the_outcome():
    state = state_of([turn(0, "handover_requested")])
    found = total(sessions(settle(state, BASE + 1e6, RULES)), RULES)
    names = {name for _, name, _ in found}
    assert {"settled:abandoned", "settled:requested"} <= names
    assert not any(name.startswith("open") for name in names)


def test_an_excluded_session_is_no_demand():
    assert cells(turn(0, "handover_requested", continues=True)) == {"open:excluded": 1}


def test_a_turn_without_conversation():
    found = {name for _, name, _ in alone(turn(0), RULES)}
    assert {"turns", "turn:unattributed", "response:n"} <= found
    assert not any(name.startswith("open") for name in found)
    assert alone(turn(0, continues=True), RULES) == {}


def test_news_of_a_conversation():
    old = state_of([turn(0, channel="web")])
    handed = fold(fold(old, turn(10, "handover_requested", "handover_started"), RULES), rating(20), RULES)
    assert list(news("rh", (), sessions(old))) == [SessionStarted("rh", "web")]
    assert list(news("rh", sessions(old), sessions(handed))) == [
        HandoverStarted("rh", "protocol", "user_request"),
        HandoverMoved("rh", "requested"),
        RatingCounted("rh", "binary", satisfied=True),
    ]
    changed = fold(handed, rating(30, satisfied=False), RULES)
    assert list(news("rh", sessions(handed), sessions(changed))) == []
    settled = settle(changed, BASE + 1e6, RULES)
    assert list(news("rh", sessions(changed), sessions(settled))) == [SessionSettled("rh", "web", "handed_over")]


def test_a_handover_whose_reason_comes_later_is_told_once():
    before = state_of([turn(5, "handover_started", aside=True)])  # called back before the message itself was answered
    after = fold(before, turn(0, "handover_requested"), RULES)
    assert list(news("rh", (), sessions(before))) == [HandoverStarted("rh", "protocol", "policy")]
    assert list(news("rh", sessions(before), sessions(after))) == [SessionStarted("rh", ""), HandoverMoved("rh", "requested")]


def test_sessions_that_begin_in_the_same_instant_are_told_apart():
    closed = [turn(0, "closed", result="cancelled", first_text=None, name=name) for name in ("a", "b", "c")]
    first = settle(state_of(closed[:1]), BASE + 1e6, RULES)
    both = settle(fold(first, closed[1], RULES), BASE + 1e6, RULES)
    assert list(news("rh", sessions(first), sessions(both))) == [
        SessionStarted("rh", ""),
        SessionSettled("rh", "", "abandoned"),
    ]
    assert list(news("rh", sessions(both), sessions(fold(both, closed[2], RULES)))) == [SessionStarted("rh", "")]


def test_two_sessions_of_a_conversation_are_judged_alone():
    assert {name: count for name, count in cells(turn(0, "handover_started"), turn(4000)).items() if name.startswith("open")} == {
        "open:handed_over": 1,
        "open:resolved_assumed": 1,
    }
    assert session_of(turn(0)).outcome is None


def test_what_no_person_made_is_counted_for_itself_alone():
    assert plain(nobody(0)) == {"open:excluded": 1, "turn:excluded": 1}
    assert {name: count for (_, name, _), count in alone(nobody(0), RULES).items()} == {"turn:excluded": 1}
    with_a_person = plain(nobody(0, "handover_started"), turn(60))
    assert with_a_person["open:resolved_assumed"] == with_a_person["turns"] == 1
    rated = plain(nobody(0), rating(30, satisfied=False, message="m0"))
    assert rated == {"open:excluded": 1, "turn:excluded": 1, "rating:excluded": 1}
