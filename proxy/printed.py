"""Figures as tables of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from proxy.kpi.report import Breakdown, Figures, Measure, Series
from proxy.kpi.value import ValueReport
from proxy.report.worth import told
from proxy.words.catalogue import Words
from proxy.words.formats import Language

_TIMES: Final = frozenset({"response_time", "time_to_first", "handover_time_before", "time_to_human"})
_COUNTS: Final = frozenset(
    {"turns", "sessions", "wau", "mau", "dau", "nps", "handover_turns_before", "break_even", "sentiment", "sentiment_shift"}
)

_COLUMNS: Final = ("sessions", "turns", "automation_rate", "handover_rate", "response_time", "csat", "adoption", "wau")
"""Of a table with a line for each group, week or month: the five figures and what they rest on."""


def table(figures: Figures) -> str:
    """The figures of one assistant in columns: settled, with provisional beside."""
    rows = [("", "settled", "of", "target", "", "provisional")]
    for name, measure in figures.kpis.items():
        bounds = " .. ".join(_value(name, bound) for bound in measure.target or () if bound is not None)
        of = f"{measure.numerator}/{measure.denominator}" if measure.denominator is not None else ""
        now = figures.provisional.get(name)
        rows.append((name, measured(name, measure), of, bounds, _status(measure), measured(name, now) if now else ""))
    head = f"{figures.assistant}, {figures.from_} to {figures.to} ({figures.time_zone}), definitions {figures.definitions}"
    return "\n".join([head, *_aligned(rows), *_completeness(figures)])


def groups(found: Breakdown) -> str:
    """A line for each group."""
    if found.from_ is None:
        return f"{found.assistant}: by {found.by} there are figures of whole weeks that are over, and this period has none"
    rows = [(group.label or "(none)", *_cells(group.kpis)) for group in found.groups]
    head = f"{found.assistant} by {found.by}, {found.from_} to {found.to} ({found.time_zone}), definitions {found.definitions}"
    tail = [f"hidden groups: {found.suppressed_groups}"] if found.suppressed_groups else []
    return "\n".join([head, *_aligned([(found.by, *_HEADINGS), *rows]), *tail])


def series(found: Series) -> str:
    """A line for each day, week or month."""
    rows = [(each.from_ if each.from_ == each.to else f"{each.from_} to {each.to}", *_cells(each.kpis)) for each in found.series]
    head = f"{found.assistant} by {found.interval} ({found.time_zone}), definitions {found.definitions}"
    return "\n".join([head, *_aligned([(found.interval, *_HEADINGS), *rows])])


def worth(found: ValueReport, language: Language) -> str:
    """Costs and value as the page says them."""
    said = told(found, Words(language))
    head = f"{found.assistant}, {found.from_} to {found.to} ({found.time_zone}), definitions {found.definitions}"
    lines = [head, *_aligned([(each.label, each.value, each.reason) for each in said.figures])]
    for table in said.tables:
        lines += ["", table.caption, *_aligned([table.head, *table.rows])]
    return "\n".join([*lines, "", *said.notes, *said.rests])


_HEADINGS: Final = tuple(name.removesuffix("_rate") for name in _COLUMNS)


def _cells(kpis: Mapping[str, Measure]) -> tuple[str, ...]:
    return tuple(measured(name, kpis[name]) if name in kpis else "" for name in _COLUMNS)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _completeness(figures: Figures) -> Iterator[str]:
    complete = figures.completeness
    shares = [f"{name} {share:.1%}" for name, share in complete.shares if share is not None]
    yield f"open sessions {figures.open_sessions}, " + ", ".join([*shares, f"dropped {complete.dropped}"])
    if complete.approximate:
        yield "figures of sessions are approximate: many turns came without the id of a conversation"


def measured(name: str, measure: Measure) -> str:
    """A figure as people read it, or why there is none."""
    if measure.value is None:
        return f"- ({measure.reason})"
    if measure.accuracy is not None:
        return f"{_value(name, measure.value)} (estimate, right in {measure.accuracy:.0%})"
    return f"{measure.value:.4g} {measure.currency}" if measure.currency else _value(name, measure.value)


def _value(name: str, value: float) -> str:
    if name in _TIMES:
        return f"{value:.2f} s"
    if name == "time_saved":
        return f"{value / 3600:.1f} h"
    return f"{value:g}" if name in _COUNTS else f"{value:.1%}"


def _status(measure: Measure) -> str:
    return "" if measure.status == "no_target" else measure.status.replace("_", " ")
