"""Costs and value of an assistant, made of few numbers."""

from datetime import date

from proxy.kpi.costs import Spell
from proxy.kpi.prices import Prices
from proxy.kpi.report import Completeness
from proxy.kpi.value import ValueReport, value_report, worth
from proxy.settings.model import Assistant
from proxy.settings.value import Assumptions, Cost, Price, Value

VALUED = Value(
    prices=(Price(from_="2026-01-01", model="gpt-5*", input=2.0, cached=0.5, output=10.0),),
    costs=(Cost(from_="2026-01-01", monthly=1500.0, per_session=0.02),),
    assumptions=(
        Assumptions(
            from_="2026-01-01",
            version="2026-1",
            source="Finance | <b>",
            displacement=(0.6, 0.8, 0.9),
            contact_cost=6.0,
            handling=360.0,
            triage=120.0,
            minute_cost=0.5,
            monthly_hours=133.9,
        ),
    ),
)
SUMS = {
    "settled:resolved_confirmed": 2000,
    "settled:resolved_assumed": 4000,
    "settled:handed_over": 4000,
    "turns": 30000,
    "usage:known": 29700,
    "usage:of:gpt-5": 29000,
    "usage:of:house": 700,
    "tokens:in:0:gpt-5": 50_000_000,
    "tokens:out:0:gpt-5": 4_000_000,
    "tokens:in:0:house": 1000,
}


def report_of(assistant: Assistant, first: date, last: date) -> ValueReport:
    """The same ten thousand sessions for any period of one month, valued by the assistant's settings."""
    value = assistant.value
    whole = Completeness(captured=1.0, decoded=1.0, attributed=1.0, dropped=0)
    found = worth(value, Prices(value, None), [Spell(first, last, SUMS)], last, whole, assumed=True)
    return value_report(assistant, first, last, found)
