"""Differences of figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.compare import difference
from proxy.kpi.report import Measure
from proxy.kpi.shares import share


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [  # rows (a) to (d) of table II in Newcombe 1998, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_differences_of_shares_as_published(now: tuple[int, int], before: tuple[int, int], low: float, high: float) -> None:
    found = difference(share(*now), share(*before))
    assert found is not None
    assert found.interval == pytest.approx((low, high), abs=5e-5)


COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_the_other_way_round_it_is_the_mirror(one: tuple[int, int], other: tuple[int, int]) -> None:
    forth, back = difference(share(*one), share(*other)), difference(share(*other), share(*one))
    assert forth is not None
    assert back is not None
    assert forth.interval is not None
    assert back.interval == pytest.approx((-forth.interval[1], -forth.interval[0]))
    assert forth.interval[0] <= forth.value + 1e-9
    assert {forth.verdict, back.verdict} in ({"chance"}, {"higher", "lower"})


def test_without_intervals_nothing_is_judged_and_without_values_nothing_is_said() -> None:
    found = difference(Measure(value=2.0), Measure(value=3.0))
    assert found is not None
    assert (found.value, found.verdict) == (-1.0, "unjudged")
    assert difference(Measure(value=None, reason="no_data"), Measure(value=3.0)) is None
