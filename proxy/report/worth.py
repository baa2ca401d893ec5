"""Costs and value in words: the tables and sentences that the report and the console's page have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from proxy.kpi.baseline import Baseline, Effect
from proxy.kpi.costs import ModelCost
from proxy.kpi.report import Measure
from proxy.kpi.scenarios import Scenario
from proxy.kpi.usage import KINDS
from proxy.kpi.value import VALUE, ValueReport
from proxy.report.model import Table
from proxy.settings.value import Assumptions, Cost
from proxy.words import formats, written
from proxy.words.catalogue import Words
from proxy.words.formats import HARD, NONE

PARTS: Final = ("tokens", "platform", "fixed", "total")
"""Of the cost, in the order in which they are shown."""


class Figure(msgspec.Struct, frozen=True):
    """One figure in words, or why there is none."""

    name: str
    label: str
    value: str
    reason: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is said of costs and value."""

    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    rests: tuple[str, ...]  # the numbers behind, as sentences


def told(value: ValueReport, words: Words) -> Told:
    """Decide what is said. Without any number in the settings, only that."""
    if not value.configured and value.baseline is None:
        return Told(figures=(), tables=(), notes=(words("value.none"),), rests=())
    return Told(
        figures=tuple([_figure(name, value.kpis[name], words) for name in VALUE]),
        tables=tuple(_tables(value, words)),
        notes=tuple(_notes(value, words)),
        rests=(*_paid(value, words), *_assumed(value, words)),
    )


def _figure(name: str, measure: Measure, words: Words) -> Figure:
    shown = written.value(name, measure.value, words.language, measure.currency)
    return Figure(name, words(name), shown, "" if measure.value is not None else words.reason(measure.reason))


def _tables(value: ValueReport, words: Words) -> Iterator[Table]:
    yield Table(
        words("value.costs"),
        (words("cost"), words("value.amount")),
        tuple([(words(f"value.cost.{part}"), _part(value, part, words)) for part in PARTS]),
    )
    if value.scenarios:
        head = (words("value.scenario"), *[words(f"value.{each.name}") for each in value.scenarios])
        yield Table(words("value.scenarios"), head, tuple(_scenario_rows(value, words)))
    if value.baseline is not None and value.baseline.change is not None:
        yield _baseline(value.baseline, words)
    for effect in value.phases:
        if effect.change is not None:
            yield _phase(effect, words)
    if value.models:
        head = ("value.model", "value.turns", *[f"value.tokens.{kind}" for kind in KINDS], "value.amount", "value.price")
        rows = tuple([_model(each, value.currency, words) for each in value.models])
        yield Table(words("value.models"), tuple([words(key) for key in head]), rows)


def _baseline(found: Baseline, words: Words) -> Table:
    language = words.language
    low, high = (formats.signed(each, language) for each in found.interval or (0.0, 0.0))
    change = words("value.baseline.range", change=formats.signed(found.change or 0.0, language), low=low, high=high)
    rows = (
        (words("value.baseline.before", weeks=found.weeks_before), formats.number(found.before or 0.0, language)),
        (words("value.baseline.since", weeks=found.weeks_since), formats.number(found.since or 0.0, language)),
        (words("value.baseline.change"), change),
    )
    return Table(words("value.baseline"), (words("value.baseline.when"), words("value.baseline.contacts")), rows)


def _phase(found: Effect, words: Words) -> Table:
    language = words.language
    low, high = (formats.signed(each, language) for each in found.interval or (0.0, 0.0))
    change = words("value.baseline.range", change=formats.signed(found.change or 0.0, language), low=low, high=high)
    rows = (
        (words("value.phase.expected"), formats.number(found.expected or 0.0, language)),
        (words("value.baseline.since", weeks=found.weeks_since), formats.number(found.since or 0.0, language)),
        (words("value.baseline.change"), change),
    )
    caption = words("value.phase", departments=", ".join(found.departments), day=_day(found.from_, words))
    return Table(caption, (words("value.baseline.when"), words("value.baseline.contacts")), rows)


def _part(value: ValueReport, part: str, words: Words) -> str:
    amount = value.cost[part]
    if amount is not None:
        return _money(amount, value, words)
    return words("value.unset") if value.kpis["cost"].value is None else words("value.partly")


def _scenario_rows(value: ValueReport, words: Words) -> Iterator[tuple[str, ...]]:
    language = words.language

    def line(name: str, shown: Callable[[Scenario], str]) -> tuple[str, ...]:
        return (words(f"value.{name}"), *[shown(each) for each in value.scenarios])

    def amount(number: float | None) -> str:
        return NONE if number is None else _money(number, value, words)

    yield line("automated", lambda each: formats.number(each.automated, language))
    yield line("avoided_contacts", lambda each: formats.number(each.avoided_contacts, language))
    yield line("cost_avoided", lambda each: amount(each.cost_avoided))
    if any(each.triage_credit for each in value.scenarios):
        yield line("triage_credit", lambda each: amount(each.triage_credit))
    yield line("time_saved", lambda each: NONE if each.time_saved is None else formats.hours(each.time_saved, language))
    if any(each.people is not None for each in value.scenarios):
        yield line("people", lambda each: NONE if each.people is None else formats.number(each.people, language, 1))
    if value.kpis["roi"].value is None:
        return
    yield line("net", lambda each: amount(each.net))
    yield line("roi", lambda each: NONE if each.roi is None else formats.percent(each.roi, language, 0))
    yield line("break_even", lambda each: NONE if each.break_even is None else formats.number(each.break_even, language))


def _model(model: ModelCost, currency: str, words: Words) -> tuple[str, ...]:
    language = words.language
    source = "none" if model.amount is None or model.source is None else model.source
    return (
        model.model or words("value.nameless"),
        formats.number(model.turns, language),
        *[formats.number(model.tokens.get(kind, 0), language) for kind in KINDS],
        NONE if model.amount is None else formats.money(model.amount, currency, language),
        words(f"value.price.{source}"),
    )


def _notes(value: ValueReport, words: Words) -> Iterator[str]:
    language = words.language
    if value.unknown.value:
        count, turns = (formats.number(each or 0, language) for each in (value.unknown.numerator, value.unknown.denominator))
        yield words("value.unknown", share=formats.percent(value.unknown.value, language), count=count, turns=turns)
    if value.scenarios:
        yield words("value.note")
    if value.baseline is not None:
        reason = value.baseline.reason
        yield words("value.baseline.note") if reason is None else words("value.baseline.none", reason=words.reason(reason))
    if value.valued_from is not None and value.valued_to is not None and value.valued_from > value.from_:
        yield words("value.span", first=_day(value.valued_from, words), last=_day(value.valued_to, words))


def _paid(value: ValueReport, words: Words) -> Iterator[str]:
    for each in value.costs:
        yield words(
            "value.paid",
            day=_day(each.from_, words),
            monthly=_price(each, each.monthly, value, words),
            turn=_price(each, each.per_turn, value, words),
            session=_price(each, each.per_session, value, words),
        )


def _price(cost: Cost, amount: float, value: ValueReport, words: Words) -> str:
    return formats.money(amount, cost.currency or value.currency, words.language)


def _assumed(value: ValueReport, words: Words) -> Iterator[str]:
    language = words.language
    for each in value.assumptions:
        handling = "" if each.handling is None else _three(each.handling, lambda time: _minutes(time, words), words)
        said = [
            words(
                "value.assume",
                day=_day(each.from_, words),
                version=words("value.assume.version", version=each.version) if each.version else "",
                displacement=_three(each.displacement, lambda share: formats.percent(share, language, 0), words),
                contact=_three(each.contact_cost, lambda amount: _money(amount, value, words), words),
                handling=words("value.assume.handling", time=handling) if handling else "",
            ),
            *_triage(each, value, words),
        ]
        yield " ".join([*said, words("value.assume.source", source=each.source)] if each.source else said)


def _triage(each: Assumptions, value: ValueReport, words: Words) -> Sequence[str]:
    if not each.triage or not each.minute_cost:
        return ()
    return (words("value.assume.triage", time=_minutes(each.triage, words), amount=_money(each.minute_cost, value, words)),)


def _three(given: float | tuple[float, float, float], shown: Callable[[float], str], words: Words) -> str:
    if not isinstance(given, tuple):
        return shown(given)
    low, base, high = (shown(each) for each in given)
    return words("value.assume.scenarios", low=low, base=base, high=high)


def _minutes(seconds: float, words: Words) -> str:
    return formats.number(seconds / 60, words.language, 0 if seconds % 60 == 0 else 1) + HARD + "min"


def _money(amount: float, value: ValueReport, words: Words) -> str:
    return formats.money(amount, value.currency, words.language)


def _day(text: str, words: Words) -> str:
    return formats.full_day(date.fromisoformat(text), words.language)
