"""Cohen's kappa: how far two who score the same answers agree beyond what chance alone would bring.

Two who both call nine answers in ten correct agree on four in five by chance; kappa is 0 then, and 1 when they always agree.
The interval is the large-sample one of Fleiss, Cohen and Everitt (Psychological Bulletin 72, 1969), cut at -1 and 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Final, Literal, get_args

from proxy.kpi.report import Measure
from proxy.kpi.stats import Z95

Score = Literal["correct", "partly", "wrong", "unsure"]
"""Of one answer. `unsure` (cannot tell, or a judge's verdict that can't be read) is in no share and in no agreement."""
SCORES: Final[tuple[Score, ...]] = get_args(Score)
DECIDED: Final[tuple[Score, ...]] = ("correct", "partly", "wrong")

Pair = Literal["judge", "reviewers"]
"""Who is compared: the judge (first) with reviews (second), or the first reviewer with the second."""

FEWEST: Final = 30
"""Answers that both scored below which no kappa is given: its interval would reach over half of the scale."""


def cell(pair: Pair, one: Score, other: Score) -> str:
    """Name of the ledger's cell that counts answers which both scored so."""
    return f"pair:{pair}:{one}:{other}"


AGREEMENTS: Final[Mapping[str, Pair]] = {"judge_agreement": "judge", "reviewer_agreement": "reviewers"}
"""The figures, by name."""


def agreement_measures(sums: Mapping[str, int], *, judge: bool, second: bool) -> dict[str, Measure]:
    """Give how far the judge agrees with people, and people with each other.

    `judge` and `second` say whether a judge, or a second reviewer, scores beside the first: where none does or did, it is unset.
    """
    on = {"judge": judge, "reviewers": second}
    return {name: agreement(sums, pair, on=on[pair]) for name, pair in AGREEMENTS.items()}


def agreement(sums: Mapping[str, int], pair: Pair, *, on: bool) -> Measure:
    """Give kappa as a measure: `n` answers that both decided on, `numerator` of them scored alike."""
    table = {(one, other): sums.get(cell(pair, one, other), 0) for one in DECIDED for other in DECIDED}
    n, alike = sum(table.values()), sum(table[one, one] for one in DECIDED)
    if not n and not on:
        return Measure(value=None, reason="unset")
    if n < FEWEST:
        return Measure(value=None, numerator=alike, denominator=n, n=n, status="not_enough_data", reason="few_pairs")
    found = kappa([[table[one, other] for other in DECIDED] for one in DECIDED])
    if found is None:
        return Measure(value=None, numerator=alike, denominator=n, n=n, reason="one_score")
    value, low, high = found
    return Measure(value=value, numerator=alike, denominator=n, n=n, interval=(low, high))


def kappa(table: list[list[int]]) -> tuple[float, float, float] | None:
    """Give kappa with its 95 % interval of a square table of counts (rows: the one, columns: the other).

    None where both gave every answer the same score: chance would bring that as well, and nothing can be told.
    """
    n = sum(map(sum, table))
    size = range(len(table))
    rows = [sum(table[i]) / n for i in size]
    columns = [sum(table[i][j] for i in size) / n for j in size]
    observed = sum(table[i][i] for i in size) / n
    chance = sum(rows[i] * columns[i] for i in size)
    if chance >= 1:
        return None
    value = (observed - chance) / (1 - chance)
    spread = sum(_spread(table, rows, columns, value)) / n - (value - chance * (1 - value)) ** 2
    half = Z95 * sqrt(max(spread, 0.0) / n) / (1 - chance)
    return value, max(value - half, -1.0), min(value + half, 1.0)


def _spread(table: list[list[int]], rows: list[float], columns: list[float], value: float) -> Iterator[float]:
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            if i == j:
                yield count * (1 - (rows[i] + columns[i]) * (1 - value)) ** 2
            else:
                yield count * ((columns[i] + rows[j]) * (1 - value)) ** 2
