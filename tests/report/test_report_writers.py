"""One report in each of its forms."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import zipfile
import zlib
from datetime import date, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import msgspec
import pytest

from proxy.kpi.report import Day, Measure, Stretch
from proxy.kpi.shares import share
from proxy.report import html, markdown, pdf, tables
from proxy.report.compose import compose
from proxy.report.gather import daily
from proxy.report.model import AUDIENCES, Facts
from proxy.report.month import Month, read
from proxy.settings.model import Annotation
from proxy.words.catalogue import CATALOGUE
from proxy.words.formats import LANGUAGES, Language, full_day


class Outline(HTMLParser):
    """Tags that are open, and what a page should not have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "style")]
        if tag not in ("meta", "link", "rect", "path", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path", "circle"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_by_itself(facts: Facts, language: Language) -> None:
    text = html.html(compose(facts, language))
    outline = Outline(text)
    assert outline.open == []
    assert outline.addresses == [f"#{audience}" for audience in AUDIENCES]
    assert "script" not in outline.tags
    assert "rh &lt;b&gt;" in text
    assert "rh <b>" not in text
    for audience in AUDIENCES:
        assert f'id="{audience}"' in text


def test_a_browser_may_use_the_style_of_the_page_and_nothing_else(facts: Facts) -> None:
    style = re.search(r"<style>(.*?)</style>", html.html(compose(facts, "en")), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in html.policy()


def test_a_month_that_runs_is_called_so(facts: Facts) -> None:
    assert not any("not over" in note for note in compose(facts, "en").notes)
    running = compose(msgspec.structs.replace(facts, today=date(2026, 10, 31)), "en")
    assert running.notes[0] == "The month is not over: its figures may still change."


def test_what_happened_in_the_month_is_told_and_drawn(facts: Facts) -> None:
    notes = (
        Annotation(on=facts.days[11].date, text="model <2>"),
        Annotation(on=facts.days[11].date, text="late", kind="incident"),
    )
    days = [*facts.days[:11], msgspec.structs.replace(facts.days[11], notes=notes), *facts.days[12:]]
    report = compose(msgspec.structs.replace(facts, days=days), "fr")
    on = full_day(facts.month.first + timedelta(days=11), "fr")
    assert report.notes[-2:] == (f"{on}\u202f: mise en production, model <2>", f"{on}\u202f: incident, late")
    text = html.html(report)
    drawn = sum(finding.chart is not None for page in report.pages for finding in page.findings)
    assert text.count('class="event"') == 2 * drawn > 0  # for a phone as well
    assert "model &lt;2&gt;" in text
    assert "model <2>" not in text


def test_figures_that_rest_on_derived_conversations_are_called_approximate(facts: Facts) -> None:
    assert not any("approximate" in note for note in compose(facts, "en").notes)
    complete = msgspec.structs.replace(facts.figures.completeness, derived=0.31)
    derived = msgspec.structs.replace(facts, figures=msgspec.structs.replace(facts.figures, completeness=complete))
    assert "approximate" in compose(derived, "en").notes[-1]
    assert ("in conversations without an id", "31.0%") in compose(derived, "en").basis


def test_money_is_not_spoken_of_before_it_is_configured(facts: Facts) -> None:
    page = next(page for page in compose(facts, "en").pages if page.audience == "cfo")
    assert page.notes == (CATALOGUE["value.none"][0],)
    assert (page.tables, page.rests) == ((), ())
    assert [row.name for row in page.rows] == ["sessions", "automation_rate"]


def test_markdown_has_the_same_figures_and_escapes_names(facts: Facts) -> None:
    text = markdown.markdown(compose(facts, "fr"))
    assert text.startswith("# rh \\<b\\>\u202f: le service rendu en octobre\u00a02026\n")
    assert "### Automatisation\u202f: 62,0\u202f% ✓ objectif tenu" in text
    assert "+10,0 points, au-delà du hasard" in text
    widths = [line.count("|") for line in text.splitlines() if line.startswith("| Sans réponse")]
    assert widths == [4]


def test_csv_holds_the_numbers_of_the_api(facts: Facts) -> None:
    report = compose(facts, "en")
    found = {row["figure"]: row for row in csv.DictReader(io.StringIO(tables.text(report)))}
    assert list(found) == list(facts.figures.kpis)
    automation = found["automation_rate"]
    assert (automation["assistant"], automation["month"]) == ("rh <b>", "2026-10")
    assert (float(automation["value"]), automation["numerator"], automation["denominator"]) == (0.62, "620", "1000")
    assert (automation["target_low"], automation["target_high"], automation["status"]) == ("0.5", "0.8", "met")
    assert float(automation["change"]) == pytest.approx(0.1)
    assert automation["change_is"] == "higher"
    assert (found["response_time"]["unit"], found["response_time"]["p95"]) == ("s", "8.1")


def test_a_name_can_not_become_a_formula(facts: Facts) -> None:
    hostile = msgspec.structs.replace(facts, figures=msgspec.structs.replace(facts.figures, assistant='=HYPERLINK("x")'))
    report = compose(hostile, "en")
    assert next(csv.DictReader(io.StringIO(tables.text(report))))["assistant"] == '\'=HYPERLINK("x")'
    with zipfile.ZipFile(io.BytesIO(tables.workbook(report))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_workbook_holds_the_same_numbers(facts: Facts) -> None:
    report = compose(facts, "en")
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(tables.workbook(report))) as book:
        shared = ["".join(item.itertext()) for item in ET.fromstring(book.read("xl/sharedStrings.xml"))]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))

    def read_cell(cell: ET.Element) -> str | float | None:
        value = cell.findtext(f"{space}v")
        return None if value is None else shared[int(value)] if cell.get("t") == "s" else float(value)

    found = [[read_cell(cell) for cell in row] for row in sheet.iter(f"{space}row")]
    assert found[0] == list(tables.COLUMNS)
    assert [row[2] for row in found[1:]] == [entry.name for entry in report.entries]
    assert found[1][4] == 0.62


def test_the_pdf_has_a_page_for_each_audience(facts: Facts) -> None:
    try:
        made = pdf.pdf(compose(facts, "en"))
    except pdf.PdfMissingError as error:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert made.startswith(b"%PDF-")
    inside = b"".join(
        zlib.decompressobj().decompress(packed) for packed in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", made, re.DOTALL)
    )
    assert len(re.findall(rb"/Type ?/Page\b", made + inside)) >= len(AUDIENCES)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "october", "2026-10-01", "", "2026/10"])
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        read(text)


def test_months_know_their_ends() -> None:
    february = read("2028-02")
    assert (february.first, february.last) == (date(2028, 2, 1), date(2028, 2, 29))
    assert Month(2026, 1).before == Month(2025, 12)
    assert str(Month(2025, 12)) == "2025-12"


def test_what_nobody_chose_to_know_stands_after_the_figures(facts: Facts) -> None:
    """A reader of the month comes for what is known; the way to know more is at the end of the page."""
    nothing = Measure(value=None, reason="unset")
    kpis = {**facts.figures.kpis, "answer_precision_judge": nothing}
    some = msgspec.structs.replace(facts, figures=msgspec.structs.replace(facts.figures, kpis=kpis))
    owner = compose(some, "en").pages[0]
    assert any("judge" in sentence for sentence in owner.unset)
    assert not any("judge" in sentence for sentence in owner.notes)


def test_the_days_of_a_report_have_all_figures_and_the_five_as_they_know_more() -> None:
    day = Day(date="2026-10-01", kpis={"csat": share(9, 10)})
    stretch = Stretch(from_="2026-10-01", to="2026-10-01", kpis={"csat": share(8, 10), "availability": share(99, 100)})
    (found,) = daily([day], [stretch])
    assert found.kpis == {"csat": share(9, 10), "availability": share(99, 100)}


def test_the_cio_sees_the_days_and_money_is_not_drawn_by_them(facts: Facts) -> None:
    more = {"availability": share(99, 100), "roi": Measure(value=0.4)}
    days = [msgspec.structs.replace(day, kpis={**day.kpis, **more}) for day in facts.days]
    kpis = {**facts.figures.kpis, **more, "adoption_present": Measure(value=None, reason="no_absences")}
    some = msgspec.structs.replace(facts, days=days, figures=msgspec.structs.replace(facts.figures, kpis=kpis))
    pages = {page.audience: page for page in compose(some, "en").pages}
    charts = {finding.row.name: finding.chart for page in pages.values() for finding in page.findings}
    assert charts["availability"] is not None
    assert charts.get("roi") is None
    assert "adoption_present" not in [row.name for row in pages["manager"].rows], "nobody chose to list absences"
