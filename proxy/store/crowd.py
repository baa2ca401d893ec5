"""The counts of people that the figures of one group and period need, asked together and read in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from proxy.kpi.calendar import days, full_weeks, monday, one_month
from proxy.kpi.groups import PEOPLE, Scope
from proxy.kpi.measures import PeopleCounts
from proxy.settings.model import Assistant
from proxy.store.people import Counting

Stored = Mapping[bytes, bytes]
"""Sums of a day before anybody asks for one of them: of thirteen months and twelve groups most are added up first."""
MONTH: Final = 28
"""Days of the rolling month: whole weeks, so that months can be compared."""
WEEKS: Final = 4
"""Full weeks over which adoption is averaged, at most, the newest."""


class Known(msgspec.Struct, frozen=True):
    """What was read of one group: sums by day as the store has them, and eligible people by Monday, and those not away."""

    days: Sequence[Stored]
    heads: Mapping[date, int]
    present: Mapping[date, int]
    began: date | None  # Monday of the first week in which anybody was seen

    def unseen(self, begin: date) -> bool:
        """Say whether a week lies before the first in which kpi-proxy saw anybody: that nobody was active is not known."""
        return self.began is None or begin < self.began


class Crowd:
    """The people of a group in a period, up to `today`."""

    def __init__(self, assistant: Assistant, scope: Scope, first: date, last: date, today: date) -> None:
        self._scope = scope
        self._listed = assistant.people.directory is not None
        self._launched = None if assistant.launched is None else date.fromisoformat(assistant.launched)
        end = min(last, today)
        begin = first if self._launched is None else max(first, self._launched)
        # No sets are kept by channel, model or route: who comes by two of them is one person all the same.
        self._any = end >= first and all(name in PEOPLE for name, _ in scope)
        self.mondays = full_weeks(begin, over(last, today))[-WEEKS:] if self._any else ()
        self._running = list(days(max(first, monday(end)), end)) if self._any else []
        whole_month = one_month(first, last) and last <= today
        self._month = list(days(first, last) if whole_month else days(end - timedelta(days=MONTH - 1), end))
        self._days = list(days(first, end))

    @property
    def weeks(self) -> Sequence[date]:
        """Mondays of the weeks whose eligible people are wanted: the full ones and, last, the one in progress."""
        return (*self.mondays, monday(self._running[0])) if self._any else ()

    def ask(self, counting: Counting) -> None:
        """Ask for all counts."""
        if not self._any:
            return
        runs = [*[week(begin) for begin in self.mondays], self._running]
        for run in runs:
            counting.ask(run, self._scope)
        for run in runs:
            counting.ask(run, self._scope, listed=self._listed)
        counting.ask(self._month, self._scope)
        for on in self._days:
            counting.ask([on], self._scope)

    def read(self, answers: Iterator[int], known: Known, eligible: int | None) -> PeopleCounts:
        """Take the answers. Eligible people are those of `known`, by week, and `eligible` where nobody counted."""
        if not self._any:
            return PeopleCounts(eligible=eligible, kept=all(name in PEOPLE for name, _ in self._scope))
        n = len(self.mondays) + 1
        *active, partial = [next(answers) for _ in range(n)]
        *adopted, adopted_partial = [next(answers) for _ in range(n)]
        mau = next(answers)
        dau = [next(answers) for _ in self._days]
        *counted, running = [known.heads.get(begin, eligible) for begin in self.weeks]
        unseen = [not count and known.unseen(begin) for begin, count in zip(self.mondays, active, strict=True)]
        seen = unseen.index(False) if False in unseen else len(unseen)
        return PeopleCounts(
            dau=dau,
            mau=mau,
            weeks=active[seen:],
            adopted=adopted[seen:],
            partial=partial,
            adopted_partial=adopted_partial,
            eligible=running,
            heads=counted[seen:],
            present=[known.present.get(begin) for begin in self.mondays[seen:]],
            launched=self._launched is not None,
        )


def over(last: date, today: date) -> date:
    """Give the last day of a period that is over: a week with the present day in it is not full."""
    return min(last, today - timedelta(days=1))


def week(begin: date) -> list[date]:
    """Give the days of a week."""
    return list(days(begin, begin + timedelta(days=6)))
