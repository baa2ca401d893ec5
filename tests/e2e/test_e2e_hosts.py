"""Several hosts on one Redis: conversations hop between them, observers are killed, and the ledger is the truth."""

from pathlib import Path

import pytest

from tests.e2e.chaos import Plan, check, run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_the_ledger_is_the_truth_whoever_is_killed(tmp_path: Path) -> None:
    report = run(tmp_path, Plan(seconds=8.0, every=(0.5, 1.5), idle=1800.0, settle=3600.0, leap=True))
    assert report.kills >= 3
    check(report)
