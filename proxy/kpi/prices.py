"""What tokens cost on a day: the operator's own table first, then a list of published prices, and else nothing is known.

An operator's row holds from its day on until a later one of the same models and the same length of input. Where the patterns of
several rows fit a model, the one with the most characters of its own is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Literal, Protocol

import msgspec

from proxy.kpi.usage import Usage
from proxy.settings.value import BANDS, Price, Rate, Value, fits

Source = Literal["table", "list"]
MILLION: Final = 1_000_000


class PriceList(Protocol):
    """Published prices."""

    def price(self, model: str, on: date, above: int) -> Price | None:
        """The price of calls with an input longer than `above` tokens; None for a model that is not listed."""
        ...


class Paid(msgspec.Struct, frozen=True):
    """What tokens cost, in the currency of the figures, and where the price stands."""

    amount: float
    source: Source


class Prices:
    """Prices of one assistant."""

    def __init__(self, value: Value, listed: PriceList | None) -> None:
        self._value = value
        self._listed = listed if value.list_prices else None

    def of(self, usage: Usage, on: date) -> Paid | None:
        """Give what some tokens cost on a day; None when that is not known."""
        above = BANDS[usage.band] if usage.band < len(BANDS) else BANDS[-1]
        source: Source = "table"
        price = chosen(self._value.prices, usage.model, on, above)
        if price is None and self._listed is not None:
            source, price = "list", self._listed.price(usage.model, on, above)
        if price is None or (rate := rate_of(price.currency, self._value, on)) is None:
            return None
        read, cached, written, out, reasoning = usage.counts
        amount = (
            read * price.input
            + cached * (price.input if price.cached is None else price.cached)
            + written * (price.input if price.written is None else price.written)
            + out * price.output
            + reasoning * (price.output if price.reasoning is None else price.reasoning)
        )
        return Paid(amount * rate / MILLION, source)


def chosen(prices: Sequence[Price], model: str, on: date, above: int) -> Price | None:
    """Give the row that holds for a model on a day."""
    day = on.isoformat()
    rows = [each for each in prices if each.from_ <= day and each.above <= above and fits(each.model, model)]
    return max(rows, key=lambda each: (len(each.model.replace("*", "")), each.above, each.from_), default=None)


def rate_of(currency: str, value: Value, on: date) -> float | None:
    """Give what one unit of a currency is worth on a day; None without a rate."""
    if currency in {"", value.currency}:
        return 1.0
    rates = [each for each in value.rates if each.currency == currency and each.from_ <= on.isoformat()]
    return max(rates, key=_day).rate if rates else None


def _day(rate: Rate) -> str:
    return rate.from_


def changes(value: Value) -> Iterator[date]:
    """Give the days from which some number of the settings is another."""
    for entries in (value.rates, value.prices, value.costs, value.assumptions):
        for each in entries:
            yield date.fromisoformat(each.from_)
