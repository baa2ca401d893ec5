"""Costs and value against hand sums."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import pytest

from proxy.kpi.costs import Spell, spells
from proxy.kpi.prices import Prices
from proxy.kpi.report import Completeness
from proxy.kpi.value import VALUE, Worth, worth
from proxy.settings.value import Assumptions, Cost, Price, Rate, Value

WHOLE = Completeness(captured=1.0, decoded=1.0, attributed=1.0, dropped=0)
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
AGREED = Assumptions(from_="2026-09-01", displacement=0.8, contact_cost=6.0, handling=360.0, monthly_hours=133.9)
PLATFORM = Cost(from_="2026-09-01", monthly=1500.0, per_session=0.02)
SESSIONS = {"settled:resolved_confirmed": 2000, "settled:resolved_assumed": 4000, "settled:handed_over": 4000, "turns": 30000}


def of(
    value: Value,
    sums: Mapping[str, int] | Sequence[Mapping[str, int]] = SESSIONS,
    *,
    basis: Completeness = WHOLE,
    present: date = LAST,
    assumed: bool = True,
    whole: bool = True,
) -> Worth:
    days = spells(value, FIRST, LAST)
    each = [sums] if isinstance(sums, Mapping) else sums
    found = [Spell(begin, end, some) for (begin, end), some in zip(days, each, strict=True)]
    return worth(value, Prices(value, None), found, present, basis, assumed=assumed, whole=whole)


def values(found: Worth) -> dict[str, float | None]:
    return {name: measure.value for name, measure in found.kpis.items()}


def reasons(found: Worth) -> dict[str, str | None]:
    return {name: measure.reason for name, measure in found.kpis.items()}


def test_the_worked_example():
    """10,000 sessions, 60 % automated, 80 % of them a human's, EUR 6 a contact of 6 min, EUR 1,500 and 2 ct a session."""
    found = of(Value(tokens="included", costs=(PLATFORM,), assumptions=(AGREED,)))
    assert values(found) == pytest.approx(
        {
            "cost": 1700.0,
            "cost_per_turn": 1700 / 30000,
            "cost_per_session": 0.17,
            "cost_per_automated_session": 1700 / 6000,  # 0.28
            "cost_avoided": 28800.0,
            "time_saved": 480 * 3600.0,
            "roi": 27100 / 1700,  # 1,594 %
            "break_even": 1700 / 4.8,
        }
    )
    base = found.scenarios[1]
    assert (base.net, base.avoided_contacts) == pytest.approx((27100.0, 4800.0))
    assert base.people == pytest.approx(3.6, abs=0.1)
    assert {name for name, each in found.kpis.items() if each.currency} == {*VALUE[:4], "cost_avoided"}


def test_scenarios_take_their_own_number_and_the_low_one_confirmed_resolutions_only():
    agreed = msgspec.structs.replace(AGREED, displacement=(0.5, 0.8, 1.0), contact_cost=(4.0, 6.0, 9.0))
    low, base, high = of(Value(tokens="included", costs=(PLATFORM,), assumptions=(agreed,))).scenarios
    assert [low.cost_avoided, base.cost_avoided, high.cost_avoided] == pytest.approx([4000.0, 28800.0, 54000.0])
    assert (low.roi, high.roi) == pytest.approx(((4000 - 1700) / 1700, (54000 - 1700) / 1700))


def test_assumptions_that_change_within_a_month_apply_from_their_day():
    later = msgspec.structs.replace(AGREED, from_="2026-09-16", contact_cost=10.0)
    costs = (PLATFORM, Cost(from_="2026-09-11", monthly=3000.0))
    value = Value(tokens="included", costs=costs, assumptions=(AGREED, later))
    assert spells(value, FIRST, LAST) == [
        (date(2026, 9, 1), date(2026, 9, 10)),
        (date(2026, 9, 11), date(2026, 9, 15)),
        (date(2026, 9, 16), date(2026, 9, 30)),
    ]
    one = {"settled:resolved_confirmed": 100, "turns": 200}
    found = of(value, [one, one, one])
    assert values(found)["cost_avoided"] == pytest.approx(80 * 6 + 80 * 6 + 80 * 10)
    assert values(found)["cost"] == pytest.approx(10 * 50 + 100 * 0.02 + 20 * 100)
    assert [each.contact_cost for each in found.assumptions] == [6.0, 10.0]


def test_the_return_is_of_the_days_with_both_costs_and_assumptions():
    costs = (Cost(from_="2026-09-21", monthly=300.0),)
    found = of(
        Value(tokens="included", costs=costs, assumptions=(AGREED,)), [{"settled:resolved_confirmed": 50, "turns": 50}] * 2
    )
    assert (found.valued_from, found.valued_to) == ("2026-09-21", "2026-09-30")
    assert values(found)["cost_avoided"] == pytest.approx(100 * 4.8)
    assert values(found)["roi"] == pytest.approx((50 * 4.8 - 100) / 100)


def test_a_month_that_is_not_over_has_cost_what_its_days_have():
    found = of(Value(tokens="included", costs=(PLATFORM,)), {"turns": 10}, present=date(2026, 9, 15))
    assert values(found)["cost"] == pytest.approx(750.0)


def test_what_a_human_was_spared_by_triage_is_counted_where_it_is_said():
    agreed = msgspec.structs.replace(AGREED, triage=120.0, minute_cost=0.5)
    base = of(Value(tokens="included", costs=(PLATFORM,), assumptions=(agreed,))).scenarios[1]
    assert (base.triage_credit, base.net) == pytest.approx((4000.0, 31100.0))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Value(), dict.fromkeys(VALUE, "no_value")),
        (Value(tokens="included", assumptions=(AGREED,)), {"cost": "no_costs", "roi": "no_costs", "cost_avoided": None}),
        (Value(tokens="included", costs=(PLATFORM,)), {"cost": None, "roi": "no_assumptions", "time_saved": "no_assumptions"}),
        (Value(costs=(PLATFORM,), assumptions=(AGREED,)), {"cost": "cost_unknown", "roi": "cost_unknown", "cost_avoided": None}),
        (
            Value(tokens="included", costs=(PLATFORM,), assumptions=(msgspec.structs.replace(AGREED, handling=None),)),
            {"time_saved": "no_handling", "roi": None},
        ),
    ],
)
def test_what_a_figure_lacks_is_its_reason(value, wanted):
    assert reasons(of(value)) | wanted == reasons(of(value))


def test_nothing_is_given_of_traffic_that_is_not_understood():
    value = Value(tokens="included", costs=(PLATFORM,), assumptions=(AGREED,))
    found = of(value, basis=msgspec.structs.replace(WHOLE, decoded=0.89))
    assert set(reasons(found).values()) == {"incomplete"}
    assert found.scenarios == ()
    assert values(of(value, basis=msgspec.structs.replace(WHOLE, decoded=0.9)))["roi"] is not None


def test_nothing_is_said_of_sessions_that_are_still_settling():
    value = Value(tokens="included", costs=(PLATFORM,), assumptions=(AGREED,))
    found = of(value, {**SESSIONS, "open:resolved_assumed": 3334})
    assert {name for name, reason in reasons(found).items() if reason == "settling"} == set(VALUE[3:])
    some = of(value, {**SESSIONS, "open:resolved_assumed": 3333})
    assert some.kpis["roi"].provisional
    assert some.kpis["cost_per_session"].value == pytest.approx((1500 + 13333 * 0.02) / 13333)


def test_a_group_has_its_own_costs_and_no_part_of_the_month():
    found = of(Value(tokens="included", costs=(PLATFORM,), assumptions=(AGREED,)), whole=False)
    assert values(found)["cost"] == pytest.approx(200.0)
    assert (found.kpis["roi"].reason, found.kpis["cost_avoided"].reason) == ("not_kept", None)


def test_only_confirmed_resolutions_count_where_the_operator_says_so():
    value = Value(tokens="included", costs=(PLATFORM,), assumptions=(AGREED,))
    assert values(of(value, assumed=False))["cost_avoided"] == pytest.approx(2000 * 4.8)


def priced(*prices: Price, sums: Mapping[str, int], **more: Any) -> Worth:
    return of(Value(prices=prices, costs=(Cost(from_="2026-01-01"),), **more), sums)


GPT = Price(from_="2026-01-01", model="gpt-5*", input=2.0, cached=0.5, output=10.0)


def test_tokens_by_kind_and_length():
    long = msgspec.structs.replace(GPT, input=4.0, cached=1.0, output=15.0, above=200_000)
    sums = {
        "tokens:in:0:gpt-5": 1_000_000,
        "tokens:cached:0:gpt-5": 2_000_000,
        "tokens:written:0:gpt-5": 100_000,
        "tokens:out:0:gpt-5": 300_000,
        "tokens:reasoning:0:gpt-5": 50_000,
        "tokens:in:4:gpt-5": 1_000_000,
        "tokens:out:4:gpt-5": 10_000,
        "usage:known": 100,
        "usage:of:gpt-5": 100,
        "turns": 100,
    }
    found = priced(GPT, long, sums=sums)
    assert found.cost.tokens == pytest.approx(2.0 + 1.0 + 0.2 + 3.0 + 0.5 + 4.0 + 0.15)
    assert found.cost.unknown == 0
    assert found.kpis["cost_per_turn"].value == pytest.approx(0.1085)


def test_the_row_of_the_day_and_of_the_closest_name_is_meant():
    mini = Price(from_="2026-01-01", model="gpt-5-mini*", input=1.0, output=1.0)
    dearer = msgspec.structs.replace(GPT, from_="2026-09-16", input=3.0)
    one = {"tokens:in:0:gpt-5": 1_000_000, "tokens:in:0:gpt-5-mini-1": 1_000_000, "turns": 2, "usage:known": 2}
    value = Value(prices=(GPT, mini, dearer), costs=(Cost(from_="2026-01-01"),))
    assert of(value, [one, one]).cost.tokens == pytest.approx(2.0 + 1.0 + 3.0 + 1.0)


def test_another_currency_has_the_rate_of_its_day():
    dollars = msgspec.structs.replace(GPT, currency="USD")
    rates = (Rate(from_="2026-01-01", currency="USD", rate=0.9), Rate(from_="2026-09-11", currency="USD", rate=0.8))
    one = {"tokens:in:0:gpt-5": 1_000_000, "turns": 1, "usage:known": 1}
    value = Value(prices=(dollars,), rates=rates, costs=(Cost(from_="2026-01-01", monthly=30.0, currency="USD"),))
    found = of(value, [one, one])
    assert found.cost.tokens == pytest.approx(1.8 + 1.6)
    assert found.cost.fixed == pytest.approx(10 * 0.9 + 20 * 0.8)


def test_unknown_stays_unknown_and_is_counted():
    sums = {
        "tokens:in:0:gpt-5": 1_000_000,
        "tokens:in:0:secret": 9,
        "turns": 100,
        "turn:human": 10,
        "usage:known": 80,
        "usage:none": 6,
        "usage:of:gpt-5": 78,
        "usage:of:secret": 2,
    }
    found = priced(GPT, sums=sums)
    assert (found.cost.turns, found.cost.unknown) == (90, 4 + 2)
    assert found.kpis["cost"].reason == "cost_unknown"
    assert {each.model: each.amount for each in found.cost.models} == {"gpt-5": 2.0, "secret": None}
    assert priced(GPT, sums=sums, unknown=0.07).kpis["cost"].value == pytest.approx(2.0)


def test_days_before_tokens_were_kept_are_unknown_and_not_free():
    assert priced(GPT, sums={"turns": 100}).kpis["cost"].reason == "cost_unknown"
