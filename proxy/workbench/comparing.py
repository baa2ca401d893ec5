"""Two runs side by side, as text: every figure that either has, and the sessions that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from proxy.kpi.report import Figures, Measure
from proxy.printed import measured
from proxy.workbench.replaying import Changed, Judged

RULES: Final = 3
"""Rule ids that are told of one session."""


def side_by_side(old: Figures, new: Figures) -> Iterator[str]:
    """A table: the figure under the old rules, under the new ones, and what it changed by. The five KPIs are among them."""
    yield f"{new.from_} to {new.to} ({new.time_zone})"
    rows = [("", "old", "new", "change")]
    for name in {**old.kpis, **new.kpis}:
        one, other = old.kpis.get(name), new.kpis.get(name)
        if any(each is not None and each.value is not None for each in (one, other)):
            rows.append((name, _shown(name, one), _shown(name, other), _change(one, other)))
    for name in {**old.outcomes, **new.outcomes}:
        before, after = old.outcomes.get(name, 0), new.outcomes.get(name, 0)
        if before or after:
            rows.append((f"sessions {name}", str(before), str(after), "" if before == after else f"{after - before:+}"))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    yield from ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def changes(found: Sequence[Changed], limit: int) -> Iterator[str]:
    """The conversations that changed, at most `limit` of them, each session with the exchanges and rules that it rests on."""
    yield f"{len(found)} conversation{'' if len(found) == 1 else 's'} came out otherwise" + (":" if found else "")
    for each in found[:limit]:
        yield f"  {each.conversation[:8]}"
        yield f"    old: {_sessions(each.old)}"
        yield f"    new: {_sessions(each.new)}"
    if len(found) > limit:
        yield f"  ... and {len(found) - limit} more (--all shows them)"


def _sessions(judged: Sequence[Judged]) -> str:
    return "; ".join(_session(each) for each in judged) or "no such conversation"


def _session(judged: Judged) -> str:
    at = datetime.fromtimestamp(judged.first, UTC).strftime("%Y-%m-%d %H:%M:%S")
    numbers = judged.exchanges
    span = "" if not numbers else f" {numbers[0]}" if len(numbers) == 1 else f" {numbers[0]}..{numbers[-1]}"
    rules = f" ({', '.join(judged.rules[:RULES])}{', ...' if len(judged.rules) > RULES else ''})" if judged.rules else ""
    return f"{judged.outcome} from {at}, exchanges{span}{rules}"


def _shown(name: str, measure: Measure | None) -> str:
    return "-" if measure is None else measured(name, measure)


def _change(old: Measure | None, new: Measure | None) -> str:
    if old is None or new is None or old.value is None or new.value is None or old.value == new.value:
        return ""
    return f"{new.value - old.value:+.4g}"
