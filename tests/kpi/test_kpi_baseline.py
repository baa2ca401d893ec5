"""Contacts before and since a launch."""

from datetime import date, timedelta
from math import sqrt

import pytest

from proxy.kpi.baseline import compared

LAUNCHED = date(2026, 9, 2)  # a Wednesday: its week is on neither side


def days(first: date, weeks: list[int]) -> dict[date, int]:
    """Weeks from a Monday on, everything on the Tuesday."""
    return {first + timedelta(weeks=at, days=day): count if day == 1 else 0 for at, count in enumerate(weeks) for day in range(7)}


BEFORE = days(date(2026, 7, 20), [100, 110, 90, 105, 95, 100])
SINCE = days(date(2026, 9, 7), [60, 70, 50, 65, 55, 60])


def test_weeks_on_either_side_of_the_launch_are_compared():
    launch_week = days(date(2026, 8, 31), [999])
    found = compared(BEFORE | launch_week | SINCE, LAUNCHED, date(2026, 11, 23))
    assert (found.weeks_before, found.weeks_since, found.before, found.since, found.change) == (6, 6, 100.0, 60.0, -40.0)
    half = 2.571 * sqrt(2 * 50 / 6)  # both sides vary by 50, t with 5 degrees of freedom
    assert found.interval == pytest.approx((-40 - half, -40 + half))


def test_the_week_in_progress_is_left_out():
    found = compared(BEFORE | SINCE, LAUNCHED, date(2026, 10, 18))  # the Sunday of the sixth week
    assert (found.weeks_since, found.reason) == (5, "no_data")


def test_few_weeks_prove_nothing():
    found = compared(SINCE, LAUNCHED, date(2026, 11, 23))
    assert (found.change, found.interval, found.reason) == (None, None, "no_data")


def test_without_a_launch_there_is_no_before():
    assert compared(BEFORE, None, date(2026, 11, 23)).reason == "no_launch"


def test_no_more_than_a_year_is_looked_at():
    old = days(date(2024, 1, 1), [5] * 140)
    found = compared(old | SINCE, LAUNCHED, date(2026, 11, 23))
    assert found.weeks_before == 52
