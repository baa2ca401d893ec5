"""A figure's value in words, by what kind of figure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from proxy.kpi.precision import FIGURES as PRECISION
from proxy.kpi.report import Measure, Status
from proxy.words import formats
from proxy.words.formats import NONE, Language

ICONS: Final[Mapping[Status, str]] = {
    "met": "✓",
    "not_met": "✕",
    "below": "↓",
    "above": "↑",
    "inconclusive": "≈",
    "not_enough_data": "…",
    "not_due": "◔",
    "no_target": "·",
}
"""A status beside its words: colour is never the only sign."""

Kind = Literal["share", "time", "count", "score", "index", "money", "work"]

OTHERS: Final[Mapping[str, Kind]] = {
    "response_time": "time",
    "time_to_first": "time",
    "turns": "count",
    "sessions": "count",
    "wau": "count",
    "mau": "count",
    "dau": "count",
    "nps": "score",
    "sentiment": "score",
    "sentiment_shift": "score",
    "judge_agreement": "index",
    "reviewer_agreement": "index",
    "cost": "money",
    "cost_per_turn": "money",
    "cost_per_session": "money",
    "cost_per_automated_session": "money",
    "cost_avoided": "money",
    "time_saved": "work",
    "break_even": "count",
}
"""The figures that are no shares of something."""

COUNTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("automation_rate", "automation_rate_confirmed", "containment_rate", "handover_rate", "handover_request_rate"),
            *("abandonment_rate", "failure_rate", "no_answer_rate", "csat_response_rate", "sentiment_shift"),
            "cost_per_session",
        ),
        "sessions",
    ),
    **dict.fromkeys(("csat_response_rate_automated", "cost_per_automated_session", "cost_avoided"), "automated"),
    "csat_response_rate_handed_over": "handed_over",
    **dict.fromkeys(("recontact_rate", "durable_resolution_rate"), "resolved"),
    **dict.fromkeys(("csat", "nps", "typed_satisfaction"), "ratings"),
    **dict.fromkeys(("adoption", "adoption_present"), "people"),
    **dict.fromkeys(("response_time", "response_time_within_target", "time_to_first", "reformulation_rate"), "answers"),
    **dict.fromkeys((*PRECISION, "judge_agreement"), "answers"),
    **dict.fromkeys(("availability", "cost_per_turn"), "turns"),
    **dict.fromkeys(("sentiment", "sentiment_negative", "sentiment_undecided"), "messages"),
}
"""What each figure that rests on a number of something counts."""

NO_CHANGE: Final = "0"
"""How a difference is written that rounds to nothing."""
SMALLEST_TIME: Final = 0.0005
"""Seconds below which a difference of times rounds to nothing."""


def kind(name: str) -> Kind:
    """What a figure of the API measures."""
    return OTHERS.get(name, "share")


def value(name: str, number: float | None, language: Language, currency: str | None = None) -> str:
    """A value with its unit; of money the currency has to be said."""
    if number is None:
        return NONE
    match kind(name):
        case "share":
            return formats.percent(number, language)
        case "time":
            return formats.seconds(number, language)
        case "count":
            return formats.number(number, language, 0 if number >= 10 or number % 1 == 0 else 1)
        case "score":
            return formats.signed(number, language)
        case "index":
            return (formats.MINUS if number < 0 else "") + formats.number(abs(number), language, 2)
        case "money":
            return formats.money(number, currency or "", language)
        case "work":
            return formats.hours(number, language)


def round_number(name: str, number: float, language: Language, currency: str | None = None) -> str:
    """A target or the end of an axis."""
    match kind(name):
        case "time":
            return formats.limit(number, language)
        case "share":
            return formats.percent(number, language, 0)
        case "count" | "score":
            return formats.number(number, language, 0 if abs(number) >= 4 else 1)
        case "index" | "money" | "work":
            return value(name, number, language, currency)


def target(measure: Measure, language: Language) -> str:
    """A target without words: 50–80%, ≤ 10 s, ≥ 60%; "" without one."""
    low, high = measure.target or (None, None)
    if low is not None and high is not None:
        return formats.percents(low, high, language, 0)  # only shares have a band
    if low is not None:
        return f"≥{formats.HARD}{formats.percent(low, language, 0)}"
    return "" if high is None else f"≤{formats.HARD}{formats.limit(high, language)}"


def interval(name: str, measure: Measure, language: Language) -> str:
    """From its lower to its upper end; "" where there is none."""
    if measure.interval is None:
        return ""
    if kind(name) == "share":
        return formats.percents(*measure.interval, language)
    return "–".join([value(name, end, language) for end in measure.interval])


def counted(measure: Measure, language: Language) -> str:
    """Numerator / denominator, or how many."""
    if measure.denominator is not None:
        hits, n = (formats.number(count or 0, language) for count in (measure.numerator, measure.denominator))
        return f"{hits}{formats.HARD}/{formats.HARD}{n}"
    return "" if measure.n is None else formats.number(measure.n, language)


def change(name: str, difference: float, language: Language, currency: str | None = None) -> str:
    """A difference of two values: points for shares, else the unit of the figure. Never hides a sign behind rounding."""
    match kind(name):
        case "share":
            return formats.signed(difference * 100, language, 1)
        case "time":
            if abs(difference) < SMALLEST_TIME:
                return NO_CHANGE
            sign = "+" if difference >= 0 else formats.MINUS
            return sign + formats.seconds(abs(difference), language)
        case "money" | "work":
            shown = value(name, abs(difference), language, currency)
            if shown == value(name, 0.0, language, currency):
                return NO_CHANGE
            return ("+" if difference >= 0 else formats.MINUS) + shown
        case "count" | "score":
            return formats.signed(difference, language)
        case "index":
            return formats.signed(difference, language, 2)
