"""`kpi-proxy evidence` and `kpi-proxy what-if`: ask a running proxy, and print for people or, as JSON, for programs."""

from __future__ import annotations

from collections.abc import Iterator

from proxy.kpi.evidence import Evidence
from proxy.kpi.report import Measure
from proxy.kpi.whatif import Column, Comparison
from proxy.settings.written import as_duration

LINES = 20
"""Sessions printed for people; JSON has more."""


def evidence_text(found: Evidence) -> str:
    """Lines for a terminal."""
    return "\n".join(_evidence(found))


def _evidence(found: Evidence) -> Iterator[str]:
    yield f"{found.assistant}, {found.from_} to {found.to} ({found.time_zone}), {found.kpi}, definitions {found.definitions}"
    yield f"  {found.definition}"
    same = "the same" if found.agrees else "not the same"
    yield f"  ledger: {_of(found.figure)}; turn by turn: {found.hits}/{found.n}, {same}"
    if found.traced_from is None:
        yield "  no turns are kept of these days (session.traces)"
    elif found.traced_from > found.from_:
        yield f"  turns are kept from {found.traced_from} on"
    yield f"  sessions: {found.counted} counted, {found.considered} considered, {found.excluded} not"
    complete = found.completeness
    known = ", ".join(f"{name} {share:.1%}" for name, share in complete.shares if share is not None)
    yield f"  completeness: {known or 'no turns'}, dropped {complete.dropped}, of nobody known {found.unknown_users}"
    for rule, count in found.rules.items():
        yield f"  rule {rule}: {count} sessions"
    for line in found.sessions[-LINES:]:
        yield f"  {line.day} {line.session} {line.outcome} {line.hits}/{line.n} {', '.join(line.rules)}".rstrip()
    if (rest := len(found.sessions) + found.left_out - LINES) > 0:
        yield f"  and {rest} sessions before; --json lists more"


def _of(figure: Measure) -> str:
    if figure.denominator is not None:
        return f"{figure.numerator}/{figure.denominator}"
    return f"{figure.value:g}" if figure.value is not None else f"- ({figure.reason})"


def comparison_text(found: Comparison) -> str:
    """A table for a terminal: the settings' figures, the others, and what lies between."""
    rows = [("", "as set", "instead", "difference"), *_terms(found.settings, found.instead)]
    for name, ours in found.settings.kpis.items():
        theirs = found.instead.kpis[name]
        rows.append((name, _value(name, ours.value), _value(name, theirs.value), _between(name, ours.value, theirs.value)))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    head = f"{found.assistant}, {found.from_} to {found.to} ({found.time_zone}), turns kept from {found.traced_from or 'no day'}"
    return "\n".join(
        [head, *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)]
    )


def _terms(ours: Column, theirs: Column) -> Iterator[tuple[str, str, str, str]]:
    for name in ("idle", "settle", "assumed", "returns", "without", "trial"):
        one, other = getattr(ours.terms, name), getattr(theirs.terms, name)
        if one != other:
            yield f"({name})", _term(one), _term(other), ""


def _term(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return as_duration(value)
        case tuple():
            return ", ".join(map(str, value)) or "-"
        case _:
            return str(value)


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in {"sessions", "turns"}:
        return f"{value:g}"
    return f"{value:.2f} s" if name in {"response_time", "time_to_first"} else f"{value:.1%}"


def _between(name: str, ours: float | None, theirs: float | None) -> str:
    if ours is None or theirs is None or ours == theirs:
        return ""
    if name in {"sessions", "turns"}:
        return f"{theirs - ours:+g}"
    return f"{theirs - ours:+.2f} s" if name in {"response_time", "time_to_first"} else f"{(theirs - ours) * 100:+.1f} points"
