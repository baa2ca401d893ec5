"""What the figures without a target say, and what to do next: held against the month before, or against what they rest on.

As in `saying`, nothing is claimed that an interval does not carry: a figure that is no farther from the month before than chance
is called steady, and what rests on assumptions says so, with what they would make of it at worst.
"""

from __future__ import annotations

from typing import Final, Literal

from proxy.kpi.compare import difference
from proxy.kpi.report import Measure
from proxy.kpi.value import ValueReport
from proxy.report.model import Facts
from proxy.words import formats, written
from proxy.words.catalogue import Words
from proxy.words.formats import NONE

STEADY: Final = ("availability", "response_time_within_target")
"""Shares that ought to stay where they are."""
WORTH: Final = ("cost_per_automated_session", "roi")
"""Figures that rest on prices, costs and assumptions."""
Course = Literal["higher", "lower", "steady", "first"]


def means(name: str, facts: Facts, words: Words) -> str:
    """What one of these figures says about the month."""
    measure = _measure(name, facts)
    if measure.value is None:
        return words("means.not_given", reason=words.reason(measure.reason))
    value = written.value(name, measure.value, words.language, measure.currency)
    if name in STEADY:
        return words(f"means.{name}", value=value, **_missed(measure, words))
    if name == "roi":
        return words("means.roi.loss" if measure.value < 0 else "means.roi.gain", value=value, **_scenarios(facts.value, words))
    session = _measure("cost_per_session", facts)
    any_session = written.value("cost_per_session", session.value, words.language, session.currency)
    return words("means.cost_per_automated_session", value=value, session=any_session)


def what_next(name: str, facts: Facts, words: Words) -> str:
    """What to do about it; "" when there is no figure."""
    measure = _measure(name, facts)
    if measure.value is None:
        return ""
    if name in STEADY:
        return words(f"next.{name}.{_course(name, measure, facts)}")
    if name == "roi":
        return _next_roi(measure.value, facts.value, words)
    part = max(("tokens", "platform", "fixed"), key=lambda each: facts.value.cost[each] or 0.0)
    return words(f"next.cost.{part}", amount=formats.money(facts.value.cost[part] or 0.0, facts.value.currency, words.language))


def _course(name: str, measure: Measure, facts: Facts) -> Course:
    found = difference(measure, facts.before.kpis.get(name, Measure(value=None)))
    if found is None:
        return "first"
    return found.verdict if found.verdict in ("higher", "lower") else "steady"


def _next_roi(roi: float, value: ValueReport, words: Words) -> str:
    if roi < 0:
        needed, had = value.kpis["break_even"].value, {each.name: each.automated for each in value.scenarios}.get("base")
        if needed is None or had is None:
            return words("next.roi.loss")
        return words("next.roi.even", needed=formats.number(needed, words.language), had=formats.number(had, words.language))
    worst = min([each.roi for each in value.scenarios if each.roi is not None], default=roi)
    return words("next.roi.doubt" if worst < 0 else "next.roi.gain")


def _scenarios(value: ValueReport, words: Words) -> dict[str, str]:
    found = [each.roi for each in value.scenarios if each.roi is not None]
    ends = (min(found), max(found)) if found else (None, None)
    return {
        name: NONE if roi is None else written.value("roi", roi, words.language)
        for name, roi in zip(("low", "high"), ends, strict=True)
    }


def _missed(measure: Measure, words: Words) -> dict[str, str]:
    missed = (measure.denominator or 0) - (measure.numerator or 0)
    return {"count": formats.number(missed, words.language)}


def _measure(name: str, facts: Facts) -> Measure:
    return facts.figures.kpis.get(name, Measure(value=None, reason="no_data"))
