"""The value of a period under one reading of the assumptions: low, base or high (the formulas stand in proxy.kpi.value)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec

from proxy.kpi.costs import Spell, Spent
from proxy.kpi.outcome import ASSUMED, CONFIRMED
from proxy.kpi.usage import Sums
from proxy.settings.value import Assumptions

ScenarioName = Literal["low", "base", "high"]
SCENARIOS: Final[tuple[ScenarioName, ...]] = get_args(ScenarioName)


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """The value under one reading of the assumptions. `roi` is a share, `time_saved` in seconds, `people` full-time ones."""

    name: ScenarioName
    automated: int  # sessions that count
    avoided_contacts: float
    cost_avoided: float
    triage_credit: float
    time_saved: float | None
    people: float | None
    net: float | None
    roi: float | None
    break_even: float | None


class Part(msgspec.Struct, frozen=True):
    """A spell with what it cost and what was assumed of it."""

    spell: Spell
    spent: Spent
    assumptions: Assumptions | None


def automated(sums: Sums, *, assumed: bool) -> int:
    """Give the settled sessions that count as automated."""
    return sums.get(f"settled:{CONFIRMED}", 0) + (sums.get(f"settled:{ASSUMED}", 0) if assumed else 0)


def scenario(name: ScenarioName, judged: Sequence[Part], both: Sequence[Part], cost: float | None, *, assumed: bool) -> Scenario:
    """Give one scenario: contacts and money of all days with assumptions, the return of those with costs as well."""
    counts = assumed and name != "low"
    contacts, avoided, credit, saved = _benefit(name, judged, assumed=counts)
    _, avoided_then, credit_then, _ = _benefit(name, both, assumed=counts)
    net = None if cost is None else avoided_then + credit_then - cost
    hours = judged[-1].assumptions.monthly_hours if judged[-1].assumptions is not None else None
    months = sum([(part.spell.last - part.spell.first).days + 1 for part in judged]) / _MONTH
    return Scenario(
        name=name,
        automated=sum([automated(part.spell.sums, assumed=counts) for part in judged]),
        avoided_contacts=contacts,
        cost_avoided=avoided,
        triage_credit=credit,
        time_saved=saved,
        people=None if saved is None or hours is None else saved / 3600 / hours / months,
        net=net,
        roi=net / cost if net is not None and cost else None,
        break_even=_break_even(name, both, cost, assumed=counts),
    )


_MONTH: Final = 365.25 / 12
"""Days of a mean month."""


def _benefit(name: ScenarioName, parts: Sequence[Part], *, assumed: bool) -> tuple[float, float, float, float | None]:
    """Give contacts avoided, their cost, the credit of triage, and the seconds saved (None where no handling time is said)."""
    contacts = avoided = credit = 0.0
    saved: float | None = 0.0
    for part in parts:
        said = part.assumptions
        if said is None:
            continue
        some = automated(part.spell.sums, assumed=assumed) * _of(said.displacement, name)
        contacts += some
        avoided += some * _of(said.contact_cost, name)
        credit += part.spell.sums.get("settled:handed_over", 0) * said.triage / 60 * said.minute_cost
        saved = None if saved is None or said.handling is None else saved + some * _of(said.handling, name)
    return contacts, avoided, credit, saved


def _break_even(name: ScenarioName, both: Sequence[Part], cost: float | None, *, assumed: bool) -> float | None:
    """Give the automated sessions that pay for the period, each worth what it was worth on average."""
    if cost is None:
        return None
    _, avoided, _, _ = _benefit(name, both, assumed=assumed)
    sessions = sum([automated(part.spell.sums, assumed=assumed) for part in both])
    last = both[-1].assumptions
    each = (
        avoided / sessions if sessions else 0.0 if last is None else _of(last.displacement, name) * _of(last.contact_cost, name)
    )
    return cost / each if each else None


def _of(given: float | tuple[float, float, float], name: ScenarioName) -> float:
    return given[SCENARIOS.index(name)] if isinstance(given, tuple) else given
