"""Measures and their verdicts."""

import msgspec
import pytest

from proxy.kpi.measures import (
    PeopleCounts,
    completeness,
    csat,
    nps,
    people_measures,
    session_measures,
    turn_measures,
)
from proxy.kpi.shares import at_least, share, within_band
from proxy.settings.model import Targets

TARGETS = Targets()
SUMS = {
    "settled:excluded": 7,
    "settled:handed_over": 150,
    "settled:failed": 40,
    "settled:no_answer": 60,
    "settled:abandoned": 130,
    "settled:resolved_confirmed": 220,
    "settled:resolved_assumed": 400,
    "settled:requested": 90,
    "settled:rated": 300,
    "returned:revoked": 30,
    "durable:n": 400,
    "durable:yes": 300,
    "returned:recontact": 65,
    "open:resolved_assumed": 10,
}


def test_shares_of_sessions():
    found = session_measures(SUMS, TARGETS, assumed=True, provisional=False)
    assert {name: measure.value for name, measure in found.items()} == {
        "automation_rate": 0.62,
        "automation_rate_confirmed": 0.22,
        "containment_rate": 0.85,
        "handover_rate": 0.15,
        "handover_request_rate": 0.09,
        "abandonment_rate": 0.13,
        "failure_rate": 0.04,
        "no_answer_rate": 0.06,
        "csat_response_rate": 0.3,
        "csat_response_rate_automated": 0.0,
        "csat_response_rate_handed_over": 0.0,
        "recontact_rate": 0.1,
        "durable_resolution_rate": 0.75,
        "sessions": 1000.0,
    }
    automation = found["automation_rate"]
    assert (automation.numerator, automation.denominator, automation.target, automation.status) == (620, 1000, (0.5, 0.8), "met")
    assert automation.interval == pytest.approx((0.590, 0.650), abs=0.0005)
    assert not automation.provisional


def test_assumed_resolutions_count_by_setting():
    found = session_measures(SUMS, TARGETS, assumed=False, provisional=False)
    assert found["automation_rate"].numerator == 220


def test_provisional_adds_open_sessions():
    found = session_measures(SUMS, TARGETS, assumed=True, provisional=True)
    assert (found["automation_rate"].numerator, found["sessions"].value) == (630, 1010.0)
    assert all(measure.provisional for measure in found.values())


def test_without_sessions_there_is_a_reason():
    found = session_measures({}, TARGETS, assumed=True, provisional=False)
    assert (found["automation_rate"].value, found["automation_rate"].reason) == (None, "no_data")
    assert found["automation_rate"].status == "not_enough_data"
    assert found["sessions"].value == 0


@pytest.mark.parametrize(
    ("hits", "n", "status"),
    [(4, 4, "not_enough_data"), (5, 5, "inconclusive"), (170, 200, "inconclusive"), (900, 1000, "met"), (700, 1000, "not_met")],
)
def test_verdict_on_a_lower_bound(hits: int, n: int, status: str):
    assert at_least(share(hits, n), 0.8).status == status


@pytest.mark.parametrize(
    ("hits", "n", "status"),
    [(15, 100, "inconclusive"), (150, 1000, "met"), (30, 1000, "below"), (300, 1000, "above"), (4, 4, "not_enough_data")],
)
def test_verdict_on_a_band(hits: int, n: int, status: str):
    assert within_band(share(hits, n), (0.1, 0.2)).status == status


def test_times():
    sums = {"response:n": 10, "response:us": 20_000_000, "response:b17": 10, "response:within": 9, "good": 9, "valid": 10}
    found = turn_measures(sums, TARGETS)
    response = found["response_time"]
    assert (response.value, response.n, response.status) == (2.0, 10, "met")
    assert response.p50 == response.p99 == pytest.approx(1.93, abs=0.05)
    assert found["response_time_within_target"].value == 0.9
    assert found["availability"].value == 0.9
    assert found["time_to_first"].reason == "no_data"
    assert turn_measures({**sums, "response:us": 200_000_000}, TARGETS)["response_time"].status == "not_met"


def test_csat_joins_scales_but_not_nps():
    sums = {"rating:binary:yes": 8, "rating:five:yes": 1, "rating:five:neutral": 1, "rating:nps:no": 50}
    found = csat(sums, TARGETS)
    assert (found.numerator, found.denominator, found.status) == (9, 10, "inconclusive")


def test_adoption_is_the_mean_of_full_weeks():
    counts = PeopleCounts(dau=(0, 10, 20), mau=80, weeks=(0, 60, 70), adopted=(0, 60, 62), partial=5, eligible=100)
    found = people_measures(counts, TARGETS)
    assert found["adoption"].value == 0.61
    assert not found["adoption"].provisional
    assert (found["wau"].value, found["mau"].value, found["dau"].value) == (70.0, 80.0, 15.0)
    assert found["stickiness"].value == 15 / 80


def test_adoption_of_a_week_in_progress_is_not_judged():
    found = people_measures(PeopleCounts(dau=(30,), mau=30, partial=30, adopted_partial=28, eligible=40), TARGETS)
    assert (found["adoption"].value, found["adoption"].provisional, found["adoption"].status) == (0.7, True, "not_enough_data")
    assert found["wau"].provisional


def test_adoption_wants_to_know_whom():
    assert people_measures(PeopleCounts(mau=10), TARGETS)["adoption"].reason == "no_people"


def test_small_groups_are_hidden():
    found = people_measures(PeopleCounts(dau=(3,), mau=3, weeks=(3,), adopted=(3,), eligible=4), TARGETS)
    assert {(measure.value, measure.reason) for measure in found.values()} == {(None, "small_group")}


def test_more_people_than_the_number_given():
    assert people_measures(PeopleCounts(weeks=(50,), adopted=(50,), eligible=40), TARGETS)["adoption"].value == 1.0


def test_each_week_is_held_against_the_people_of_that_week():
    counts = PeopleCounts(weeks=(50, 60), adopted=(50, 60), eligible=200, heads=(100, 120))
    found = people_measures(counts, TARGETS)["adoption"]
    assert (found.value, found.numerator, found.denominator) == (0.5, 55, 110)
    unknown = PeopleCounts(weeks=(50, 60), adopted=(50, 60), eligible=200, heads=(100, None))
    assert people_measures(unknown, TARGETS)["adoption"].reason == "no_people"


def test_adoption_of_those_who_were_not_away_is_given_beside():
    counts = PeopleCounts(weeks=(50, 60), adopted=(50, 60), eligible=200, heads=(100, 120), present=(80, 120))
    found = people_measures(counts, TARGETS)
    assert (found["adoption"].value, found["adoption_present"].value) == (0.5, 0.55)
    assert found["adoption_present"].status == "no_target"
    unknown = people_measures(msgspec.structs.replace(counts, present=(None, 120)), TARGETS)["adoption_present"]
    assert unknown.reason == "no_absences"
    few = people_measures(msgspec.structs.replace(counts, present=(4, 120)), TARGETS)["adoption_present"]
    assert few.reason == "small_group"


def test_since_its_launch_a_week_without_anybody_counts():
    counts = PeopleCounts(weeks=(0, 60), adopted=(0, 60), eligible=100)
    assert people_measures(counts, TARGETS)["adoption"].value == 0.6
    launched = people_measures(msgspec.structs.replace(counts, launched=True), TARGETS)["adoption"]
    assert (launched.value, launched.denominator) == (0.3, 100)


def test_before_its_day_a_target_is_not_missed():
    low = PeopleCounts(weeks=(30,), adopted=(30,), eligible=100)
    high = PeopleCounts(weeks=(90,), adopted=(90,), eligible=100)
    assert people_measures(low, TARGETS, due=False)["adoption"].status == "not_due"
    assert people_measures(low, TARGETS)["adoption"].status == "not_met"
    assert people_measures(high, TARGETS, due=False)["adoption"].status == "met"


def test_a_group_whose_people_are_not_kept_says_so():
    found = people_measures(PeopleCounts(kept=False), TARGETS)
    assert {measure.reason for measure in found.values()} == {"not_kept"}


def test_nps():
    found = nps({"rating:nps:promoter": 50, "rating:nps:passive": 30, "rating:nps:detractor": 20})
    assert (found.value, found.n) == (30.0, 100)
    assert found.interval == pytest.approx((14.7, 45.3), abs=0.05)
    assert nps({"rating:nps:promoter": 1}).interval == (100.0, 100.0)
    assert nps({}).reason == "no_data"


def test_completeness():
    seen = {"turns": 90, "turn:partial": 9, "turn:unattributed": 18, "turn:derived": 27, "turn:anonymous": 45}
    found = completeness({**seen, "skipped:unknown": 10, "skipped:set_aside": 2, "skipped:dropped": 40, "skipped:probe": 7})
    assert found.shares == (
        ("captured", 0.9), ("decoded", 0.9), ("attributed", 0.8), ("derived", 0.3), ("identified", 0.5)
    )  # fmt: skip
    assert (found.dropped, found.approximate) == (42, False)
    assert completeness({**seen, "turn:derived": 28}).approximate
    assert completeness({}).captured is None


def test_who_answers_is_told_apart_by_how_it_ended():
    sums = {
        "settled:resolved_confirmed": 40,
        "settled:resolved_assumed": 60,
        "settled:handed_over": 20,
        "rated:resolved_confirmed": 30,
        "rated:resolved_assumed": 2,
        "rated:handed_over": 1,
        "rated:failed": 5,
    }
    found = session_measures(sums, TARGETS, assumed=True, provisional=False)
    assert found["csat_response_rate_automated"].value == 0.32
    assert found["csat_response_rate_handed_over"].value == 0.05
    assert "csat_response_rate_automated" not in session_measures(sums, TARGETS, assumed=True, provisional=True)
