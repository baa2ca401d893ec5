"""Published prices of models, from the package genai-prices. The extra `prices` brings it; nothing else needs it.

It reads data that came with the package and asks nobody: its own updater is never started. Prices are in USD.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from proxy.settings.value import BANDS, Price

log = logging.getLogger(__name__)


class ListPrices:
    """The list, loaded when the first price is asked for: its 2,300 models take 90 MB and half a second."""

    def __init__(self) -> None:
        self.price = lru_cache(maxsize=4096)(self._price)  # models times bands of some days
        self._list: Any = None
        self._missing = False

    def _price(self, model: str, on: date, above: int) -> Price | None:
        """Give the price of calls with an input longer than `above` tokens; None for a model that is not listed."""
        listed = self._loaded()
        if listed is None:
            return None
        try:
            _, found = listed.find_provider_model(model, None, None, None)
        except LookupError:
            return None
        prices = found.get_prices(datetime(on.year, on.month, on.day, tzinfo=UTC))
        read, out = _of(prices.input_mtok, above), _of(prices.output_mtok, above)
        if read is None or out is None:  # images, audio, or free: not what is counted here
            return None
        return Price(
            from_=on.isoformat(),
            model=model,
            input=read,
            output=out,
            cached=_of(prices.cache_read_mtok, above),
            written=_of(prices.cache_write_mtok, above),
            currency="USD",
        )

    def _loaded(self) -> Any:
        if self._list is None and not self._missing:
            try:
                from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - an extra, and half a second
            except ImportError as error:
                log.warning("list_prices needs the extra kpi-proxy[prices], and costs stay unknown without it: %s", error)
                self._missing = True
            else:
                self._list = get_snapshot()
        return self._list


def _of(price: Any, above: int) -> float | None:
    """Give the price of inputs longer than `above`; a bound of the list is taken as the nearest that sums are kept apart at."""
    if price is None:
        return None
    tiers = getattr(price, "tiers", None)
    if tiers is None:
        return float(price)
    return float(next((tier.price for tier in reversed(tiers) if _bound(tier.start) <= above), price.base))


def _bound(start: int) -> int:
    return min(BANDS, key=lambda bound: abs(bound - start))
