"""The people an assistant is meant for, from a CSV text: whom adoption is measured against, and their departments.

The first row names the columns: `user`, and as wanted `department`, `profile`, and the first and last day, `joined` and `left`.
Aliases are a text of their own, with the columns `alias` and `user`: several ids of one person, who then is one person
everywhere. So are absences: `user`, `from` and `to`. Comma, semicolon or tab; a byte order mark does not matter. Whom traffic
names by a cookie or a credential is "cookie:VALUE" or "hash:VALUE" here. Only hashes are kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import msgspec

from proxy.kpi.calendar import days
from proxy.meaning.hashing import Keyed

LABEL_LIMIT: Final = 64
"""Characters of a department or profile: they become label values and table headings."""


class Person(msgspec.Struct, frozen=True):
    """Someone who may use the assistant, from and to the days that are known; `absent` has first and last days, included."""

    department: str = ""
    profile: str = ""
    joined: date | None = None
    left: date | None = None
    absent: tuple[tuple[date, date], ...] = ()

    def counts(self, week: date) -> bool:
        """Say whether the person is one of a week, by its Monday: from the first full week on, up to the one of leaving."""
        return (self.joined is None or self.joined <= week) and (self.left is None or self.left >= week)

    def away(self, week: date) -> bool:
        """Say whether the person is absent on all five working days of a week, by its Monday."""
        return all(any(first <= on <= last for first, last in self.absent) for on in days(week, week + timedelta(days=4)))


class RowFault(msgspec.Struct, frozen=True):
    """A line that was not taken. `whole`: nothing after it can be trusted, or nothing at all."""

    line: int
    message: str
    whole: bool = False


def read_directory(text: str, keyed: Keyed) -> tuple[Mapping[str, Person], tuple[RowFault, ...]]:
    """People by the hash of their user, and the faults of the lines that could not be read."""
    people: dict[str, Person] = {}
    faults: list[RowFault] = []
    for line, row in _rows(text, ("user",), ("department", "profile", "joined", "left"), faults):
        key = keyed.listed(row["user"])
        joined, left = [_day(row[name], name, line, faults) for name in ("joined", "left")]
        if key in people:
            faults.append(RowFault(line, "this user is in an earlier line"))
        else:
            people[key] = Person(row["department"][:LABEL_LIMIT], row["profile"][:LABEL_LIMIT], joined, left)
    return people, tuple(faults)


def read_absences(text: str, people: Mapping[str, Person], keyed: Keyed) -> tuple[Mapping[str, Person], tuple[RowFault, ...]]:
    """The people with their absences, and the faults. Absences of people who are not listed say nothing."""
    absent: dict[str, list[tuple[date, date]]] = {}
    faults: list[RowFault] = []
    for line, row in _rows(text, ("user", "from", "to"), (), faults):
        first, last = [_day(row[name], name, line, faults) for name in ("from", "to")]
        if first is None or last is None:
            continue
        if last < first:
            faults.append(RowFault(line, "this absence ends before it begins"))
        else:
            absent.setdefault(keyed.listed(row["user"]), []).append((first, last))
    replace = msgspec.structs.replace
    found = {key: replace(person, absent=tuple(absent[key])) if key in absent else person for key, person in people.items()}
    return found, tuple(faults)


def _day(cell: str, name: str, line: int, faults: list[RowFault]) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError:
        faults.append(RowFault(line, f'"{name}" is no date like 2026-10-31'))
        return None


def read_aliases(text: str, keyed: Keyed) -> tuple[Mapping[str, str], tuple[RowFault, ...]]:
    """The hash of the user by the hash of the alias, and the faults. `keyed` knows no aliases yet."""
    aliases: dict[str, str] = {}
    faults: list[RowFault] = []
    for line, row in _rows(text, ("alias", "user"), (), faults):
        alias, user = keyed.listed(row["alias"]), keyed.listed(row["user"])
        if alias == user:
            faults.append(RowFault(line, "a user is no alias of itself"))
        elif aliases.get(alias, user) != user:
            faults.append(RowFault(line, "this alias is another user's in an earlier line"))
        else:
            aliases[alias] = user
    chained = {alias for alias, user in aliases.items() if user in aliases}
    if chained:
        faults.append(RowFault(1, f"{len(chained)} aliases are of aliases, and were not taken: name the user"))
    return {alias: user for alias, user in aliases.items() if alias not in chained}, tuple(faults)


def _rows(
    text: str, needed: tuple[str, ...], others: tuple[str, ...], faults: list[RowFault]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line's cells by column, with its number; a line without a needed one is a fault."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    columns: dict[str, int] | None = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = {name.strip().lower(): at for at, name in enumerate(row)}
                faults += [RowFault(1, f'unknown column "{name}"') for name in columns if name not in (*needed, *others)]
                if any(name not in columns for name in needed):
                    faults.append(_no_heading(needed))
                    return
                continue
            cells = {name: _cell(row, columns, name) for name in (*needed, *others)}
            if empty := next((name for name in needed if not cells[name]), None):
                faults.append(RowFault(rows.line_num, f"no {empty} in this line"))
            else:
                yield rows.line_num, cells
    except csv.Error as error:
        faults.append(RowFault(rows.line_num, str(error), whole=True))
    if columns is None:
        faults.append(_no_heading(needed))


def _no_heading(needed: tuple[str, ...]) -> RowFault:
    names = " and ".join(f'"{name}"' for name in needed)
    return RowFault(1, f"the first line must name the columns, {names} among them", whole=True)


def _cell(row: list[str], columns: Mapping[str, int], name: str) -> str:
    at = columns.get(name)
    return row[at].strip() if at is not None and at < len(row) else ""
