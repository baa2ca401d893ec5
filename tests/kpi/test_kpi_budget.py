"""Which limit of a judge's is passed, and money in whole numbers."""

from __future__ import annotations

import pytest

from proxy.kpi.budget import Budget, Charge, millionths

BUDGET = Budget(day_tokens=10, month_tokens=20, day_cost=100, month_cost=150)


@pytest.mark.parametrize(
    ("day", "month", "limit"),
    [
        (Charge(10, 100), Charge(20, 150), None),
        (Charge(11, 100), Charge(20, 150), "day_tokens"),
        (Charge(10, 101), Charge(20, 150), "day_cost"),
        (Charge(11, 101), Charge(21, 150), "month_tokens"),
        (Charge(11, 101), Charge(20, 151), "month_cost"),
    ],
)
def test_the_limit_that_lasts_longest_is_named(day: Charge, month: Charge, limit: str | None) -> None:
    assert BUDGET.passed(day, month) == limit


def test_money_is_limited_only_where_somebody_says_so() -> None:
    free = Budget(day_tokens=10, month_tokens=20)
    assert (free.priced, BUDGET.priced, Budget(day_tokens=1, month_tokens=1, month_cost=0).priced) == (False, True, True)
    assert free.passed(Charge(1, 10**12), Charge(1, 10**12)) is None


@pytest.mark.parametrize(("amount", "whole"), [(0.0, 0), (0.5, 500_000), (0.000_000_1, 1), (12.000_001, 12_000_001)])
def test_amounts_are_rounded_up(amount: float, whole: int) -> None:
    assert millionths(amount) == whole
