"""Gauges of cost and value: what may be given, and nothing that is withheld."""

from __future__ import annotations

from datetime import date

import msgspec

from proxy.export.gauges import Snapshot, points
from proxy.kpi.report import Completeness, Figures
from proxy.settings.model import Assistant
from proxy.settings.value import Value
from tests.kpi.worths import VALUED, report_of

NOTHING = Figures(
    assistant="rh",
    from_="2026-09-01",
    to="2026-09-28",
    time_zone="Europe/Paris",
    kpis={},
    provisional={},
    outcomes={},
    open_sessions=0,
    completeness=Completeness(captured=1.0, decoded=1.0, attributed=1.0, derived=0.25, dropped=0),
)


def shown(family: str, value: Value) -> dict[tuple[str, ...], float]:
    report = report_of(Assistant(upstream="http://a", name="rh", value=value), date(2026, 9, 1), date(2026, 9, 30))
    snapshot = Snapshot(figures={"7d": NOTHING, "28d": NOTHING}, value=report)
    return {tuple(labels.values()): round(amount, 2) for amount, labels in points(family, [snapshot])}


def test_cost_by_what_is_paid_for():
    assert shown("assistant.cost", VALUED) == {
        ("rh", "EUR", "tokens"): 140.0,
        ("rh", "EUR", "platform"): 200.0,
        ("rh", "EUR", "fixed"): 1500.0,
    }
    assert shown("assistant.cost.unknown", VALUED) == {("rh",): 3.33}


def test_value_by_scenario():
    found = shown("assistant.value", VALUED)
    assert found["rh", "EUR", "cost_avoided", "base"] == 28800.0
    assert found["rh", "EUR", "cost", "low"] == 1840.0
    assert found["rh", "EUR", "net", "base"] == 30960.0
    assert shown("assistant.time.saved", VALUED)["rh", "base"] == 480.0


def test_what_is_withheld_has_no_gauge():
    uncosted = msgspec.structs.replace(VALUED, unknown=0.0)
    assert shown("assistant.cost", uncosted) == {}
    assert {labels[2] for labels in shown("assistant.value", uncosted)} == {"cost_avoided"}
    assert shown("assistant.value", Value()) == {}


def test_the_share_of_derived_conversations_is_of_the_last_week_and_absent_without_turns():
    assert shown("assistant.conversations.derived", Value()) == {("rh",): 25.0}
    unknown = msgspec.structs.replace(NOTHING, completeness=Completeness(captured=None, decoded=None, attributed=None, dropped=0))
    assert list(points("assistant.conversations.derived", [Snapshot(figures={"7d": unknown})])) == []
