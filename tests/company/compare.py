"""The proxy's figures beside the truth: every one that differs is told."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from proxy.kpi.report import Figures, Measure
from tests.company.truth import Day, Days, together

OUTCOMES = ("handed_over", "failed", "no_answer", "abandoned", "resolved_confirmed", "resolved_assumed")
SMALLEST = 5
"""Eligible people below which nothing is said about people."""
RELATIVE = 0.02
"""What a percentile from logarithmic buckets may be off."""


def differences(figures: Figures, days: Days, assistant: str, department: str, first: date, last: date, heads: int) -> list[str]:
    """Each figure that is not the truth, with both values. `heads`: eligible people."""
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    whole = together(days, assistant, department, span)
    kpis = figures.kpis
    found = [*_sessions(kpis, figures.outcomes, whole), *_times(kpis["response_time"], kpis, whole)]
    found += _people(kpis, days, assistant, department, span, heads)
    return [f"{assistant} {department or 'all'} {first}..{last}: {line}" for line in found]


def _is(name: str, said: object, true: object) -> Iterator[str]:
    same = math.isclose(said, true, rel_tol=1e-9) if isinstance(said, float) and isinstance(true, float) else said == true
    if not same:
        yield f"{name} is {true}, said {said}"


def _share(kpis: dict[str, Measure], name: str, hits: int, n: int) -> Iterator[str]:
    measure = kpis[name]
    yield from _is(name, (measure.numerator, measure.denominator), (hits, n) if n else (0, 0))
    yield from _is(name, measure.value, hits / n if n else None)


def _sessions(kpis: dict[str, Measure], outcomes: dict[str, int], whole: Day) -> Iterator[str]:
    count = whole.counts
    n = sum(count[name] for name in OUTCOMES)
    for name in OUTCOMES:
        yield from _is(name, outcomes[name], count[name])
    yield from _is("sessions", kpis["sessions"].value, float(n))
    yield from _is("turns", kpis["turns"].value, float(count["turns"]))
    shares = {
        "automation_rate": count["resolved_confirmed"] + count["resolved_assumed"],
        "automation_rate_confirmed": count["resolved_confirmed"],
        "containment_rate": n - count["handed_over"],
        "handover_rate": count["handed_over"],
        "handover_request_rate": count["requested"],
        "abandonment_rate": count["abandoned"],
        "failure_rate": count["failed"],
        "no_answer_rate": count["no_answer"],
        "csat_response_rate": count["rated"],
    }
    for name, hits in shares.items():
        yield from _share(kpis, name, hits, n)
    yield from _share(kpis, "csat", count["good"], count["ratings"])
    yield from _share(kpis, "availability", count["up"], count["valid"])


def _times(measure: Measure, kpis: dict[str, Measure], whole: Day) -> Iterator[str]:
    times = sorted(whole.times)
    yield from _is("answers", measure.n, len(times))
    yield from _share(kpis, "response_time_within_target", sum(each < 10.0 for each in times), len(times))
    if not times:
        return
    yield from _is("response_time", measure.value, sum(round(each * 1e6) for each in times) / len(times) / 1e6)
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        true, said = times[max(1, math.ceil(share * len(times))) - 1], getattr(measure, name)
        if said is None or abs(said - true) > RELATIVE * true + 1e-9:
            yield f"{name} is {true}, said {said}"


def _people(
    kpis: dict[str, Measure], days: Days, assistant: str, department: str, span: Sequence[date], heads: int
) -> Iterator[str]:
    if heads < SMALLEST:
        yield from (
            f"{name} is of a group too small to be shown"
            for name in ("dau", "mau", "wau", "adoption")
            if kpis[name].value is not None
        )
        return
    daily = [len(together(days, assistant, department, [on]).people) for on in span]
    begun = next((at for at, each in enumerate(daily) if each), len(daily))
    seen = daily[begun:]
    yield from _is("dau", kpis["dau"].value, sum(seen) / len(seen) if seen else None)
    # A calendar month is meant as one, anything else rolls.
    whole = span[0].day == 1 and (span[-1] + timedelta(days=1)).day == 1 and len(span) <= 31
    month = span if whole else [span[-1] - timedelta(days=number) for number in range(28)]
    yield from _is("mau", kpis["mau"].value, float(len(together(days, assistant, department, month).people)))
    mondays = [on for on in span if on.weekday() == 0 and on + timedelta(days=6) <= span[-1]][-4:]
    weeks = [len(together(days, assistant, department, [on + timedelta(days=n) for n in range(7)]).people) for on in mondays]
    if weeks and weeks[0]:
        yield from _is("wau", kpis["wau"].value, float(weeks[-1]))
        yield from _is("adoption", kpis["adoption"].value, min(sum(weeks) / len(weeks), heads) / heads)
