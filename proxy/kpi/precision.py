"""Answer precision: of the answers that one method judged, those that were correct. One series per method, never mixed.

    explicit    people rated the answer
    signals     what the person did next; an estimate
    review      members of staff read a sample
    judge       a language model read a sample

Each method leaves counts of answers in the ledger, in cells of its own: `precision:METHOD:correct`, `:wrong` and `:undecided`.
Judged are correct and wrong ones; what a method looked at and could not tell is undecided, in neither numerator nor denominator.
An average of methods would be a figure of nothing: they ask different questions of different answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

import msgspec

from proxy.kpi.parts import KeptRating
from proxy.kpi.report import Measure
from proxy.kpi.shares import share

Method = Literal["explicit", "signals", "review", "judge"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
Verdict = Literal["correct", "wrong", "undecided"]


def cell_of(method: Method, verdict: Verdict) -> str:
    """Name the ledger's cell of one answer that was looked at."""
    return f"precision:{method}:{verdict}"


def figure(method: Method) -> str:
    """Name the figure of a method."""
    return f"answer_precision_{method}"


FIGURES: Final[Mapping[str, Method]] = {figure(method): method for method in METHODS}
"""Every figure of precision with its method."""


def precision_measures(sums: Mapping[str, int], *, reviews: bool, judge: bool) -> dict[str, Measure]:
    """Give the precision by each method with Wilson's interval, and how often answers were asked for again.

    `reviews` and `judge` say whether somebody set these methods up: one that is not, and never judged an answer, is unset.
    """
    on = {"explicit": True, "signals": True, "review": reviews, "judge": judge}
    found = {name: _precision(sums, method, on=on[method]) for name, method in FIGURES.items()}
    return {**found, "reformulation_rate": reformulation_rate(sums)}


def reformulation_rate(sums: Mapping[str, int]) -> Measure:
    """Give the share of the answers judged by signals after which the same was asked again, in the same words or in others."""
    again = sums.get("signal:repeated", 0) + sums.get("signal:reformulated", 0)
    return share(again, sums.get(cell_of("signals", "correct"), 0) + sums.get(cell_of("signals", "wrong"), 0))


def _precision(sums: Mapping[str, int], method: Method, *, on: bool) -> Measure:
    correct, wrong, undecided = [sums.get(cell_of(method, verdict), 0) for verdict in get_args(Verdict)]
    measure = share(correct, correct + wrong)
    if measure.value is None and not undecided and not on:
        return Measure(value=None, reason="unset")
    return msgspec.structs.replace(measure, undecided=max(0, undecided))


def by_ratings(ratings: Iterable[KeptRating]) -> list[Verdict]:
    """Judge the answers that ratings name, one verdict for each: the last rating that was not taken back decides.

    A neutral one leaves the answer undecided. Ratings of a whole session say nothing of one answer, and NPS asks of the
    organisation. Ratings come in their order.
    """
    last: dict[int, KeptRating] = {}
    for rating in ratings:
        if rating.message is not None and rating.scale != "nps" and not rating.revoked:
            last[rating.message] = rating
    return ["undecided" if each.satisfied is None else "correct" if each.satisfied else "wrong" for each in last.values()]
