"""A report's figures as numbers: CSV for programs, XLSX for people who calculate on.

Shares are 0..1 and times seconds, as in the API, so that a spreadsheet can go on from them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from proxy.kpi.compare import difference
from proxy.report.model import Entry, Report
from proxy.words import written

Cell = str | float | None

COLUMNS: Final = (
    *("assistant", "month", "figure", "label", "value", "unit", "numerator", "denominator", "n", "low", "high"),
    *("target_low", "target_high", "status", "provisional", "p50", "p95", "p99", "reason", "before", "change", "change_is"),
)
"""Names in the manner of the API, in every language: programs read them."""

_UNITS: Final = {"share": "share", "time": "s", "count": "", "score": "", "index": "", "work": "s"}
_FORMATS: Final = {
    "share": "0.0%",
    "time": "0.00",
    "count": "#,##0",
    "score": "0",
    "index": "0.00",
    "money": "#,##0.00",
    "work": "#,##0",
}
_SHARED: Final = frozenset({"value", "low", "high", "target_low", "target_high", "p50", "p95", "p99", "before", "change"})
"""Columns in the figure's own unit."""


def rows(report: Report) -> list[dict[str, Cell]]:
    """One row for each figure that the API gives, under COLUMNS."""
    return [_row(report, entry) for entry in report.entries]


def text(report: Report) -> str:
    """CSV as RFC 4180 has it, UTF-8, numbers with a point."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows({name: safe(cell) for name, cell in row.items()} for row in rows(report))
    return out.getvalue()


def workbook(report: Report) -> bytes:
    """An XLSX file with one sheet, formatted by unit."""
    import xlsxwriter  # noqa: PLC0415 - 30 ms of an observer's start, for a file that it may never write

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(str(report.month))
    head = book.add_format({"bold": True})
    styles = {kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
    sheet.write_row(0, 0, COLUMNS, head)
    sheet.freeze_panes(1, 4)
    for at, (entry, row) in enumerate(zip(report.entries, rows(report), strict=True), start=1):
        style = styles[written.kind(entry.name)]
        for column, name in enumerate(COLUMNS):
            sheet.write(at, column, row[name], style if name in _SHARED else None)
    sheet.set_column(0, 2, 16)
    sheet.set_column(3, 3, 34)
    sheet.autofilter(0, 0, len(report.entries), len(COLUMNS) - 1)
    book.close()
    return out.getvalue()


def _row(report: Report, entry: Entry) -> dict[str, Cell]:
    now = entry.now
    low, high = now.interval or (None, None)
    target_low, target_high = now.target or (None, None)
    change = difference(now, entry.before)
    cells: Sequence[Cell] = (
        report.assistant,
        str(report.month),
        entry.name,
        entry.label,
        now.value,
        now.currency if written.kind(entry.name) == "money" else _UNITS[written.kind(entry.name)],
        now.numerator,
        now.denominator,
        now.n,
        low,
        high,
        target_low,
        target_high,
        now.status,
        "yes" if now.provisional else "no",
        now.p50,
        now.p95,
        now.p99,
        now.reason,
        entry.before.value,
        None if change is None else change.value,
        None if change is None else change.verdict,
    )
    return dict(zip(COLUMNS, cells, strict=True))


def safe(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe: labels come from traffic (OWASP)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
