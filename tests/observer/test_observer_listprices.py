"""Published prices, as the package has them."""

import importlib.util
import os
import sys
from datetime import date

import pytest

from proxy.kpi.prices import Prices
from proxy.kpi.usage import Usage
from proxy.observer.listprices import ListPrices
from proxy.settings.value import Price, Rate, Value

if importlib.util.find_spec("genai_prices") is None and not os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
    pytest.skip("the extra `prices` is not installed (make prices)", allow_module_level=True)

ON = date(2026, 9, 1)


@pytest.fixture(scope="module")
def listed() -> ListPrices:
    return ListPrices()


def test_a_model_has_its_published_price(listed):
    found = listed.price("gpt-5-2025-08-07", ON, 0)
    assert found is not None
    assert (found.input, found.cached, found.output, found.currency) == (1.25, 0.125, 10.0, "USD")


def test_a_long_input_has_the_price_of_its_length(listed):
    short, long = listed.price("gemini-2.5-pro", ON, 128_000), listed.price("gemini-2.5-pro", ON, 200_000)
    assert short is not None
    assert long is not None
    assert (short.input, short.output) == (1.25, 10.0)
    assert (long.input, long.output) == (2.5, 15.0)


@pytest.mark.parametrize("model", ["", "house-model-7", "x" * 500, "../../etc/passwd"])
def test_a_model_that_is_not_listed_has_no_price(listed, model):
    assert listed.price(model, ON, 0) is None


def test_the_operators_row_comes_first_and_the_list_is_asked_where_it_has_none(listed):
    rates = (Rate(from_="2026-01-01", currency="USD", rate=0.5),)
    own = (Price(from_="2026-01-01", model="gpt-5*", input=9.0, output=9.0),)
    value = Value(list_prices=True, rates=rates, prices=own)
    prices = Prices(value, listed)
    mine = prices.of(Usage("gpt-5", 0, (1_000_000, 0, 0, 0, 0)), ON)
    published = prices.of(Usage("gemini-2.5-pro", 0, (1_000_000, 0, 0, 0, 0)), ON)
    assert mine is not None
    assert published is not None
    assert (mine.amount, mine.source) == (9.0, "table")
    assert (published.amount, published.source) == (0.625, "list")
    assert Prices(Value(rates=rates), listed).of(Usage("gemini-2.5-pro", 0, (1, 0, 0, 0, 0)), ON) is None  # not asked for


def test_without_the_extra_costs_stay_unknown(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "genai_prices.data_snapshot", None)
    bare = ListPrices()
    assert bare.price("gpt-5", ON, 0) is None
    assert bare.price("gpt-4", ON, 0) is None
    assert caplog.text.count("kpi-proxy[prices]") == 1
