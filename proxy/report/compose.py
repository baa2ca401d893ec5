"""From the figures of a month to a report: which audience reads which figure, and in what order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from proxy import __version__
from proxy.charts.picture import NARROW, Size
from proxy.charts.stack import stack
from proxy.kpi.opinions import FIGURES as OPINIONS
from proxy.kpi.outcome import FROM_BEST
from proxy.kpi.precision import FIGURES
from proxy.kpi.report import DEFINITIONS, Figures, Measure
from proxy.kpi.value import VALUE
from proxy.report import course, departments, lacking, saying
from proxy.report.drawing import by_day, drawable, noted
from proxy.report.model import AUDIENCES, Audience, Entry, Facts, Finding, Page, Report, Row
from proxy.report.worth import told
from proxy.words import formats, written
from proxy.words.catalogue import CATALOGUE, Words
from proxy.words.formats import Language

FINDINGS: Final[dict[Audience, tuple[str, ...]]] = {
    "owner": ("automation_rate", "csat", "handover_rate"),
    "operations": ("response_time",),
    "cio": course.STEADY,
    "cfo": course.WORTH,
    "manager": ("adoption",),
}
"""The figures that an audience is told about in sentences: those that it can act upon."""

ROWS: Final[dict[Audience, tuple[str, ...]]] = {
    "owner": (
        *("automation_rate_confirmed", "containment_rate", "handover_request_rate", "no_answer_rate", "abandonment_rate"),
        *("failure_rate", "recontact_rate", "durable_resolution_rate", "csat_response_rate"),
        *("csat_response_rate_automated", "csat_response_rate_handed_over", "nps"),
        *("reformulation_rate", *FIGURES, "judge_agreement", *OPINIONS),
    ),
    "operations": ("turns", "sessions", "availability", "response_time_within_target", "time_to_first", "failure_rate"),
    "cio": ("response_time", "time_to_first", "failure_rate", "turns"),
    "cfo": ("sessions", "automation_rate", *[name for name in VALUE if name not in course.WORTH]),
    "manager": ("adoption_present", "wau", "mau", "dau", "stickiness"),
}
"""The figures that stand on an audience's page as lines of a table. One that the API does not give is left out."""

UNCHOSEN: Final = frozenset({"unset", "no_absences"})
"""Reasons of figures that somebody has to choose to know."""

_NOTHING: Final = Measure(value=None, reason="no_data")


def compose(facts: Facts, language: Language) -> Report:
    """Decide everything that is said."""
    words, figures = Words(language), facts.figures
    month = formats.month(facts.month.first, language)
    return Report(
        assistant=figures.assistant,
        month=facts.month,
        language=language,
        title=words("report.title", assistant=figures.assistant, month=month),
        notes=tuple(_notes(facts, words)),
        pages=tuple(_page(audience, facts, words) for audience in AUDIENCES),
        basis=tuple(_basis(figures, words)),
        assumptions=tuple(_assumptions(figures, words)),
        made=words("report.made", version=__version__, definitions=DEFINITIONS),
        entries=tuple(
            Entry(name=name, label=words(name), now=measure, before=facts.before.kpis.get(name, _NOTHING))
            for name, measure in figures.kpis.items()
            if name in CATALOGUE
        ),
    )


def _notes(facts: Facts, words: Words) -> Iterator[str]:
    if facts.today <= facts.month.last:
        yield words("report.running")
    if facts.figures.open_sessions:
        yield words("report.open", count=formats.number(facts.figures.open_sessions, words.language))
    if not any(facts.figures.outcomes.values()):
        yield words("report.nothing")
    if facts.figures.completeness.approximate:
        yield words("basis.approximate")
    for day in facts.days:
        yield from noted(day.notes, words)


def _page(audience: Audience, facts: Facts, words: Words) -> Page:
    outcomes = _outcomes(facts.figures, words) if audience == "owner" else ()
    parts = [(name, facts.figures.outcomes.get(name, 0), f"{label}: {count}") for name, label, count, _ in outcomes]
    money = told(facts.value, words) if audience == "cfo" else None
    tables, notes = ((), ()) if money is None else (money.tables, money.notes)
    if audience == "owner":
        themes = lacking.table(facts, words)
        tables = (themes,) if themes else ()
        notes = saying.opinions(facts.figures, words)
    if audience == "manager":
        people, hidden = departments.table(facts.departments, words), departments.note(facts.departments, words)
        tables, notes = (people,) if people else (), (hidden,) if hidden else ()
    return Page(
        audience=audience,
        title=words(f"audience.{audience}"),
        findings=tuple(_finding(name, facts, words) for name in FINDINGS[audience] if _due(name, facts)),
        rows=tuple(row(name, facts, words) for name in ROWS[audience] if name in facts.figures.kpis and _due(name, facts)),
        notes=notes,
        tables=tables,
        rests=() if money is None else money.rests,
        unset=tuple(saying.unset(ROWS[audience], facts, words)) if audience == "owner" else (),
        outcomes=outcomes,
        bar=stack(parts, words.listed(said for _, _, said in parts)) if outcomes else None,
    )


def _due(name: str, facts: Facts) -> bool:
    """Whether somebody chose to know it: what nobody did is no gap in the month."""
    measure = facts.figures.kpis.get(name, _NOTHING)
    return facts.value.configured if name in VALUE else measure.value is not None or measure.reason not in UNCHOSEN


def _finding(name: str, facts: Facts, words: Words) -> Finding:
    said = course if name in (*course.STEADY, *course.WORTH) else saying
    now = facts.figures.kpis.get(name, _NOTHING)
    return Finding(
        row=row(name, facts, words),
        about=words(f"about.{name}"),
        rests=saying.based(name, now, words) if now.value is not None else words.reason(now.reason),
        means=said.means(name, facts, words),
        next=said.what_next(name, facts, words),
        chart=_chart(name, facts, words, Size(960, 150)),
        narrow=_chart(name, facts, words, NARROW),
    )


def row(name: str, facts: Facts, words: Words) -> Row:
    """One figure in words, beside its month before."""
    language = words.language
    now, before = facts.figures.kpis.get(name, _NOTHING), facts.before.kpis.get(name, _NOTHING)
    return Row(
        name=name,
        label=words(name),
        value=written.value(name, now.value, language, now.currency),
        target=written.target(now, language),
        status=now.status,
        verdict="" if now.status == "no_target" else words(f"status.{now.status}"),
        interval=written.interval(name, now, language),
        counted=saying.counted(name, now, words) if now.value is not None else words.reason(now.reason),
        before=written.value(name, before.value, language, before.currency),
        change=saying.change(name, now, before, words) if now.value is not None else "",
    )


def _chart(name: str, facts: Facts, words: Words, size: Size) -> Markup | None:
    """The month day by day; of money there is none: fees by the month make each weekend a loss."""
    if name in course.WORTH or not any(drawable(day.kpis.get(name)) is not None for day in facts.days):
        return None
    return by_day(name, facts.figures, facts.days, words, size=size)


def _outcomes(figures: Figures, words: Words) -> tuple[tuple[str, str, str, str], ...]:
    total = sum(figures.outcomes.get(name, 0) for name in FROM_BEST)
    return tuple(
        (
            name,
            words(f"outcome.{name}"),
            formats.number(count := figures.outcomes.get(name, 0), words.language),
            formats.percent(count / total, words.language),
        )
        for name in FROM_BEST
        if total
    )


def _basis(figures: Figures, words: Words) -> Iterator[tuple[str, str]]:
    for stage, share in figures.completeness.shares:
        yield words(f"basis.{stage}"), words("basis.none") if share is None else formats.percent(share, words.language)
    yield words("basis.dropped"), formats.number(figures.completeness.dropped, words.language)


def _assumptions(figures: Figures, words: Words) -> Iterator[str]:
    yield words("assume.zone", zone=figures.time_zone)
    for name in ("settled", "assumed", "change", "few", "small"):
        yield words(f"assume.{name}")
