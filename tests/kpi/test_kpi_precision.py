"""Which answers each method judges, and that methods stay apart."""

import msgspec
import pytest

from proxy.kpi.precision import FIGURES, METHODS, cell_of, precision_measures
from proxy.kpi.privacy import HIDDEN, coarse
from proxy.kpi.report import Measure
from proxy.kpi.session import sessions
from proxy.kpi.sums import contributions
from tests.kpi.making import RULES, nobody, rating, state_of
from tests.kpi.making import turn as turn_at


def judged(*events: object) -> dict[str, int]:
    """Give the cells of precision of one conversation."""
    found: dict[str, int] = {}
    for session in sessions(state_of(events)):  # type: ignore[arg-type]  # turns and ratings
        for (_, name, _), count in contributions(session, RULES).items():
            if name.startswith("precision:explicit"):
                found[name.removeprefix("precision:explicit:")] = count
    return found


def test_each_rated_answer_is_judged_once_by_its_last_rating():
    turns = [turn_at(0), turn_at(10), turn_at(20), turn_at(30)]
    found = judged(
        *turns,
        rating(1, False, message="m0"),
        rating(2, True, message="m0", user="another"),
        rating(11, True, message="m10"),
        rating(12, False, message="m10", scale="five", score=2),
        rating(21, None, message="m20", scale="five", score=3),
    )
    assert found == {"correct": 1, "wrong": 1, "undecided": 1}


def test_what_is_taken_back_leaves_the_rating_before_it():
    found = judged(
        turn_at(0),
        rating(1, False, message="m0"),
        rating(2, message="m0", user="v"),
        rating(3, None, message="m0", user="v", revoked=True),
    )
    assert found == {"wrong": 1}
    assert judged(turn_at(0), rating(1, message="m0"), rating(2, None, message="m0", revoked=True)) == {}


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([turn_at(0), rating(1)], id="of the session"),
        pytest.param([turn_at(0), rating(1, None, message="m0", scale="nps", score=9)], id="nps"),
        pytest.param([turn_at(0, "handover_started"), turn_at(10), rating(11, message="m10")], id="of a human"),
        pytest.param([nobody(0), rating(1, message="m0")], id="of a test"),
    ],
)
def test_what_judges_no_answer(events: list[object]):
    assert judged(*events) == {}


def test_methods_are_figures_of_their_own_with_an_interval_and_their_undecided():
    sums = {
        cell_of("explicit", "correct"): 8,
        cell_of("explicit", "wrong"): 2,
        cell_of("explicit", "undecided"): 3,
        cell_of("judge", "wrong"): 1,
    }
    found = precision_measures(sums, reviews=False, judge=False)
    assert list(found)[: len(METHODS)] == [f"answer_precision_{method}" for method in METHODS] == list(FIGURES)
    explicit = found["answer_precision_explicit"]
    assert (explicit.value, explicit.numerator, explicit.denominator, explicit.undecided) == (0.8, 8, 10, 3)
    assert explicit.interval == pytest.approx((0.490, 0.943), abs=0.0005)
    assert (found["answer_precision_judge"].value, found["answer_precision_judge"].denominator) == (0.0, 1)


@pytest.mark.parametrize(("reviews", "judge"), [(False, False), (True, False), (False, True)])
def test_a_method_that_nobody_set_up_is_unset_and_one_that_judged_nothing_yet_has_no_data(*, reviews: bool, judge: bool):
    found = precision_measures({}, reviews=reviews, judge=judge)
    chosen = ["no_data" if on else "unset" for on in (reviews, judge)]
    assert [measure.reason for measure in found.values()] == ["no_data", "no_data", *chosen, "no_data"]


def test_what_a_method_judged_before_it_was_switched_off_stays():
    found = precision_measures({cell_of("review", "undecided"): 2}, reviews=False, judge=False)
    assert found["answer_precision_review"].undecided == 2


def test_a_group_of_people_shows_no_precision_of_few_answers():
    measure = Measure(value=0.5, numerator=4, denominator=8)
    enough = msgspec.structs.replace(measure, numerator=5, denominator=10)
    found = coarse({"answer_precision_explicit": measure, "answer_precision_review": enough}, 10)
    assert found == {"answer_precision_explicit": HIDDEN, "answer_precision_review": enough}
