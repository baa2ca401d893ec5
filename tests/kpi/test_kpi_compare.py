"""Differences of figures."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from random import Random
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.compare import difference, paired
from proxy.kpi.histogram import bucket
from proxy.kpi.report import Measure
from proxy.kpi.shares import share, times


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


def sums_of(seconds: list[float]) -> dict[str, int]:
    cells = Counter([f"response:b{bucket(each)}" for each in seconds])
    return {**cells, "response:n": len(seconds), "response:us": sum(round(each * 1e6) for each in seconds)}


def test_means_are_compared_as_by_the_textbook() -> None:
    """Against mean and standard error reckoned from the times themselves; what buckets lose is below 2 %."""
    random = Random(1)
    one, other = [[random.lognormvariate(mu, 0.6) for _ in range(400)] for mu in (0.9, 1.1)]
    before, now = times(sums_of(one), "response"), times(sums_of(other), "response")
    for measure, seconds in ((before, one), (now, other)):
        error = 1.96 * stdev(seconds) / sqrt(len(seconds))
        assert measure.interval == pytest.approx((mean(seconds) - error, mean(seconds) + error), rel=0.005)
    found = difference(now, before)
    assert found is not None
    error = 1.96 * sqrt(stdev(one) ** 2 / len(one) + stdev(other) ** 2 / len(other))
    by = mean(other) - mean(one)
    assert found.interval == pytest.approx((by - error, by + error), rel=0.02)
    assert found.verdict == "higher"
    again = difference(before, times(sums_of(one[:200]), "response"))
    assert again is not None
    assert again.verdict == "chance"
    assert times(sums_of(one[:4]), "response").interval is None


def test_figures_of_two_sides_are_paired() -> None:
    one = {"csat": share(8, 10), "turns": Measure(value=3.0), "nps": Measure(value=1.0)}
    found = paired(one, {"csat": share(80, 100), "turns": Measure(value=None, reason="no_data")})
    assert list(found) == ["csat", "turns"]
    assert found["turns"].difference is None
    assert found["csat"].difference is not None
    assert found["csat"].difference.verdict == "chance"
