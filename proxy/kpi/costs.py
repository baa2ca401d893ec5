"""What a period cost: tokens by their prices, the platform by turn and session, and what is paid by the month.

The period is cut into *spells*, runs of days on which all numbers of the settings hold alike, so that a price or an assumption
that changes within a month applies from its day. A monthly price is spread evenly over the days of its month that have come.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from proxy.kpi.calendar import cut_into, days
from proxy.kpi.outcome import OUTCOMES
from proxy.kpi.prices import Prices, Source, changes, rate_of
from proxy.kpi.usage import KINDS, Sums, Usage, turns_of, unknown, usages
from proxy.settings.value import Cost, Value


class Spell(msgspec.Struct, frozen=True):
    """Days, both included, on which the same numbers hold, and what the ledger has of them."""

    first: date
    last: date
    sums: Sums


class ModelCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one model took. `amount` is None where no price is known for some of it."""

    model: str
    turns: int
    tokens: dict[str, int]  # by kind (proxy.kpi.usage)
    amount: float | None
    source: Source | None


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid. `platform` and `fixed` are None where the settings do not say; `tokens` is what is known of them."""

    tokens: float = 0.0
    platform: float | None = None
    fixed: float | None = None
    turns: int = 0  # of the assistant
    unknown: int = 0  # of those, the ones whose tokens or prices are not known
    models: tuple[ModelCost, ...] = ()

    @property
    def total(self) -> float | None:
        """All of it; None where a part was never said."""
        return None if self.platform is None or self.fixed is None else self.tokens + self.platform + self.fixed

    @property
    def unknown_share(self) -> float:
        """Share of the turns whose cost is not known."""
        return self.unknown / self.turns if self.turns else 0.0


def spells(value: Value, first: date, last: date) -> list[tuple[date, date]]:
    """Cut a period where a number changes; with list prices at each month as well, whose first day they are taken of."""
    cuts = {first, *[day for day in changes(value) if first < day <= last]}
    if value.list_prices:
        cuts |= {begin for begin, _ in cut_into("month", first, last)}
    begins = sorted(cuts)
    return [(begin, end - timedelta(days=1)) for begin, end in zip(begins, [*begins[1:], last + timedelta(days=1)], strict=True)]


def spent(value: Value, prices: Prices, spell: Spell, present: date, *, whole: bool) -> Spent:
    """Give what a spell cost. A group (not `whole`) has no part in what is paid by the month: nobody said whose it is."""
    sums = spell.sums
    turns = sums.get("turns", 0) - sums.get("turn:human", 0)
    models = () if value.tokens == "included" else _models(prices, spell)
    unpriced = sum([each.turns for each in models if each.amount is None])
    missing = 0 if value.tokens == "included" else min(unknown(sums) + unpriced, max(turns, 0))
    cost = in_force(value.costs, spell.first)
    rate = None if cost is None else rate_of(cost.currency, value, spell.first)
    platform = fixed = None
    if cost is not None and rate is not None:
        sessions = sum(
            [sums.get(f"{stage}:{name}", 0) for stage in ("open", "settled") for name in OUTCOMES if name != "excluded"]
        )
        platform = rate * (cost.per_turn * sums.get("turns", 0) + cost.per_session * sessions)
        fixed = rate * _monthly(cost, spell.first, min(spell.last, present)) if whole else 0.0
    return Spent(
        tokens=sum([each.amount or 0.0 for each in models]),
        platform=platform,
        fixed=fixed,
        turns=max(turns, 0),
        unknown=missing,
        models=models,
    )


def in_force(costs: Sequence[Cost], on: date) -> Cost | None:
    """Give the entry that holds on a day."""
    return max([each for each in costs if each.from_ <= on.isoformat()], key=lambda each: each.from_, default=None)


def _monthly(cost: Cost, first: date, last: date) -> float:
    if not cost.monthly:
        return 0.0
    return sum([cost.monthly / monthrange(on.year, on.month)[1] for on in days(first, last)])


def _models(prices: Prices, spell: Spell) -> tuple[ModelCost, ...]:
    turns = turns_of(spell.sums)
    found: dict[str, list[Usage]] = {model: [] for model in turns}
    for usage in usages(spell.sums):
        found.setdefault(usage.model, []).append(usage)
    return tuple([_model(model, calls, turns.get(model, 0), prices, spell.first) for model, calls in sorted(found.items())])


def _model(model: str, calls: Sequence[Usage], turns: int, prices: Prices, on: date) -> ModelCost:
    paid = [prices.of(call, on) for call in calls]
    known = [each for each in paid if each is not None]
    return ModelCost(
        model=model,
        turns=turns,
        tokens={kind: count for at, kind in enumerate(KINDS) if (count := sum([call.counts[at] for call in calls]))},
        amount=sum([each.amount for each in known]) if len(known) == len(paid) else None,
        source=known[0].source if known else None,
    )


def together(found: Sequence[Spent]) -> Spent:
    """Add up spells; what one of them does not know of what is paid beside tokens, the whole does not."""
    if not found:
        return Spent()
    return Spent(
        tokens=sum([each.tokens for each in found]),
        platform=_sum([each.platform for each in found]),
        fixed=_sum([each.fixed for each in found]),
        turns=sum([each.turns for each in found]),
        unknown=sum([each.unknown for each in found]),
        models=_merged([model for each in found for model in each.models]),
    )


def _sum(amounts: Sequence[float | None]) -> float | None:
    known = [each for each in amounts if each is not None]
    return sum(known) if len(known) == len(amounts) else None


def _merged(models: Sequence[ModelCost]) -> tuple[ModelCost, ...]:
    found: dict[str, ModelCost] = {}
    for each in models:
        known = found.get(each.model)
        if known is None:
            found[each.model] = each
            continue
        kinds = {kind: known.tokens.get(kind, 0) + each.tokens.get(kind, 0) for kind in KINDS}
        found[each.model] = ModelCost(
            model=each.model,
            turns=known.turns + each.turns,
            tokens={kind: count for kind, count in kinds.items() if count},
            amount=_sum([known.amount, each.amount]),
            source=known.source or each.source,
        )
    return tuple(found.values())
