"""Contacts with humans by day, before an assistant and since: a CSV made of a ticket system's export.

Only days and numbers are kept. An export has a row for each ticket or contact, and a column that says when it began.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

HEAD: Final = ("date", "contacts")
DEPARTMENT: Final = "department"
FILE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of an export; some hundred thousand tickets with their texts. More is better counted where they are."""
WHEN: Final = ("date", "created", "created_at", "created at", "opened", "opened_at", "timestamp", "date de création", "créé le")
"""Columns that say when a ticket began, in the order in which they are looked for."""

_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_FIRST: Final = re.compile(r"(\d{2})[/.](\d{2})[/.](\d{4})(?!\d)")


class BaselineError(ValueError):
    """The file can't be used; the text says where."""


Contacts = Mapping[date, Mapping[str, int]]
"""Numbers by day and department, "" where none is known."""


def contacts(text: str) -> dict[date, dict[str, int]]:
    """Read numbers by day and department; raises `BaselineError` that names the line."""
    rows = _rows(text)
    head = tuple(next(rows, (0, []))[1])
    if head not in (HEAD, (*HEAD, DEPARTMENT)):
        what = f"{','.join(HEAD)} or {','.join(HEAD)},{DEPARTMENT}"
        raise BaselineError(f"line 1: the columns must be {what}; kpi-proxy baseline import makes such a file")
    found: dict[date, dict[str, int]] = {}
    for number, row in rows:
        if len(row) != len(head) or not row[1].strip().isdigit():
            raise BaselineError(f"line {number}: a day and a whole number are wanted")
        day, department = _day(row[0], number), row[2].strip() if len(row) > len(HEAD) else ""
        if department in found.setdefault(day, {}):
            raise BaselineError(f"line {number}: {f'{day} {department}'.strip()} is here twice")
        found[day][department] = int(row[1])
    if not found:
        raise BaselineError("there is no day in it")
    return found


def counted(text: str, column: str | None, by: str | None = None) -> dict[date, dict[str, int]]:
    """Count an export's rows by day, and by the column `by`; days between the first and the last without any are 0.

    Raises `BaselineError`.
    """
    rows = _rows(text)
    head = [name.strip().lower() for name in next(rows, (0, []))[1]]
    at = _column(head, (column.strip().lower(),) if column else WHEN, "--date")
    beside = None if by is None else _column(head, (by.strip().lower(),), "--department")
    days: dict[date, Counter[str]] = {}
    for number, row in rows:
        if any(cell.strip() for cell in row):
            department = "" if beside is None or beside >= len(row) else row[beside].strip()
            days.setdefault(_day(row[at] if at < len(row) else "", number), Counter())[department] += 1
    if not days:
        raise BaselineError("there is no row in it")
    known = sorted({department for each in days.values() for department in each})
    first, last = min(days).toordinal(), max(days).toordinal()
    return {
        day: {department: days.get(day, Counter())[department] for department in known}
        for day in map(date.fromordinal, range(first, last + 1))
    }


def _column(head: Sequence[str], wanted: Sequence[str], option: str) -> int:
    found = next((head.index(name) for name in wanted if name in head), None)
    if found is None:
        raise BaselineError(f"line 1: no such column; there are: {', '.join(head)[:200]}; name one with {option}")
    return found


def written(days: Contacts) -> str:
    """Write numbers as `contacts` reads them."""
    out = io.StringIO()
    several = any(department for each in days.values() for department in each)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*HEAD, DEPARTMENT) if several else HEAD)
    for day, each in sorted(days.items()):
        writer.writerows((day.isoformat(), count, *((department,) if several else ())) for department, count in each.items())
    return out.getvalue()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise BaselineError(f"line {reader.line_num}: {error}") from error


def _day(text: str, number: int) -> date:
    """Read the day of a date or time: 2026-09-01..., or 01/09/2026, the day first."""
    try:
        if found := _ISO.match(text.strip()):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.match(text.strip()):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise BaselineError(f'line {number}: "{text[:40]}" is no date, write YYYY-MM-DD')
