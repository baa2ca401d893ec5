"""`python -m tests.company`: the whole year of the whole company (make company)."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.company.run import run
from tests.company.scenario import Size

SETTLED = timedelta(days=21)
"""Before today: the last late rating and the last session have come (12 days), and seven days later it is known what lasted."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.company", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--people", type=int, default=2000)
    given = parser.parse_args()
    size = Size(datetime.now(UTC).date() - SETTLED, days=given.days, people=given.people)
    with tempfile.TemporaryDirectory() as directory:
        report = run(Path(directory), size)
    out = sys.stdout.write
    out(f"\n{report.turns} turns in {report.records} records, shipped, counted and settled in {report.seconds:.0f} s\n")
    out(f"{report.periods} sets of figures compared, {len(report.wrong)} figures differ from the truth\n")
    errors = sorted(report.errors)
    out(f"{report.wide} groups of a day were HyperLogLogs; of {len(errors)} counts of people ")
    out(f"95 % are within {100 * errors[int(0.95 * len(errors))]:.2f} %, all within {100 * errors[-1]:.2f} %\n")
    for path, seconds in report.reading.items():
        out(f"  read in {seconds:.2f} s: {path}\n")
    for line in report.wrong[:50]:
        out(f"  {line}\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
