"""Which groups of people must not be shown in a period: their people are counted, and all three tables judged together.

The tables are the departments, the profiles, and the profiles within departments. What is left over, people without a label,
is a cell like the others, since it follows from the sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Final

import msgspec

from proxy.kpi.calendar import days
from proxy.kpi.groups import WHOLE, Dimension, Scope
from proxy.kpi.privacy import Cell, fragments, suppressed
from proxy.settings.model import Assistant
from proxy.store.agreed import Agreed
from proxy.store.crowd import MONTH
from proxy.store.figures import Ledger

TABLES: Final[tuple[Dimension, Dimension]] = ("department", "profile")


class Period(msgspec.Struct, frozen=True):
    """Days, both included."""

    first: date
    last: date

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last."""
        return self.first, self.last


class Hiding:
    """Judges the groups of one assistant."""

    def __init__(self, ledger: Ledger, assistant: Assistant, agreed: Agreed, heads: Mapping[Scope, int]) -> None:
        self._ledger = ledger
        self._assistant = assistant
        self._agreed = agreed
        self._heads = heads

    async def of(self, period: Period, *, pairs: bool) -> set[Scope]:
        """Give the groups that must be hidden; those of two dimensions only when asked for."""
        rows, columns = TABLES
        labels = {name: self._agreed.labels.labels(name) for name in TABLES}
        least, least_pair = self._assistant.people.smallest, self._assistant.people.smallest_pair
        cells: dict[Scope, Cell] = {((name, label),): (label, "") for name in TABLES for label in labels[name]}
        people = await self._people(period, [WHOLE, *cells], least)
        hidden: set[Scope] = set()
        for name in TABLES:
            scopes: dict[str, Scope] = {label: ((name, label),) for label in labels[name]}
            table = {(label, ""): people[scope] for label, scope in scopes.items() if people[scope] or self._heads.get(scope)}
            if (rest := people[WHOLE] - sum(table.values())) > 0:
                table["", ""] = rest
            lost = suppressed(table, least)
            hidden |= {((name, label),) for label, _ in lost}
        if not pairs:
            return hidden
        both: dict[Cell, Scope] = {
            (row, column): ((rows, row), (columns, column)) for row, column in product(labels[rows], labels[columns])
        }
        counts = await self._people(period, list(both.values()), least_pair)
        found = {cell: counts[scope] for cell, scope in both.items()}
        table_of_pairs = {cell: count for cell, count in found.items() if count}
        for row in labels[rows]:
            if (rest := people[((rows, row),)] - sum([found[row, column] for column in labels[columns]])) > 0:
                table_of_pairs[row, ""] = rest
        for column in labels[columns]:
            if (rest := people[((columns, column),)] - sum([found[row, column] for row in labels[rows]])) > 0:
                table_of_pairs["", column] = rest
        under = [cell for cell in table_of_pairs if {((rows, cell[0]),), ((columns, cell[1]),)} & hidden]
        lost = suppressed(table_of_pairs, least_pair, under)
        nobody = {scope for cell, scope in both.items() if not found[cell]}
        return hidden | nobody | {((rows, row), (columns, column)) for row, column in lost}

    async def _people(self, period: Period, scopes: Sequence[Scope], least: int) -> dict[Scope, int]:
        """Count the people of groups: the most of any four weeks, which the whole period can only surpass.

        Too few where a piece of a week that a month cuts off has some people but not enough, or too few are eligible.
        """
        counting = self._ledger.counting(self._assistant, self._agreed)
        runs = [list(days(first, last)) for first, last in (*_windows(period), *fragments(period.first, period.last))]
        windows = len(runs) - len(fragments(period.first, period.last))
        for scope in scopes:
            for run in runs:
                counting.ask(run, scope)
        counts = await counting.counts()
        found: dict[Scope, int] = {}
        for at, scope in enumerate(scopes):
            of = counts[at * len(runs) : (at + 1) * len(runs)]
            most = max(of[:windows], default=0)
            telling = any(0 < count < least for count in of[windows:]) or self._heads.get(scope, least) < least
            found[scope] = min(most, least - 1) if telling and scope else most
        return found


def _windows(period: Period) -> list[tuple[date, date]]:
    found = []
    end = period.last
    while end >= period.first:
        begin = max(period.first, end - timedelta(days=MONTH - 1))
        found.append((begin, end))
        end = begin - timedelta(days=1)
    return found
