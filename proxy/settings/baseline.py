"""Contacts with humans by day, before an assistant and since: a CSV made of a ticket system's export.

Only days and numbers are kept. An export has a row for each ticket or contact, and a column that says when it began.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

HEAD: Final = ("date", "contacts")
FILE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of an export; some hundred thousand tickets with their texts. More is better counted where they are."""
WHEN: Final = ("date", "created", "created_at", "created at", "opened", "opened_at", "timestamp", "date de création", "créé le")
"""Columns that say when a ticket began, in the order in which they are looked for."""

_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_FIRST: Final = re.compile(r"(\d{2})[/.](\d{2})[/.](\d{4})(?!\d)")


class BaselineError(ValueError):
    """The file can't be used; the text says where."""


def contacts(text: str) -> dict[date, int]:
    """Read numbers by day; raises `BaselineError` that names the line."""
    rows = _rows(text)
    if tuple(next(rows, (0, []))[1]) != HEAD:
        raise BaselineError(f"line 1: the columns must be {','.join(HEAD)}; kpi-proxy baseline import makes such a file")
    found: dict[date, int] = {}
    for number, row in rows:
        if len(row) != len(HEAD) or not row[1].strip().isdigit():
            raise BaselineError(f"line {number}: a day and a whole number are wanted")
        day = _day(row[0], number)
        if day in found:
            raise BaselineError(f"line {number}: {day} is here twice")
        found[day] = int(row[1])
    if not found:
        raise BaselineError("there is no day in it")
    return found


def counted(text: str, column: str | None) -> dict[date, int]:
    """Count an export's rows by day; days between its first and last without any are 0. Raises `BaselineError`."""
    rows = _rows(text)
    head = [name.strip().lower() for name in next(rows, (0, []))[1]]
    wanted = (column.strip().lower(),) if column else WHEN
    at = next((head.index(name) for name in wanted if name in head), None)
    if at is None:
        raise BaselineError(f"line 1: no column says when; there are: {', '.join(head)[:200]}; name one with --date")
    days = Counter[date]()
    for number, row in rows:
        if any(cell.strip() for cell in row):
            days[_day(row[at] if at < len(row) else "", number)] += 1
    if not days:
        raise BaselineError("there is no row in it")
    first, last = min(days).toordinal(), max(days).toordinal()
    return {day: days[day] for day in map(date.fromordinal, range(first, last + 1))}


def written(days: Mapping[date, int]) -> str:
    """Write numbers by day as `contacts` reads them."""
    return "".join([f"{','.join(HEAD)}\n", *[f"{day.isoformat()},{count}\n" for day, count in sorted(days.items())]])


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
