"""A ledger for the readers of one department: whatever is asked of it, nothing else comes out.

It stands between handlers and the store, so that a handler that forgets who asks can't give too much. Small groups are hidden
below it, as for everybody: a department of three people has no figures for its manager either.
"""

from __future__ import annotations

from datetime import date

import msgspec

from proxy.console.sources import Ledger
from proxy.kpi.calendar import Interval
from proxy.kpi.groups import WHOLE, Dimension, Scope
from proxy.kpi.report import Breakdown, Cohort, Day, Figures, Rhythm, Stretch
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport
from proxy.settings.model import Assistant


class ElsewhereError(Exception):
    """More was asked for than the reader's department."""


class OfDepartment:
    """Readings of one department, and of profiles within it."""

    def __init__(self, ledger: Ledger, department: str) -> None:
        self._ledger = ledger
        self._department = department

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        """All measures of the department, or of a profile within it."""
        return await self._ledger.figures(assistant, first, last, self._within(scope))

    async def series(
        self, assistant: Assistant, interval: Interval, first: date, last: date, scope: Scope = WHOLE
    ) -> list[Stretch]:
        """The same by week or month; days would tell of single people."""
        if interval == "day":
            raise ElsewhereError
        return await self._ledger.series(assistant, interval, first, last, self._within(scope))

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = WHOLE) -> Breakdown:
        """Its profiles, or itself as the one department there is."""
        if by == "profile":
            return await self._ledger.breakdown(assistant, by, first, last, self._within(within))
        if by != "department" or within not in (WHOLE, self._within(WHOLE)):
            raise ElsewhereError
        found = await self._ledger.breakdown(assistant, by, first, last)  # hidden or not is judged with all the others there
        own = [group for group in found.groups if group.label == self._department]
        return msgspec.structs.replace(found, groups=own, suppressed_groups=sum(group.hidden for group in own))

    async def retention(self, assistant: Assistant) -> list[Cohort]:
        """Cohorts are of everybody."""
        raise ElsewhereError

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """No day of a department is shown."""
        return []

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        """What is paid by the month is nobody's in particular."""
        raise ElsewhereError

    async def hours(self, assistant: Assistant, on: date) -> list[Stretch]:
        """No hour of a department is kept."""
        return []

    async def rhythm(self, assistant: Assistant) -> Rhythm:
        """When people write is kept of everybody."""
        raise ElsewhereError

    async def topics(self, assistant: Assistant) -> Topics:
        """Themes are of everybody: few people of one department raise the same."""
        raise ElsewhereError

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        """Profiles alone: there is nothing else to choose from."""
        found = await self._ledger.labels(assistant)
        return {name: labels if name == "profile" else [] for name, labels in found.items()}

    def _within(self, scope: Scope) -> Scope:
        return within(scope, self._department)


def within(scope: Scope, department: str) -> Scope:
    """What of a scope lies in a department; raises `ElsewhereError` for what does not."""
    asked = dict(scope)
    if asked.pop("department", department) != department or asked.keys() - {"profile"}:
        raise ElsewhereError
    return (("department", department), *asked.items())


def seen_by(ledger: Ledger, department: str | None) -> Ledger:
    """The ledger as a reader sees it."""
    return ledger if department is None else OfDepartment(ledger, department)
