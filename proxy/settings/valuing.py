"""What the numbers of `value` must hold together: currencies with rates, bands of prices, scenarios in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from proxy.settings.baseline import BaselineError, contacts
from proxy.settings.problem import Problem
from proxy.settings.value import BANDS, Assumptions, Price, Rate, Value

CURRENCY: Final = re.compile(r"[A-Z]{3}")
"""ISO 4217."""
LIST_CURRENCY: Final = "USD"
"""Of the list of prices that the package has."""
MODEL: Final = 128
"""Characters of a model's name; those of the wire are cut there, too."""


class _Dated(Protocol):
    @property
    def from_(self) -> str: ...


def check_value(value: Value, path: str) -> Iterator[Problem]:
    """Every fault of one assistant's `value`."""
    yield from _currency(value.currency, f"{path}.currency", value, None)
    for at, rate in enumerate(value.rates):
        yield from _rate(rate, f"{path}.rates[{at}]", value)
    for at, price in enumerate(value.prices):
        yield from _price(price, f"{path}.prices[{at}]", value)
    for at, cost in enumerate(value.costs):
        where = f"{path}.costs[{at}]"
        yield from _amounts(cost, ("monthly", "per_turn", "per_session"), where)
        yield from _currency(cost.currency, f"{where}.currency", value, cost.from_)
    for at, assumptions in enumerate(value.assumptions):
        yield from _assumptions(assumptions, f"{path}.assumptions[{at}]")
    if value.baseline is not None:
        yield from _baseline(value.baseline, f"{path}.baseline")
    if value.phases and value.baseline is None:
        yield Problem(f"{path}.phases", "there are no contacts to compare", "name them in value.baseline, by department")
    for at, phase in enumerate(value.phases):
        if not phase.departments:
            yield Problem(f"{path}.phases[{at}].departments", "names none")
    for name in ("costs", "assumptions", "phases"):
        yield from _once(getattr(value, name), f"{path}.{name}")
    if value.list_prices and value.currency != LIST_CURRENCY and not any(each.currency == LIST_CURRENCY for each in value.rates):
        what = f"the list is in {LIST_CURRENCY}, and there is no rate to {value.currency}"
        yield Problem(f"{path}.list_prices", what, f"add rates: [{{from: DATE, currency: {LIST_CURRENCY}, rate: ...}}]")


def _baseline(file: str, path: str) -> Iterator[Problem]:
    try:
        contacts(Path(file).read_text("utf-8"))
    except OSError as error:
        yield Problem(path, f"{file} can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        yield Problem(path, f"{file} is not UTF-8 (byte {error.start})")
    except BaselineError as error:
        yield Problem(path, f"{file}: {error}")


def _currency(currency: str, path: str, value: Value, day: str | None) -> Iterator[Problem]:
    """A currency, and a rate for it where amounts of a day are in it."""
    if not currency and day is not None:
        return
    if not CURRENCY.fullmatch(currency):
        yield Problem(path, f'"{currency[:20]}" is no currency', "write its three letters, as EUR or USD")
    elif day is not None and currency != value.currency:
        rates = [each.from_ for each in value.rates if each.currency == currency]
        if not any(from_ <= day for from_ in rates):
            what = f"there is no rate of {currency} to {value.currency} on {day}"
            yield Problem(path, what, f"add one to {path.partition('.value')[0]}.value.rates")


def _rate(rate: Rate, path: str, value: Value) -> Iterator[Problem]:
    if not CURRENCY.fullmatch(rate.currency):
        yield Problem(f"{path}.currency", f'"{rate.currency[:20]}" is no currency', "write its three letters, as EUR or USD")
    elif rate.currency == value.currency:
        yield Problem(f"{path}.currency", f"{rate.currency} is the currency of the figures itself")
    if rate.rate <= 0:
        yield Problem(f"{path}.rate", f"{rate.rate:g} is not more than 0", f"what 1 {rate.currency} is in {value.currency}")


def _price(price: Price, path: str, value: Value) -> Iterator[Problem]:
    if not 0 < len(price.model) <= MODEL:
        yield Problem(f"{path}.model", f"has not 1 to {MODEL} characters")
    yield from _amounts(price, ("input", "output", "cached", "written", "reasoning"), path)
    if price.above not in BANDS:
        allowed = ", ".join(str(each) for each in BANDS[1:])
        yield Problem(f"{path}.above", f"tokens are not kept apart at {price.above}", f"they are at {allowed}")
    yield from _currency(price.currency, f"{path}.currency", value, price.from_)


def _assumptions(found: Assumptions, path: str) -> Iterator[Problem]:
    for name in ("displacement", "contact_cost", "handling"):
        given = getattr(found, name)
        if isinstance(given, tuple) and list(given) != sorted(given):
            low, base, high = sorted(given)
            yield Problem(f"{path}.{name}", "is not in the order low, base, high", f"did you mean [{low:g}, {base:g}, {high:g}]?")
    yield from _amounts(found, ("minute_cost",), path)
    costs = found.contact_cost if isinstance(found.contact_cost, tuple) else (found.contact_cost,)
    if any(each < 0 for each in costs):
        yield Problem(f"{path}.contact_cost", "is negative")
    if found.monthly_hours is not None and found.monthly_hours <= 0:
        yield Problem(f"{path}.monthly_hours", "must be more than 0")


def _amounts(section: object, names: Sequence[str], path: str) -> Iterator[Problem]:
    for name in names:
        amount = getattr(section, name)
        if amount is not None and amount < 0:
            yield Problem(f"{path}.{name}", f"{amount:g} is negative")


def _once(entries: Sequence[_Dated], path: str) -> Iterator[Problem]:
    """Two entries of one day would leave open which holds."""
    days: dict[str, str] = {}
    for at, entry in enumerate(entries):
        where = f"{path}[{at}].from"
        if first := days.get(entry.from_):
            yield Problem(where, f"{entry.from_} is the first day of {first.removesuffix('.from')} too", "each has its own")
        days.setdefault(entry.from_, where)
