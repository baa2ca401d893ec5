"""A report as data: what is said, before anybody writes it down."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, get_args

import msgspec
from markupsafe import Markup

from proxy.kpi.report import Breakdown, Day, Figures, Measure, Status
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport
from proxy.report.month import Month
from proxy.words.formats import Language

Audience = Literal["owner", "operations", "cio", "cfo", "manager"]
AUDIENCES: Final[tuple[Audience, ...]] = get_args(Audience)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is made from."""

    month: Month
    today: date  # in the assistant's time zone: a month that is not over is called so
    launched: date | None
    figures: Figures
    before: Figures  # of the month before
    days: list[Day]
    value: ValueReport
    departments: Breakdown  # of its whole weeks
    topics: Topics | None = None  # of the weeks before the report is made


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure in words, as a line of a table. Empty words where there is nothing to say."""

    name: str  # as in the API
    label: str
    value: str
    target: str
    status: Status
    verdict: str
    interval: str
    counted: str
    before: str
    change: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with what it means, what to do next, and how it went."""

    row: Row
    about: str  # its definition
    rests: str  # what was counted, in words
    means: str
    next: str
    chart: Markup | None  # None when no day has a value
    narrow: Markup | None  # the same for a phone


class Table(msgspec.Struct, frozen=True):
    """A caption, headings and lines; the first cell of a line names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one audience reads."""

    audience: Audience
    title: str
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()  # what nobody chose to know, with the way to know it
    tables: tuple[Table, ...] = ()
    rests: tuple[str, ...] = ()  # the numbers behind the tables, as sentences
    outcomes: tuple[tuple[str, str, str, str], ...] = ()  # outcome, its name in words, sessions, share
    bar: Markup | None = None  # of the outcomes


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One figure as numbers, for spreadsheets."""

    name: str
    label: str
    now: Measure
    before: Measure


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole."""

    assistant: str
    month: Month
    language: Language
    title: str
    notes: tuple[str, ...]  # said before everything else
    pages: tuple[Page, ...]
    basis: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]
    made: str
    entries: tuple[Entry, ...]
