"""The departments of a month as a table, for those who look after their people. Small ones were hidden where figures are read."""

from __future__ import annotations

from datetime import date
from typing import Final

from proxy.kpi.report import Breakdown, Group, Measure
from proxy.report.model import Table
from proxy.words import formats, written
from proxy.words.catalogue import Words
from proxy.words.formats import NONE

COLUMNS: Final = ("adoption", "mau", "sessions", "csat")
"""Who uses it, how much, and whether it pleases: departments are not ranked by how the assistant did for them."""


def table(found: Breakdown, words: Words) -> Table | None:
    """A line for each department, by its name, hidden ones last; None without one that may be shown."""
    shown = [group for group in found.groups if group.label]
    if all(group.hidden for group in shown) or found.from_ is None or found.to is None:
        return None
    first, last = date.fromisoformat(found.from_), date.fromisoformat(found.to)
    span = words("range", first=formats.day(first, words.language), last=formats.full_day(last, words.language))
    head = (words("group.department"), *[words(name) for name in COLUMNS])
    rows = [_row(group, words) for group in sorted(shown, key=lambda group: (group.hidden, group.label))]
    return Table(words("report.departments", range=span), head, tuple(rows))


def note(found: Breakdown, words: Words) -> str:
    """Why there is no table though there are departments; "" where there is nothing to say."""
    shown = [group for group in found.groups if group.label]
    return words("report.departments.hidden") if shown and all(group.hidden for group in shown) else ""


def _row(group: Group, words: Words) -> tuple[str, ...]:
    if group.hidden:
        return (group.label, words("reason.small_group"), *[NONE] * (len(COLUMNS) - 1))
    measures = [(name, group.kpis.get(name, Measure(value=None))) for name in COLUMNS]
    return (group.label, *[written.value(name, measure.value, words.language) for name, measure in measures])
