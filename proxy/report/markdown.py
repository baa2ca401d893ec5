"""A report as Markdown, for a wiki, a ticket or a mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from proxy.report.model import Finding, Page, Report
from proxy.words.catalogue import Words
from proxy.words.written import ICONS


def markdown(report: Report) -> str:
    """Write it down."""
    return "\n".join(_lines(report, Words(report.language))) + "\n"


def _lines(report: Report, words: Words) -> Iterator[str]:
    yield f"# {_plain(report.title)}"
    for note in report.notes:
        yield f"\n{_plain(note)}"
    for page in report.pages:
        yield from _page(page, words)
    yield f"\n## {words('report.basis')}\n"
    yield from (f"- {words('named', name=label, value=value)}" for label, value in report.basis)
    yield ""
    yield from (f"- {_plain(sentence)}" for sentence in report.assumptions)
    yield f"\n{report.made}"


def _page(page: Page, words: Words) -> Iterator[str]:
    yield f"\n## {page.title}"
    for note in page.notes:
        yield f"\n{note}"
    for finding in page.findings:
        yield from _finding(finding, words)
    if page.outcomes:
        yield f"\n### {words('outcomes')}\n"
        head = (words("outcome"), words("sessions"), words("share"))
        yield from _table(head, (row[1:] for row in page.outcomes))
    if page.rows:
        yield f"\n### {words('report.figures')}\n"
        names = ("figure", "value", "target", "state", "interval", "counted", "before", "change")
        rows = (
            (row.label, row.value, row.target, row.verdict, row.interval, row.counted, row.before, row.change)
            for row in page.rows
        )
        yield from _table([words(f"column.{name}") for name in names], rows)
    for table in page.tables:
        yield f"\n### {table.caption}\n"
        yield from _table(table.head, ([_plain(cell) for cell in row] for row in table.rows))
    if page.rests:
        yield f"\n### {words('value.assumptions')}\n"
        yield from (f"- {_plain(sentence)}" for sentence in page.rests)
    if page.unset:
        yield f"\n### {words('report.unset.title')}\n"
        yield from (f"- {_plain(sentence)}" for sentence in page.unset)


def _finding(finding: Finding, words: Words) -> Iterator[str]:
    row = finding.row
    verdict = f" {ICONS[row.status]} {row.verdict}" if row.verdict else ""
    yield f"\n### {words('named', name=row.label, value=row.value)}{verdict}\n"
    target = f"{words('column.target')} {row.target}" if row.target else ""
    interval = words("interval", range=row.interval) if row.interval else ""
    yield " · ".join(part for part in (target, interval, finding.rests) if part)
    advice = f" **{words('report.next')}** {finding.next}" if finding.next else ""
    yield f"\n{finding.means}{advice}"
    before = " · ".join(part for part in (row.before, row.change) if part)
    yield f"\n{words('named', name=words('column.before'), value=before)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from (_row(row) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str) -> str:
    """A name from the settings is text, not markup."""
    return "".join(chr(92) + sign if sign in "\\`*_[]<>#" else sign for sign in text)
