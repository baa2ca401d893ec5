"""A figure day by day, drawn for page and report alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from proxy.charts.picture import Size
from proxy.charts.trend import Band, Point, trend
from proxy.kpi.report import Day, Figures, Measure
from proxy.kpi.shares import ENOUGH
from proxy.settings.model import Annotation
from proxy.words import formats, written
from proxy.words.catalogue import Words


def drawable(measure: Measure | None) -> float | None:
    """The value of a place as lines have it: a share of fewer than ENOUGH is left to the table, or each quiet day would leap."""
    if measure is None or (measure.denominator is not None and measure.denominator < ENOUGH):
        return None
    return measure.value


def points(name: str, days: Sequence[Day], words: Words) -> list[Point]:
    """The places of the chart."""
    language = words.language
    measures = [(date.fromisoformat(day.date), day.kpis.get(name) or Measure(value=None)) for day in days]
    return [
        Point(
            formats.day(at, language),
            drawable(measure),
            measure.provisional,
            words("named", name=formats.full_day(at, language), value=written.value(name, measure.value, language)),
            words.listed(noted(day.notes, words)),
        )
        for (at, measure), day in zip(measures, days, strict=True)
    ]


def noted(notes: Sequence[Annotation], words: Words) -> list[str]:
    """What happened, in words."""
    return [
        words(
            "note",
            day=formats.full_day(date.fromisoformat(each.on), words.language),
            kind=words(f"note.{each.kind}"),
            text=each.text,
        )
        for each in notes
    ]


def by_day(name: str, figures: Figures, days: Sequence[Day], words: Words, *, size: Size) -> Markup:
    """The line of a month with its target."""
    return line(
        name, points(name, days, words), words, title=words("chart", name=words(name)), band=band(name, figures), size=size
    )


def band(name: str, figures: Figures) -> Band | None:
    """What a figure is held against."""
    return figures.kpis[name].target if name in figures.kpis else None


def line(
    name: str,
    places: Sequence[Point],
    words: Words,
    *,
    title: str,
    band: Band | None,
    size: Size,
    past: Sequence[float | None] = (),
    said: str = "",
    currency: str | None = None,
) -> Markup:
    """The line of a figure over places in time, over the same of the time before (`past`)."""

    def tick(value: float) -> str:
        return written.round_number(name, value, words.language, currency) if value else "0"

    share = written.kind(name) == "share"
    return trend(places, title=title, said=said, band=band, share=share, written=tick, past=past, size=size)
