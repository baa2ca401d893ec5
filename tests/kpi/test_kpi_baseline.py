"""Contacts before and since a launch."""

from datetime import date, timedelta
from math import sqrt

import pytest

from proxy.kpi.baseline import compared, phased
from proxy.settings.value import Phase

LAUNCHED = date(2026, 9, 2)  # a Wednesday: its week is on neither side


def days(first: date, weeks: list[int], name: str = "") -> dict[date, dict[str, int]]:
    """Weeks from a Monday on, everything on the Tuesday."""
    return {
        first + timedelta(weeks=at, days=day): {name: count if day == 1 else 0}
        for at, count in enumerate(weeks)
        for day in range(7)
    }


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


def departments(**weeks: list[int]) -> dict[date, dict[str, int]]:
    """Weeks of several departments from the same Monday on."""
    found: dict[date, dict[str, int]] = {}
    for name, counts in weeks.items():
        for day, each in days(date(2026, 6, 1), counts, name).items():
            found.setdefault(day, {}).update(each)
    return found


FIRST = Phase(from_="2026-07-13", departments=("HR",))  # the seventh Monday
NEXT = Phase(from_="2026-08-31", departments=("IT",))  # seven weeks later


def test_a_phase_is_held_against_those_without_the_assistant():
    contacts = departments(
        HR=[100, 104, 96, 100, 104, 96, *[44, 46, 45, 44, 46, 45, 45]],
        IT=[200, 200, 200, 200, 200, 200, *[180] * 7],  # a summer lull of a tenth, everywhere
        LAW=[300, 300, 300, 300, 300, 300, *[270] * 7],
    )
    (found,) = phased(contacts, (FIRST,), date(2026, 11, 23))
    assert (found.weeks_before, found.weeks_since, found.since) == (6, 7, 45.0)
    assert (found.expected, found.change) == pytest.approx((90.0, -45.0))
    assert found.interval is not None
    low, high = found.interval
    assert low < -45 < high < 0


def test_a_phase_ends_where_the_next_begins_and_no_department_is_compared_with_one_that_has_it():
    contacts = departments(HR=[100] * 6 + [50] * 14, IT=[100] * 13 + [10] * 7, LAW=[100] * 20)
    first, second = phased(contacts, (NEXT, FIRST), date(2026, 11, 23))
    assert [(each.departments, each.weeks_since) for each in (first, second)] == [(("HR",), 7), (("IT",), 7)]
    assert (first.change, second.change) == pytest.approx((-50.0, -90.0))


def test_a_baseline_alone_has_no_phases():
    assert phased(departments(HR=[100] * 14), (), date(2026, 11, 23)) == ()


def test_without_others_or_with_few_weeks_nothing_is_said():
    alone = phased(departments(HR=[100] * 14), (FIRST,), date(2026, 11, 23))
    few = phased(departments(HR=[100] * 11, IT=[100] * 11), (FIRST,), date(2026, 11, 23))
    assert [each.reason for each in (*alone, *few)] == ["no_data", "no_data"]
