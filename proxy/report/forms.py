"""The forms in which a report is written by what runs beside the traffic.

PDF is not among them: setting it takes seconds of a processor that here belongs to the traffic's records. The command writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from proxy.report import html, markdown, tables
from proxy.report.model import Report


class Form(msgspec.Struct, frozen=True):
    """A way to write a report down."""

    content_type: str
    write: Callable[[Report], bytes]
    kept: bool  # a file for the disk rather than a page for the browser


FORMS: Final[Mapping[str, Form]] = {
    "html": Form("text/html", lambda report: html.html(report).encode(), kept=False),
    "md": Form("text/markdown", lambda report: markdown.markdown(report).encode(), kept=True),
    "csv": Form("text/csv", lambda report: tables.text(report).encode(), kept=True),
    "xlsx": Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", tables.workbook, kept=True),
}
