"""What may be shown of groups: small ones hidden, no hidden one to be had by subtraction or from another period."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.privacy import HIDDEN, Cell, coarse, fragments, settled_period, suppressed
from proxy.kpi.report import Measure
from proxy.kpi.shares import balance, share

ONE_LINE = st.dictionaries(st.tuples(st.sampled_from("abcdefgh"), st.just("")), st.integers(0, 30), min_size=1)
TABLE = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.integers(0, 30), min_size=1)


def test_a_small_group_takes_another_with_it():
    people: dict[Cell, int] = {("a", ""): 40, ("b", ""): 3, ("c", ""): 12, ("d", ""): 9}
    assert suppressed(people, 5) == {("b", ""), ("d", "")}
    assert suppressed({**people, ("b", ""): 8}, 5) == set()
    assert suppressed({("a", ""): 3}, 5) == {("a", "")}


def test_two_small_groups_that_are_together_too_small_take_a_third():
    assert suppressed({("a", ""): 40, ("b", ""): 2, ("c", ""): 2, ("d", ""): 9}, 5) == {("b", ""), ("c", ""), ("d", "")}
    assert suppressed({("a", ""): 40, ("b", ""): 3, ("c", ""): 2, ("d", ""): 9}, 5) == {("b", ""), ("c", "")}


def test_rows_and_columns_are_both_closed():
    people = {(row, column): 20 for row in "abc" for column in "xyz"} | {("a", "x"): 4}
    hidden = suppressed(people, 10)
    assert ("a", "x") in hidden
    assert len(hidden) == 4


@given(people=st.one_of(ONE_LINE, TABLE), smallest=st.integers(5, 12))
def test_no_hidden_cell_follows_from_its_line(people: dict[Cell, int], smallest: int):
    hidden = suppressed(people, smallest)
    assert {cell for cell, count in people.items() if count < smallest} <= hidden
    two_ways = len({cell[1] for cell in people}) > 1
    for axis in (0, 1) if two_ways else (1,):
        for name in {cell[axis] for cell in people}:
            line = {cell: count for cell, count in people.items() if cell[axis] == name}
            lost = {cell: count for cell, count in line.items() if cell in hidden}
            if lost and len(lost) < len(line):
                assert len(lost) >= 2
                assert sum(lost.values()) >= smallest


@given(people=TABLE, smallest=st.integers(5, 12), data=st.data())
def test_what_is_hidden_above_stays_hidden(people: dict[Cell, int], smallest: int, data: st.DataObject):
    above = data.draw(st.sets(st.sampled_from(sorted(people))))
    assert above <= suppressed(people, smallest, above)


TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ((2026, 11, 2), (2026, 11, 15), ((2026, 11, 2), (2026, 11, 15))),
        ((2026, 11, 4), (2026, 11, 12), ((2026, 11, 2), (2026, 11, 15))),
        ((2026, 11, 4), (2026, 11, 24), ((2026, 11, 2), (2026, 11, 22))),
        ((2026, 10, 1), (2026, 10, 31), ((2026, 10, 1), (2026, 10, 31))),
        ((2026, 9, 1), (2026, 10, 31), ((2026, 9, 1), (2026, 10, 31))),
        ((2026, 11, 1), (2026, 11, 30), ((2026, 10, 26), (2026, 11, 22))),
        ((2026, 11, 23), (2026, 11, 25), None),
    ],
)
def test_groups_are_shown_for_weeks_and_months_that_are_over(first, last, shown):
    expected = None if shown is None else (date(*shown[0]), date(*shown[1]))
    assert settled_period(date(*first), date(*last), TODAY) == expected


def test_a_month_that_cuts_weeks_leaves_pieces_to_look_at():
    assert fragments(date(2026, 10, 1), date(2026, 10, 31)) == [
        (date(2026, 9, 28), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 4)),
        (date(2026, 10, 26), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 11, 1)),
    ]
    assert fragments(date(2026, 10, 5), date(2026, 10, 11)) == []


def test_numbers_of_people_are_coarse_and_shares_follow_them():
    found = coarse({"adoption": share(23, 41), "wau": Measure(value=23.0), "automation_rate": share(13, 17)}, 5)
    assert (found["adoption"].numerator, found["adoption"].denominator, found["adoption"].value) == (25, 40, 0.625)
    assert (found["wau"].value, found["automation_rate"].value) == (25.0, 13 / 17)


@pytest.mark.parametrize(("active", "eligible"), [(0, 30), (4, 30), (30, 30), (3, 4)])
def test_nobody_some_and_everybody_are_hidden(active: int, eligible: int):
    found = coarse({"adoption": share(active, eligible)}, 5)["adoption"]
    assert (found.value, found.numerator, found.reason) == (None, None, "small_group")


def test_few_ratings_of_a_group_are_hidden():
    assert coarse({"csat": share(2, 4)}, 5)["csat"].reason == "small_group"
    assert coarse({"csat": share(2, 5)}, 5)["csat"].value == 0.4
    assert coarse({"sentiment_negative": share(2, 4), "typed_satisfaction": share(4, 4)}, 5) == dict.fromkeys(
        ("sentiment_negative", "typed_satisfaction"), HIDDEN
    )
    assert coarse({"sentiment": balance(2, 1, 4)}, 5)["sentiment"] == HIDDEN
    assert coarse({"sentiment": balance(2, 1, 5)}, 5)["sentiment"].value == 20.0
