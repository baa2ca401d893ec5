"""`kpi-proxy report`: a month of an assistant, written down for each audience."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.kpis import Asker
    from proxy.report.model import Facts, Report
    from proxy.report.month import Month
    from proxy.verbs.options import Verbs


FORMATS = ("html", "pdf", "md", "csv", "xlsx")


def add(verbs: Verbs) -> None:
    """Add the verb."""
    report = verbs.add_parser("report", help="write down a month of an assistant, a page for each audience")
    report.add_argument("--month", metavar="YYYY-MM", help="which month (default: the last whole one)")
    report.add_argument("--assistant", metavar="NAME", help="which assistant (default: the only one)")
    report.add_argument("--lang", choices=("en", "fr"), default="en", help="its language (default: %(default)s)")
    report.add_argument("--format", choices=FORMATS, default="html", help="how it is written (default: %(default)s)")
    report.add_argument(
        "--output", metavar="FILE", help="where it goes; - is standard output (default: NAME-MONTH.FORMAT in this directory)"
    )
    options.console(report)
    report.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Ask for the figures of the month and of the one before, and write the file."""
    from proxy.kpis import Asker, AskError, token_of
    from proxy.report import month
    from proxy.report.compose import compose
    from proxy.report.pdf import PdfMissingError

    try:
        wanted = None if parsed.month is None else month.read(parsed.month)
    except ValueError as error:
        print(f"error: --month: {error}", file=sys.stderr)
        return 2
    try:
        facts = _facts(Asker(parsed.console, token_of(parsed.token_file)), parsed.assistant, wanted)
        report = compose(facts, parsed.lang)
        body = _writer(parsed.format)(report)
    except (AskError, PdfMissingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return _put(body, parsed.output or f"{_plain(report.assistant)}-{report.month}.{parsed.format}")


def _facts(asker: Asker, assistant: str | None, wanted: Month | None) -> Facts:
    from proxy.kpis import AskError, decoded, decoded_groups, decoded_series, decoded_value
    from proxy.report import month
    from proxy.report.gather import daily
    from proxy.report.model import Facts

    known = asker.described()
    names = ", ".join(each.name for each in known)
    if assistant is None and len(known) > 1:
        raise AskError(f"there are several assistants: add --assistant, one of: {names}")
    chosen = next((each for each in known if assistant in (None, each.name)), None)
    if chosen is None:
        raise AskError(f"there is no assistant {assistant!r}; there is: {names}")
    today = datetime.now(UTC).astimezone(ZoneInfo(chosen.time_zone)).date()
    asked = wanted or month.of(today).before
    if asked.first > today:
        raise AskError(f"{asked} has not begun")

    def span(of: Month) -> tuple[str, str]:
        return of.first.isoformat(), of.last.isoformat()

    series = decoded_series(asker.figures(chosen.name, *span(asked), {"interval": "day"}))
    weeks = asked.weeks[0].isoformat(), asked.weeks[1].isoformat()
    return Facts(
        month=asked,
        today=today,
        launched=chosen.launched,
        figures=decoded(asker.figures(chosen.name, *span(asked))),
        before=decoded(asker.figures(chosen.name, *span(asked.before))),
        days=daily(asker.days(chosen.name, *span(asked)), series.series),
        value=decoded_value(asker.value(chosen.name, *span(asked))),
        departments=decoded_groups(asker.figures(chosen.name, *weeks, {"by": "department"})),
        topics=asker.topics(chosen.name),
    )


def _writer(form: str) -> Callable[[Report], bytes]:
    from proxy.report import html, markdown, pdf, tables

    writers: dict[str, Callable[[Report], bytes]] = {
        "html": lambda report: html.html(report).encode(),
        "pdf": pdf.pdf,
        "md": lambda report: markdown.markdown(report).encode(),
        "csv": lambda report: tables.text(report).encode(),
        "xlsx": tables.workbook,
    }
    return writers[form]


def _put(body: bytes, output: str) -> int:
    if output == "-":
        sys.stdout.buffer.write(body)
        return 0
    try:
        Path(output).write_bytes(body)
    except OSError as error:
        print(f"error: {output}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{output}: {len(body):,} bytes", file=sys.stderr)
    return 0


def _plain(name: str) -> str:
    """A file name from an assistant's name."""
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name).lstrip(".") or "report"
