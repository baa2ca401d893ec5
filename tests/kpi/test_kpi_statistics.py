"""Intervals, histograms and business time against known values."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.calendar import cut_into, day, days, full_weeks, hour, monday, month_end, months_after, one_month, today
from proxy.kpi.histogram import ERROR, LONGEST, SHORTEST, binned, bucket, middle, percentile
from proxy.kpi.stats import wilson

PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (8, 10, 0.490, 0.943),
        (5, 5, 0.566, 1.0),
        (0, 5, 0.0, 0.434),
        (80, 100, 0.711, 0.867),
        (170, 200, 0.794, 0.893),
        (800, 1000, 0.774, 0.824),
        (620, 1000, 0.590, 0.650),
    ],
)
def test_wilson(hits: int, n: int, low: float, high: float):
    assert wilson(hits, n) == pytest.approx((low, high), abs=0.0006)


@given(st.floats(SHORTEST, LONGEST))
def test_a_bucket_is_within_two_per_cent(seconds: float):
    assert abs(middle(bucket(seconds)) - seconds) <= ERROR * seconds * 1.000001


def test_times_beyond_the_bounds_count_at_the_bounds():
    assert bucket(0.0) == bucket(SHORTEST)
    assert bucket(1e9) == bucket(LONGEST)


def test_percentiles():
    random = Random(7)
    times = sorted(random.lognormvariate(0.5, 1.0) for _ in range(10_000))
    buckets: dict[int, int] = {}
    for seconds in times:
        buckets[bucket(seconds)] = buckets.get(bucket(seconds), 0) + 1
    for share in (0.5, 0.95, 0.99):
        assert percentile(buckets, share) == pytest.approx(times[int(share * 10_000) - 1], rel=ERROR)
    assert percentile({}, 0.5) is None
    assert percentile({3: 1}, 0.99) == middle(3)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_day_of_25_hours():
    hours = [hour(PARIS, at("2026-10-24T22:00") + 3600 * number) for number in range(25)]
    assert {name[:10] for name in hours} == {"2026-10-25"}
    assert hours[2] == hours[3] == "2026-10-25T02"
    assert day(PARIS, at("2026-10-25T22:59")) == "2026-10-25"
    assert day(PARIS, at("2026-10-25T23:00")) == "2026-10-26"


def test_the_day_of_23_hours():
    hours = {hour(PARIS, at("2026-03-28T23:00") + 3600 * number) for number in range(23)}
    assert {name[:10] for name in hours} == {"2026-03-29"}
    assert "2026-03-29T02" not in hours


def test_zones_off_the_full_hour():
    assert hour("Asia/Kathmandu", at("2026-01-01T18:14")) == "2026-01-01T23"
    assert hour("Asia/Kathmandu", at("2026-01-01T18:15")) == "2026-01-02T00"
    assert today("Asia/Kathmandu", at("2026-01-01T18:15")) == date(2026, 1, 2)


def test_weeks_over_a_year_of_53():
    assert monday(date(2026, 12, 31)) == monday(date(2027, 1, 1)) == date(2026, 12, 28)
    assert monday(date(2024, 12, 30)) == date(2024, 12, 30)
    assert full_weeks(date(2026, 12, 21), date(2027, 1, 10)) == (date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4))
    assert len(full_weeks(date(2026, 1, 1), date(2027, 1, 3))) == 52
    assert len(full_weeks(date(2025, 12, 29), date(2027, 1, 3))) == 53


def test_full_weeks_are_whole():
    assert full_weeks(date(2026, 10, 19), date(2026, 10, 25)) == (date(2026, 10, 19),)
    assert full_weeks(date(2026, 10, 20), date(2026, 10, 31)) == ()
    assert full_weeks(date(2026, 10, 20), date(2026, 10, 22)) == ()
    assert len(list(days(date(2026, 2, 27), date(2026, 3, 1)))) == 3


def test_months_and_what_they_are_cut_into():
    assert [month_end(date(2026, month, 1)).day for month in (1, 2, 4, 12)] == [31, 28, 30, 31]
    assert month_end(date(2028, 2, 9)) == date(2028, 2, 29)
    assert one_month(date(2026, 2, 1), date(2026, 2, 28))
    assert not one_month(date(2026, 2, 1), date(2026, 3, 31))
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 9, 1), 3) == date(2026, 12, 1)
    assert cut_into("month", date(2026, 1, 30), date(2026, 3, 2)) == [
        (date(2026, 1, 30), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 2)),
    ]
    weeks = cut_into("week", date(2026, 12, 21), date(2027, 1, 5))
    assert [first for first, _ in weeks] == [date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4)]
    assert weeks[-1][1] == date(2027, 1, 5)
    assert len(cut_into("day", date(2026, 10, 24), date(2026, 10, 26))) == 3


@pytest.mark.parametrize(("seconds", "place"), [(0.2, 0), (0.9, 1), (1.1, 2), (11.0, 3), (90.0, 3)])
def test_a_time_lies_in_the_bin_of_its_bounds(seconds: float, place: int):
    assert binned({bucket(seconds): 3}, (0.5, 1.0, 10.0)) == [3 if at == place else 0 for at in range(4)]
