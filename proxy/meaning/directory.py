"""The people an assistant is meant for, from a CSV text: whom adoption is measured against, and their departments.

The first row names the columns: `user`, and as wanted `department` and `profile`. Comma, semicolon or tab; a byte order
mark does not matter. Only hashes are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

import msgspec

from proxy.meaning.hashing import Keyed

LABEL_LIMIT: Final = 64
"""Characters of a department or profile: they become label values and table headings."""

_COLUMNS: Final = frozenset({"user", "department", "profile"})


class Person(msgspec.Struct, frozen=True):
    """Someone who may use the assistant."""

    department: str = ""
    profile: str = ""


class RowFault(msgspec.Struct, frozen=True):
    """A line of the directory that was not taken."""

    line: int
    message: str


def read_directory(text: str, keyed: Keyed) -> tuple[Mapping[str, Person], tuple[RowFault, ...]]:
    """People by the hash of their user, and the faults of the lines that could not be read."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    people: dict[str, Person] = {}
    faults: list[RowFault] = []
    columns: dict[str, int] | None = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = {name.strip().lower(): at for at, name in enumerate(row)}
                faults += _heading_faults(columns)
                if "user" not in columns:
                    return {}, tuple(faults)
                continue
            user = _cell(row, columns, "user")
            if not user:
                faults.append(RowFault(rows.line_num, "no user in this line"))
                continue
            key = keyed.user(user)
            if key in people:
                faults.append(RowFault(rows.line_num, "this user is in an earlier line"))
                continue
            people[key] = Person(_cell(row, columns, "department")[:LABEL_LIMIT], _cell(row, columns, "profile")[:LABEL_LIMIT])
    except csv.Error as error:
        faults.append(RowFault(rows.line_num, str(error)))
    if columns is None:
        faults.append(RowFault(1, 'the first line must name the columns, "user" among them'))
    return people, tuple(faults)


def _heading_faults(columns: Mapping[str, int]) -> list[RowFault]:
    faults = [RowFault(1, f'unknown column "{name}"') for name in columns if name not in _COLUMNS]
    if "user" not in columns:
        faults.append(RowFault(1, 'the first line must name the columns, "user" among them'))
    return faults


def _cell(row: list[str], columns: Mapping[str, int], name: str) -> str:
    at = columns.get(name)
    return row[at].strip() if at is not None and at < len(row) else ""
