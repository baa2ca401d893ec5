"""Some weeks of a small company around a time change: every figure of every week, month and department is the truth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.company.__main__ import SETTLED
from tests.company.run import run
from tests.company.scenario import Size

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def change_of_time(latest: date) -> date:
    """The last day of 23 or 25 hours up to then. One of a kind alone may be older than the ledger keeps anything."""
    ends = [date(year, month, 31) for year in (latest.year, latest.year - 1) for month in (10, 3)]
    sundays = [end - timedelta(days=(end.weekday() + 1) % 7) for end in ends]
    return max(sunday for sunday in sundays if sunday <= latest)


def test_every_figure_is_the_truth(tmp_path: Path) -> None:
    settled = datetime.now(UTC).date() - SETTLED
    size = Size(change_of_time(settled - timedelta(days=4)) + timedelta(days=4), days=18, people=90)
    report = run(tmp_path, size)
    assert report.turns > 500
    assert report.wide > 5  # groups that were large enough to be estimated
    assert report.wrong == [], "\n".join(report.wrong[:30])
