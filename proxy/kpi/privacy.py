"""What may be shown of groups of people without showing a person. Applied where figures are read: no reader can forget it.

1. A group of fewer than k people is hidden: k for a department or a profile, a larger one for the two together.
2. Hidden cells must not follow from the rest: of each line of a table whose sum is known, none or at least two cells are
   hidden, with k people among them; where that is not so, the smallest of the others is hidden as well (secondary suppression).
3. Nor from another period: groups are shown for ISO weeks and calendar months that are over, so that no two periods differ by a
   day; where the end of a month cuts a week, both pieces of it must have k people, or nobody at all.
4. Nor from the next week: numbers of people of a group are rounded to 5, so that one who joins is not told by the difference.
5. Nobody or everybody is as telling as one: adoption is hidden at 0 and at 100 %, and below k active people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from proxy.kpi.calendar import monday, month_end
from proxy.kpi.opinions import FIGURES as OPINIONS
from proxy.kpi.precision import FIGURES
from proxy.kpi.report import Measure
from proxy.kpi.stats import wilson

ROUND: Final = 5
"""Numbers of people of a group are multiples of it."""

HIDDEN: Final = Measure(value=None, reason="small_group")

Cell = tuple[str, str]
"""Department and profile, or a label and "" in a table of one line."""


def suppressed(people: Mapping[Cell, int], smallest: int, hidden: Iterable[Cell] = ()) -> set[Cell]:
    """Say which cells of a table are not to be shown, those in `hidden` among them.

    The sums of all rows and columns are taken to be known, unless a row or column is the whole table's only one.
    """
    gone = {cell for cell, count in people.items() if count < smallest} | (set(hidden) & people.keys())
    lines = _lines(people)
    changed = True
    while changed:
        changed = False
        for line in lines:
            lost = [cell for cell in line if cell in gone]
            shown = [cell for cell in line if cell not in gone]
            if lost and shown and (len(lost) < 2 or sum([people[cell] for cell in lost]) < smallest):
                gone.add(min(shown, key=lambda cell: (people[cell], cell)))
                changed = True
    return gone


def _lines(people: Mapping[Cell, int]) -> list[list[Cell]]:
    found: dict[tuple[int, str], list[Cell]] = {}
    columns = {cell[1] for cell in people}
    for cell in people:
        found.setdefault((1, cell[1]), []).append(cell)
        if len(columns) > 1:
            found.setdefault((0, cell[0]), []).append(cell)
    return list(found.values())


def settled_period(first: date, last: date, today: date) -> tuple[date, date] | None:
    """Give the days that may be shown of groups: whole months if they are asked for, else whole weeks; None when none is over.

    A beginning or an end within a week moves to include it, and what is not over yet is left out.
    """
    if first.day == 1 and last == month_end(last) and last < today:
        return first, last
    first = monday(first)
    last = min(monday(last) + timedelta(days=6), monday(today) - timedelta(days=1))
    return (first, last) if first <= last else None


def fragments(first: date, last: date) -> Sequence[tuple[date, date]]:
    """Give the pieces of weeks that differ between a period of months and one of weeks: each is to have k people or none."""
    found: list[tuple[date, date]] = []
    if (begin := monday(first)) < first:
        found += [(begin, first - timedelta(days=1)), (first, begin + timedelta(days=6))]
    if (end := monday(last) + timedelta(days=6)) > last:
        found += [(monday(last), last), (last + timedelta(days=1), end)]
    return found


def coarse(kpis: Mapping[str, Measure], smallest: int) -> dict[str, Measure]:
    """Give the figures of a group that is shown, without what would tell of single people."""
    return {
        name: _coarse_adoption(measure, smallest)
        if name in {"adoption", "adoption_present"}
        else _rounded(measure)
        if name in {"wau", "mau", "dau"}
        else _rated(measure, smallest)
        if name == "csat" or name in FIGURES or name in OPINIONS
        else measure
        for name, measure in kpis.items()
    }


def _rounded(measure: Measure) -> Measure:
    return measure if measure.value is None else msgspec.structs.replace(measure, value=float(_near(measure.value)))


def _near(count: float) -> int:
    return ROUND * round(count / ROUND)


def _rated(measure: Measure, smallest: int) -> Measure:
    return measure if measure.value is None or (measure.denominator or measure.n or 0) >= smallest else HIDDEN


def _coarse_adoption(measure: Measure, smallest: int) -> Measure:
    active, eligible = measure.numerator, measure.denominator
    if measure.value is None or active is None or eligible is None:
        return measure
    if min(active, eligible) < smallest or active >= eligible:
        return HIDDEN
    active, eligible = _near(active), max(_near(eligible), ROUND)
    active = min(active, eligible)
    return msgspec.structs.replace(
        measure, value=active / eligible, numerator=active, denominator=eligible, interval=wilson(active, eligible)
    )
