"""Prices, costs and assumptions: what is wrong is told at its place."""

import pytest

from proxy.settings.model import Settings
from tests.settings.one import one_or_faults


def load(value: str) -> Settings | dict[str, str]:
    found = one_or_faults(f"value: {value}")
    return found if isinstance(found, Settings) else {path.removeprefix("value."): said for path, said in found.items()}


def test_numbers_are_read_as_they_are_written():
    found = load("""{
        currency: EUR, tokens: priced, unknown: 2%,
        rates: [{from: 2026-01-01, currency: USD, rate: 0.92}],
        prices: [{from: 2026-01-01, model: "gpt-5*", input: 1.25, output: 10, cached: 0.125, above: 200000, currency: USD}],
        costs: [{from: 2026-09-01, monthly: 1500, per_session: 0.02}],
        assumptions: [{from: 2026-09-01, displacement: [60%, 0.8, 0.9], contact_cost: 6, handling: [5m, 6m, 7m]}],
    }""")
    assert isinstance(found, Settings)
    value = found.assistants[0].value
    assert (value.rates[0].rate, value.prices[0].above, value.costs[0].monthly) == (0.92, 200000, 1500)
    assert value.assumptions[0].displacement == (0.6, 0.8, 0.9)
    assert (value.assumptions[0].handling, value.assumptions[0].contact_cost) == ((300, 360, 420), 6)


@pytest.mark.parametrize(
    ("value", "path", "said"),
    [
        ("{currency: euro}", "currency", "three letters"),
        ("{costs: [{from: 2026-09-01, monthly: -1}]}", "costs[0].monthly", "-1 is negative"),
        ("{costs: [{from: 2026-13-01}]}", "costs[0].from", "YYYY-MM-DD"),
        ("{costs: [{monthly: 3}]}", "costs[0].from", "missing"),
        ("{costs: [{from: 2026-09-01, montly: 3}]}", "costs[0].montly", "monthly"),
        ("{costs: [{from: 2026-09-01}, {from: 2026-09-01}]}", "costs[1].from", "costs[0]"),
        ("{costs: [{from: 2026-09-01, currency: USD}]}", "costs[0].currency", "no rate of USD to EUR on 2026-09-01"),
        (
            "{rates: [{from: 2026-10-01, currency: USD, rate: 1}], costs: [{from: 2026-09-01, currency: USD}]}",
            "costs[0].currency",
            "no rate of USD to EUR on 2026-09-01",
        ),
        ("{prices: [{from: 2026-09-01, model: m, input: 1, output: 1, above: 150000}]}", "prices[0].above", "200000"),
        ("{prices: [{from: 2026-09-01, model: '', input: 1, output: 1}]}", "prices[0].model", "characters"),
        ("{list_prices: true}", "list_prices", "there is no rate to EUR"),
        ("{rates: [{from: 2026-10-01, currency: USD, rate: 0}]}", "rates[0].rate", "not more than 0"),
        ("{rates: [{from: 2026-10-01, currency: EUR, rate: 1}]}", "rates[0].currency", "of the figures itself"),
        (
            "{assumptions: [{from: 2026-09-01, displacement: [0.9, 0.8, 0.7], contact_cost: 6}]}",
            "assumptions[0].displacement",
            "did you mean [0.7, 0.8, 0.9]?",
        ),
        ("{assumptions: [{from: 2026-09-01, displacement: 80, contact_cost: 6}]}", "assumptions[0].displacement", "80%"),
        ("{assumptions: [{from: 2026-09-01, contact_cost: 6}]}", "assumptions[0].displacement", "missing"),
        ("{assumptions: [{from: 2026-09-01, displacement: 1, contact_cost: -6}]}", "assumptions[0].contact_cost", "negative"),
        (
            "{assumptions: [{from: 2026-09-01, displacement: 1, contact_cost: 6, monthly_hours: 0}]}",
            "assumptions[0].monthly_hours",
            "more than 0",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(value, path, said):
    found = load(value)
    assert isinstance(found, dict)
    assert said in found[path]


def test_the_list_is_in_dollars_for_whoever_counts_in_them():
    assert isinstance(load("{list_prices: true, currency: USD}"), Settings)


def survey(text: str) -> Settings | dict[str, str]:
    found = one_or_faults(f"survey: {text}")
    return found if isinstance(found, Settings) else {path.partition("survey.")[2]: said for path, said in found.items()}


@pytest.mark.parametrize("origin", ["https://intranet.example.org", "http://127.0.0.1:8000", "http://[::1]:80"])
def test_an_origin_is_as_browsers_say_it(origin):
    assert isinstance(survey(f"{{origins: ['{origin}'], valid: 30d, scale: nps}}"), Settings)


@pytest.mark.parametrize("origin", ["*", "null", "intranet.example.org", "https://a/", "https://A.org", "https://a b"])
def test_what_no_browser_says_is_no_origin(origin):
    found = survey(f"{{origins: ['{origin}']}}")
    assert isinstance(found, dict)
    assert "is not an origin" in found["origins[0]"]


@pytest.mark.parametrize("valid", ["0", "31d"])
def test_an_invitation_is_good_as_long_as_ratings_are_taken(valid):
    found = survey(f"{{valid: {valid}}}")
    assert isinstance(found, dict)
    assert "valid" in found
