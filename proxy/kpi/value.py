"""What an assistant is worth: contacts avoided, the money and the time they would have taken, and the return on what it cost.

    avoided contacts = automated sessions x displacement
    cost avoided     = avoided contacts x cost of a contact with a human
    triage credit    = sessions handed over x minutes that triage saved x cost of a minute
    net              = cost avoided + triage credit - cost
    ROI              = net / cost
    time saved       = avoided contacts x handling time
    break-even       = cost / (displacement x cost of a contact), in automated sessions

Time saved is capacity and no money. Who came back within the settle window is in no automated session already, so no cost of
working twice is taken off. The low scenario counts confirmed resolutions only. Every number is the operator's; a figure that
would need one that is not there, or that rests on too little, is withheld with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from proxy.kpi.baseline import Baseline, Effect
from proxy.kpi.costs import ModelCost, Spell, Spent, spent, together
from proxy.kpi.outcome import OUTCOMES
from proxy.kpi.prices import Prices
from proxy.kpi.report import DEFINITIONS, Completeness, Measure
from proxy.kpi.scenarios import SCENARIOS, Part, Scenario, automated, scenario
from proxy.kpi.shares import share
from proxy.kpi.usage import Sums
from proxy.settings.model import Assistant
from proxy.settings.value import Assumptions, Cost, Value

VALUE: Final = (
    *("cost", "cost_per_turn", "cost_per_session", "cost_per_automated_session"),
    *("cost_avoided", "time_saved", "roi", "break_even"),
)
"""The figures in money and time, as the API names them."""
_COSTS: Final = VALUE[:4]
_SETTLED: Final = VALUE[3:]
"""Those that rest on settled sessions."""
SETTLING: Final = 0.25
"""Share of sessions without a final outcome above which no value is given: their cost is counted, what they avoided is not."""
_MONEY: Final = frozenset((*_COSTS, "cost_avoided"))


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """Costs and value of a period, with the numbers that they rest on."""

    currency: str
    cost: Spent
    valued_from: str | None  # the first day with both costs and assumptions; None without one
    valued_to: str | None
    scenarios: tuple[Scenario, ...]  # empty without assumptions
    kpis: dict[str, Measure]
    costs: tuple[Cost, ...]  # those in force in the period
    assumptions: tuple[Assumptions, ...]


class ValueReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /api/v1/value` gives: `Worth` of an assistant's period."""

    assistant: str
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    definitions: str = DEFINITIONS
    currency: str
    configured: bool
    kpis: dict[str, Measure]
    cost: dict[str, float | None]  # tokens, platform, fixed, total
    unknown: Measure  # share of the turns whose cost is not known
    models: tuple[ModelCost, ...]
    valued_from: str | None
    valued_to: str | None
    scenarios: tuple[Scenario, ...]
    costs: tuple[Cost, ...]
    assumptions: tuple[Assumptions, ...]
    baseline: Baseline | None = None  # of all time, not of the period
    phases: tuple[Effect, ...] = ()  # likewise


def configured(value: Value) -> bool:
    """Say whether the operator gave any number."""
    return bool(value.prices or value.list_prices or value.costs or value.assumptions)


def nothing(reason: str = "no_value") -> dict[str, Measure]:
    """Give the figures in money and time as withheld."""
    return dict.fromkeys(VALUE, Measure(value=None, reason=reason))


def worth(
    value: Value,
    prices: Prices,
    found: Sequence[Spell],
    present: date,
    completeness: Completeness,
    *,
    assumed: bool,
    whole: bool = True,
) -> Worth:
    """Give costs and value of the spells of one period; with `assumed` an assumed resolution counts as automated."""
    parts = [
        Part(spell, spent(value, prices, spell, present, whole=whole), _holding(value.assumptions, spell.first))
        for spell in found
    ]
    costed = [part for part in parts if part.spent.total is not None]
    judged = [part for part in parts if part.assumptions is not None]
    both = [part for part in costed if part.assumptions is not None]
    all_, cost = together([part.spent for part in parts]), together([part.spent for part in costed])
    paid = together([part.spent for part in both]).total if both else None
    scenarios = tuple([scenario(name, judged, both, paid, assumed=assumed) for name in SCENARIOS]) if judged else ()
    kpis = _costs(cost if costed else None, [part.spell.sums for part in costed], assumed=assumed) | _values(scenarios, both)
    if all_.unknown_share > value.unknown:
        kpis |= dict.fromkeys((*_COSTS, "roi", "break_even"), Measure(value=None, reason="cost_unknown"))
    if (waiting := _waiting(parts)) > SETTLING:
        kpis |= dict.fromkeys(_SETTLED, Measure(value=None, reason="settling"))
    elif waiting:
        kpis |= {name: msgspec.structs.replace(kpis[name], provisional=True) for name in _SETTLED}
    if not configured(value):
        kpis = nothing()
    elif _understood(completeness) < value.complete:
        kpis = nothing("incomplete")
    elif not whole:
        kpis |= dict.fromkeys(("roi", "break_even"), Measure(value=None, reason="not_kept"))
    return Worth(
        currency=value.currency,
        cost=all_,
        valued_from=both[0].spell.first.isoformat() if both else None,
        valued_to=both[-1].spell.last.isoformat() if both else None,
        scenarios=scenarios if kpis["cost_avoided"].value is not None else (),
        kpis={name: _in(measure, name, value.currency) for name, measure in kpis.items()},
        costs=tuple([each for each in value.costs if any(_costing(value, part.spell.first) is each for part in parts)]),
        assumptions=tuple([each for each in value.assumptions if any(part.assumptions is each for part in parts)]),
    )


def value_report(
    assistant: Assistant, first: date, last: date, found: Worth, baseline: Baseline | None = None, phases: tuple[Effect, ...] = ()
) -> ValueReport:
    """Say what the value of a period is, and from when to when it is that of."""
    cost = found.cost
    return ValueReport(
        assistant=assistant.name,
        from_=first.isoformat(),
        to=last.isoformat(),
        time_zone=assistant.time_zone,
        currency=found.currency,
        configured=configured(assistant.value),
        kpis=found.kpis,
        cost={"tokens": cost.tokens, "platform": cost.platform, "fixed": cost.fixed, "total": cost.total},
        unknown=share(cost.unknown, cost.turns),
        models=cost.models,
        valued_from=found.valued_from,
        valued_to=found.valued_to,
        scenarios=found.scenarios,
        costs=found.costs,
        assumptions=found.assumptions,
        baseline=baseline,
        phases=phases,
    )


def _holding(entries: Sequence[Assumptions], on: date) -> Assumptions | None:
    return max([each for each in entries if each.from_ <= on.isoformat()], key=lambda each: each.from_, default=None)


def _costing(value: Value, on: date) -> Cost | None:
    return max([each for each in value.costs if each.from_ <= on.isoformat()], key=lambda each: each.from_, default=None)


def _understood(completeness: Completeness) -> float:
    """Give the least of the shares that figures rest on; without traffic there is nothing to be incomplete."""
    shares = (completeness.captured, completeness.decoded, completeness.attributed)
    return min([share for share in shares if share is not None], default=1.0)


def _in(measure: Measure, name: str, currency: str) -> Measure:
    return msgspec.structs.replace(measure, currency=currency) if name in _MONEY and measure.value is not None else measure


def _waiting(parts: Sequence[Part]) -> float:
    """Give the share of the sessions that have no final outcome yet."""
    opened, settled = (
        sum([part.spell.sums.get(f"{stage}:{name}", 0) for part in parts for name in OUTCOMES if name != "excluded"])
        for stage in ("open", "settled")
    )
    return opened / (opened + settled) if opened else 0.0


def _costs(cost: Spent | None, sums: Sequence[Sums], *, assumed: bool) -> dict[str, Measure]:
    if cost is None or cost.total is None:
        return dict.fromkeys(_COSTS, Measure(value=None, reason="no_costs"))
    turns = sum([each.get("turns", 0) for each in sums])
    names = [f"{stage}:{name}" for stage in ("open", "settled") for name in OUTCOMES if name != "excluded"]
    sessions = sum([each.get(name, 0) for each in sums for name in names])
    good = sum([automated(each, assumed=assumed) for each in sums])
    return {
        "cost": Measure(value=cost.total),
        "cost_per_turn": _per(cost.total, turns),
        "cost_per_session": _per(cost.total, sessions),
        "cost_per_automated_session": _per(cost.total, good),
    }


def _per(amount: float, n: int) -> Measure:
    return Measure(value=amount / n, n=n) if n > 0 else Measure(value=None, n=0, reason="no_data")


def _values(scenarios: Sequence[Scenario], both: Sequence[Part]) -> dict[str, Measure]:
    if not scenarios:
        return dict.fromkeys(("cost_avoided", "time_saved", "roi", "break_even"), Measure(value=None, reason="no_assumptions"))
    base = next(each for each in scenarios if each.name == "base")
    missing = "no_data" if both else "no_costs"
    return {
        "cost_avoided": Measure(value=base.cost_avoided, n=base.automated),
        "time_saved": Measure(value=base.time_saved, reason="no_handling" if base.time_saved is None else None),
        "roi": Measure(value=base.roi, reason=missing if base.roi is None else None),
        "break_even": Measure(value=base.break_even, reason=missing if base.break_even is None else None),
    }
