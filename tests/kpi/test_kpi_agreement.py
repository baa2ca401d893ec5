"""Cohen's kappa: against published tables, and honest where there is little to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.agreement import DECIDED, FEWEST, agreement_measures, cell, kappa

# Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1: kappa 0.676, standard error 0.088.
FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
# Two readers of 50 applications for a grant: kappa 0.4.
GRANTS = [[20, 5], [10, 15]]
BOTH = {"judge": True, "second": True}


def sums(table: list[list[int]], pair: str = "judge") -> dict[str, int]:
    return {
        f"pair:{pair}:{one}:{other}": table[i][j]
        for i, one in enumerate(DECIDED)
        for j, other in enumerate(DECIDED)
        if table[i][j]
    }


def test_kappa_is_that_of_published_tables() -> None:
    found = kappa(FLEISS)
    assert found is not None
    value, low, high = found
    assert value == pytest.approx(0.676, abs=0.0005)
    assert (high - low) / (2 * 1.959964) == pytest.approx(0.0877, abs=0.0005)
    grants = kappa(GRANTS)
    assert grants is not None
    assert grants[0] == pytest.approx(0.4)


@given(st.lists(st.lists(st.integers(0, 400), min_size=3, max_size=3), min_size=3, max_size=3))
def test_any_table_gives_a_kappa_within_its_interval_or_none(table: list[list[int]]) -> None:
    if not sum(map(sum, table)):
        return
    found = kappa(table)
    if found is not None:
        value, low, high = found
        assert -1 <= low <= value <= high <= 1
        turned = kappa([list(row) for row in zip(*table, strict=True)])
        assert turned is not None
        assert turned[0] == pytest.approx(value)  # who is called the first makes no difference


def test_a_measure_says_how_many_were_scored_alike() -> None:
    found = agreement_measures(sums(FLEISS), **BOTH)["judge_agreement"]
    assert (found.numerator, found.denominator, found.n) == (89, 100, 100)
    assert found.interval is not None
    assert found.interval[0] < 0.676 < found.interval[1]


def test_few_answers_and_one_score_for_all_give_none() -> None:
    few = agreement_measures(sums([[FEWEST - 2, 0, 1], [0, 0, 0], [0, 0, 0]]), **BOTH)["judge_agreement"]
    assert (few.value, few.status, few.reason, few.n) == (None, "not_enough_data", "few_pairs", FEWEST - 1)
    same = agreement_measures(sums([[FEWEST, 0, 0], [0, 0, 0], [0, 0, 0]]), **BOTH)["judge_agreement"]
    assert (same.value, same.reason) == (None, "one_score")
    assert agreement_measures({}, judge=False, second=False)["judge_agreement"].reason == "unset"


def test_who_agrees_is_unset_until_two_score_and_short_of_answers_from_then_on() -> None:
    for judge, second in ((True, False), (False, True)):
        found = agreement_measures({}, judge=judge, second=second)
        reasons = [found[name].reason for name in ("judge_agreement", "reviewer_agreement")]
        assert reasons == ["few_pairs" if on else "unset" for on in (judge, second)]


def test_pairs_are_kept_apart() -> None:
    found = agreement_measures({**sums(FLEISS, "reviewers"), cell("judge", "correct", "wrong"): 1}, **BOTH)
    assert found["reviewer_agreement"].n == 100
    assert found["judge_agreement"].n == 1
