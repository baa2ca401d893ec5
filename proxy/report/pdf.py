"""A report as PDF: the HTML as WeasyPrint sets it. The extra `pdf` brings it; nothing else needs it."""

from __future__ import annotations

import re

from proxy.charts.style import plain_css
from proxy.report.html import html
from proxy.report.model import Report


class PdfMissingError(Exception):
    """WeasyPrint or a library of the system that it needs is not there; the text says what to install."""


def pdf(report: Report) -> bytes:
    """Write it down. Raises `PdfMissingError`."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 - an extra: without it everything else works
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise PdfMissingError(
            f"PDF needs the extra kpi-proxy[pdf] and the Pango library (Debian: libpangoft2-1.0-0): {error}"
        ) from error
    return bytes(HTML(string=_drawn(html(report)), url_fetcher=_nothing).write_pdf())


def _drawn(page: str) -> str:
    """WeasyPrint draws SVG without the style sheet of the page around it: each picture gets the rules for itself."""
    style = f"<style>{plain_css()}</style>"
    return re.sub(r"<svg [^>]*>", lambda found: found[0] + style, page)


def _nothing(url: str) -> dict[str, object]:
    """A report refers to nothing; should it ever, nothing is fetched."""
    raise ValueError(f"a report fetches nothing: {url}")
