"""`kpi-proxy baseline import`: contacts by day out of a ticket system's export, for `value.baseline`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    baseline = verbs.add_parser("baseline", help="count a ticket system's export by day, to compare before and since the launch")
    steps = baseline.add_subparsers(required=True, metavar="STEP")
    taken = steps.add_parser("import", help="read a CSV with a row for each ticket, and write days and numbers alone")
    taken.add_argument("file", metavar="FILE", help="the export")
    taken.add_argument("--date", metavar="COLUMN", help="the column that says when a ticket began (default: a customary one)")
    taken.add_argument("--department", metavar="COLUMN", help="the column that says whose it was, for a roll-out by phases")
    taken.add_argument("--output", metavar="FILE", default="baseline.csv", help="where it goes (default: %(default)s)")
    taken.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Count, and write the file."""
    from proxy.settings.baseline import FILE_LIMIT, BaselineError, counted, written

    try:
        if Path(parsed.file).stat().st_size > FILE_LIMIT:
            print(f"error: {parsed.file} is larger than {FILE_LIMIT} bytes", file=sys.stderr)
            return 1
        days = counted(Path(parsed.file).read_text("utf-8"), parsed.date, parsed.department)
        Path(parsed.output).write_text(written(days), "utf-8")
    except UnicodeDecodeError as error:
        print(f"error: {parsed.file} is not UTF-8 (byte {error.start})", file=sys.stderr)
        return 1
    except BaselineError as error:
        print(f"error: {parsed.file}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(
        f"{sum([sum(each.values()) for each in days.values()])} contacts, {min(days)} to {max(days)}, are in {parsed.output}",
        file=sys.stderr,
    )
    print(f"name it in the settings: value: {{baseline: {parsed.output}}}", file=sys.stderr)
    return 0
