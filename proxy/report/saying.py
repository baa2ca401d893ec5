"""What a figure means and what to do next: rules that claim no more than the figure's interval allows.

A target is called met or missed only when the status says so, which rests on the interval. Where it is too close to call, or
too little was counted, that is what is said, and no advice is built on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from proxy.kpi.compare import Difference, difference
from proxy.kpi.opinions import TYPED
from proxy.kpi.report import Figures, Measure
from proxy.report.model import Facts
from proxy.words import written
from proxy.words.catalogue import CATALOGUE, Words
from proxy.words.formats import full_day, number, percent, seconds
from proxy.words.written import NO_CHANGE

LOSSES: Final = ("handed_over", "no_answer", "abandoned", "failed")
"""Outcomes that are not automated."""
FEW: Final = 0.05
"""Share of rated sessions below which the ratings may not speak for the others."""
FEW_POINTS: Final = 0.0195
"""Difference of shares from which French has points, and not a point, as it is written."""
RAMP: Final = timedelta(days=91)
"""From the launch to the day that the adoption target is for: three months."""


def means(name: str, facts: Facts, words: Words) -> str:
    """What one of the five figures says about the month."""
    measure = facts.figures.kpis.get(name, Measure(value=None, reason="no_data"))
    language = words.language
    if measure.value is None:
        return words("means.not_given", reason=words.reason(measure.reason))
    value = written.value(name, measure.value, language)
    if measure.status == "inconclusive":
        rests = based(name, measure, words)
        return words("means.inconclusive", value=value, counted=rests, interval=written.interval(name, measure, language))
    key = f"means.{name}.{measure.status}"
    if key not in CATALOGUE:
        return words("means.not_enough_data")
    return words(key, value=value, **_asides(facts.figures, words))


def what_next(name: str, facts: Facts, words: Words) -> str:
    """What to do about it; "" when there is no figure."""
    measure = facts.figures.kpis.get(name, Measure(value=None))
    if measure.value is None:
        return ""
    key = _next(name, measure, facts)
    return words(key, **_asides(facts.figures, words), **_place(name, measure, facts, words))


def change(name: str, now: Measure, before: Measure, words: Words) -> str:
    """How a figure differs from the month before, and whether that is more than chance."""
    found = difference(now, before)
    return words("change.none") if found is None else differs(name, found, words, now.currency)


def differs(name: str, found: Difference, words: Words, currency: str | None = None) -> str:
    """A difference in words, with what chance has to do with it."""
    by = written.change(name, found.value, words.language, currency)
    if by == NO_CHANGE:
        return words("change.same")
    if written.kind(name) == "share":
        by = words("change.points" if abs(found.value) >= FEW_POINTS else "change.point", points=by)
    return words(f"change.{found.verdict}", by=by)


def counted(name: str, measure: Measure, words: Words) -> str:
    """Say in short what a figure rests on, for a column: 620 / 1,000, with what could not be judged."""
    if measure.denominator is None:
        return based(name, measure, words)
    return _with_doubts(written.counted(measure, words.language), measure, words)


def based(name: str, measure: Measure, words: Words) -> str:
    """The same in words: 620 of 1,000 sessions; "" where nothing was counted."""
    if name not in written.COUNTED:
        return _with_doubts(written.counted(measure, words.language), measure, words)
    what = words(f"of.{written.COUNTED[name]}")
    if measure.denominator is not None:
        part, whole = (number(count or 0, words.language) for count in (measure.numerator, measure.denominator))
        said = words("part", part=part, whole=whole, what=what)
    else:
        said = "" if measure.n is None else words("whole", whole=number(measure.n, words.language), what=what)
    return _with_doubts(said, measure, words)


def _with_doubts(rests: str, measure: Measure, words: Words) -> str:
    said = [rests]
    if measure.undecided:
        said.append(words("undecided", count=number(measure.undecided, words.language)))
    if measure.accuracy is not None:
        said.append(words("estimate", accuracy=percent(measure.accuracy, words.language, 0)))
    return " · ".join(said)


def opinions(figures: Figures, words: Words) -> tuple[str, ...]:
    """Say what people's own messages tell: ratings that they typed, and how the messages sound, as far as that is read."""
    language = words.language
    said = []
    typed = figures.kpis.get(TYPED)
    if typed is not None and typed.value is not None:
        said.append(words("opinions.typed", value=percent(typed.value, language), **_counts(typed, words)))
    negative, undecided = figures.kpis.get("sentiment_negative"), figures.kpis.get("sentiment_undecided")
    if negative is not None and negative.value is not None and negative.accuracy is not None:
        unclear = 0.0 if undecided is None or undecided.value is None else undecided.value
        shares = {"value": negative.value, "undecided": unclear}
        told = {name: percent(value, language) for name, value in shares.items()}
        said.append(words("opinions.sentiment", **told, accuracy=percent(negative.accuracy, language, 0)))
    return tuple(said)


def unset(names: Iterable[str], facts: Facts, words: Words) -> Iterator[str]:
    """Say which figures nobody chose to know, and what in the settings would give them; once for those with the same way."""
    hints: dict[str, list[str]] = {}
    for name in names:
        measure = facts.figures.kpis.get(name)
        if measure is not None and measure.reason == "unset" and f"unset.{name}" in CATALOGUE:
            hints.setdefault(words(f"unset.{name}"), []).append(words(name))
    yield from (words("report.unset", names=", ".join(labels), hint=hint) for hint, labels in hints.items())
    if facts.topics is None or not facts.topics.kept:
        yield words("topics.unset")


def _next(name: str, measure: Measure, facts: Facts) -> str:
    match name, measure.status:
        case "adoption", status if status != "met" and _early(facts):
            return "next.adoption.early"
        case _, "inconclusive":
            return "next.inconclusive"
        case _, "not_enough_data" | "no_target":
            return "next.not_enough_data"
        case "response_time", "met" if _tail(measure):
            return "next.response_time.tail"
        case "csat", "met" | "not_met" if _few(facts.figures):
            return "next.csat.few"
        case "automation_rate", "met" | "below" if not _losses(facts.figures):
            return "next.automation_rate.above"
        case _:
            return f"next.{name}.{measure.status}"


def _tail(measure: Measure) -> bool:
    _, high = measure.target or (None, None)
    return high is not None and measure.p95 is not None and measure.p95 > high


def _few(figures: Figures) -> bool:
    rated = figures.kpis.get("csat_response_rate")
    return rated is not None and rated.value is not None and rated.value < FEW


def _early(facts: Facts) -> bool:
    return facts.launched is not None and facts.month.last < _due(facts.launched)


def _due(launched: date) -> date:
    return launched + RAMP


def _losses(figures: Figures) -> list[tuple[int, str]]:
    """Sessions that were not automated by how they ended, the most first."""
    return sorted(((figures.outcomes.get(name, 0), name) for name in LOSSES if figures.outcomes.get(name)), reverse=True)


def _asides(figures: Figures, words: Words) -> dict[str, str]:
    """Values of the figures that stand beside the five."""
    beside = {
        "confirmed": "automation_rate_confirmed",
        "within": "response_time_within_target",
        "rated": "csat_response_rate",
        "asked": "handover_request_rate",
    }
    found = {key: figures.kpis.get(name) for key, name in beside.items()}
    return {key: percent(each.value if each and each.value is not None else 0.0, words.language) for key, each in found.items()}


def _place(name: str, measure: Measure, facts: Facts, words: Words) -> dict[str, str]:
    """What the advice on one figure names."""
    language = words.language
    match name:
        case "automation_rate":
            losses = _losses(facts.figures)
            count, cause = losses[0] if losses else (0, LOSSES[0])
            return {"cause": words(f"outcome.{cause}"), "count": number(count, language)}
        case "csat":
            return {"count": number((measure.denominator or 0) - (measure.numerator or 0), language)}
        case "response_time":
            return {key: seconds(value or 0.0, language) for key, value in (("p50", measure.p50), ("p95", measure.p95))}
        case "adoption":
            return {"day": full_day(_due(facts.launched), language) if facts.launched else ""}
        case _:
            return {}


def _counts(measure: Measure, words: Words) -> dict[str, str]:
    counts = {"numerator": measure.numerator, "denominator": measure.denominator, "n": measure.n}
    return {key: number(count or 0, words.language) for key, count in counts.items()}
