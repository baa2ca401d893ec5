"""Some weeks of a small company around a time change: every figure of every week, month and department is the truth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.company.__main__ import SETTLED
from tests.company.run import run
from tests.company.scenario import Size

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def last_sunday_of_october() -> date:
    """The latest one after which everything can have settled: a day of 25 hours."""
    latest = datetime.now(UTC).date() - SETTLED - timedelta(days=4)
    for year in (latest.year, latest.year - 1):
        end = date(year, 10, 31)
        if (sunday := end - timedelta(days=(end.weekday() + 1) % 7)) <= latest:
            return sunday
    raise AssertionError("there is one every year")


def test_every_figure_is_the_truth(tmp_path: Path) -> None:
    size = Size(last_sunday_of_october() + timedelta(days=4), days=18, people=90)
    report = run(tmp_path, size)
    assert report.turns > 500
    assert report.wide > 5  # groups that were large enough to be estimated
    assert report.wrong == [], "\n".join(report.wrong[:30])
