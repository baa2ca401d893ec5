"""The proxy's figures beside the truth: every one that differs is told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from proxy.kpi.report import Figures, Measure
from tests.company.scenario import Person
from tests.company.truth import Day, Days, Heads, counts, together

OUTCOMES = ("handed_over", "failed", "no_answer", "abandoned", "resolved_confirmed", "resolved_assumed")
SMALLEST = 5
"""Eligible people below which nothing is said about people."""
FARTHEST = 0.0243
"""Three standard errors of a HyperLogLog (0.81 %): what 997 of 1,000 counts stay within."""
RELATIVE = 0.02
"""What a percentile from logarithmic buckets may be off."""


@dataclass
class Truth:
    """What is true of the company. `estimated` names the assistants whose people may be counted by HyperLogLogs."""

    days: Days
    heads: Heads
    people: dict[str, Person]
    estimated: frozenset[str]
    errors: list[float] = field(default_factory=list)  # of their counts, relative


def differences(figures: Figures, truth: Truth, assistant: str, department: str, first: date, last: date) -> list[str]:
    """Each figure that is not the truth, with both values."""
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    whole = together(truth.days, assistant, department, span)
    kpis = figures.kpis
    found = [*_sessions(kpis, figures.outcomes, whole), *_times(kpis, "response_time", whole.times)]
    found += [*_times(kpis, "time_to_first", whole.firsts), *_surveys(kpis["nps"], whole)]
    times = whole.times
    found += _share(kpis, "response_time_within_target", sum(each < 10.0 for each in times), len(times))
    found += _people(kpis, truth, assistant, department, span)
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
    yield from _share(kpis, "recontact_rate", count["recontact"], count["could_be_resolved"])
    yield from _share(kpis, "durable_resolution_rate", count["durable"], count["looked"])
    yield from _share(kpis, "csat", count["good"], count["ratings"])
    yield from _share(kpis, "availability", count["up"], count["valid"])


def _surveys(measure: Measure, whole: Day) -> Iterator[str]:
    n = whole.counts["surveys"]
    yield from _is("nps answers", measure.n, n)
    if n:
        yield from _is("nps", measure.value, 100.0 * (whole.counts["promoters"] - whole.counts["detractors"]) / n)


def _times(kpis: dict[str, Measure], name: str, seconds: list[float]) -> Iterator[str]:
    measure, times = kpis[name], sorted(seconds)
    yield from _is(f"n of {name}", measure.n, len(times))
    if not times:
        return
    yield from _is(name, measure.value, sum(round(each * 1e6) for each in times) / len(times) / 1e6)
    for percentile, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        true, said = times[max(1, math.ceil(share * len(times))) - 1], getattr(measure, percentile)
        if said is None or abs(said - true) > RELATIVE * true + 1e-9:
            yield f"{name} {percentile} is {true}, said {said}"


def _people(kpis: dict[str, Measure], truth: Truth, assistant: str, department: str, span: Sequence[date]) -> Iterator[str]:
    mondays = [on for on in span if on.weekday() == 0 and on + timedelta(days=6) <= span[-1]][-4:]
    running = span[-1] - timedelta(days=span[-1].weekday())
    heads = {on: truth.heads[department, on] for on in (*mondays, running)}
    if any(0 < count < SMALLEST for count in heads.values()):
        yield from (
            f"{name} is of a group too small to be shown"
            for name in ("dau", "mau", "wau", "adoption", "stickiness")
            if kpis[name].value is not None
        )
        return

    def active(days: Iterable[date]) -> set[str]:
        return together(truth.days, assistant, department, days).people

    def count(name: str, true: float | None) -> Iterator[str]:
        said = kpis[name].value
        if assistant not in truth.estimated or said is None or not true:
            yield from _is(name, said, true)
            return
        truth.errors.append(abs(said - true) / true)
        if truth.errors[-1] > FARTHEST:
            yield f"{name} is {true}, estimated as {said}"

    daily = [len(active([on])) for on in span]
    begun = next((at for at, each in enumerate(daily) if each), len(daily))
    seen = daily[begun:]
    dau = sum(seen) / len(seen) if seen else None
    yield from count("dau", dau)
    # A calendar month is meant as one, anything else rolls.
    whole = span[0].day == 1 and (span[-1] + timedelta(days=1)).day == 1 and len(span) <= 31
    mau = len(active(span if whole else [span[-1] - timedelta(days=number) for number in range(28)]))
    yield from count("mau", float(mau))
    yield from count("stickiness", dau / mau if dau is not None and mau else None)
    weeks = [(on, active(on + timedelta(days=n) for n in range(7))) for on in mondays]
    adopted = [(on, sum(counts(truth.people[user], on) for user in users)) for on, users in weeks]
    adopted = adopted[next((at for at, (_, each) in enumerate(adopted) if each), len(adopted)) :]
    if adopted:
        yield from count("wau", float(len(weeks[-1][1])))
        known = all(heads[on] for on, _ in adopted)
        yield from count("adoption", sum(each for _, each in adopted) / sum(heads[on] for on, _ in adopted) if known else None)
