"""A figure day by day, drawn for page and report alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from proxy.charts.trend import Point, trend
from proxy.kpi.report import Day, Figures, Measure
from proxy.words import formats, written
from proxy.words.catalogue import Words


def points(name: str, days: Sequence[Day], words: Words) -> list[Point]:
    """The places of the chart."""
    language = words.language
    measures = [(date.fromisoformat(day.date), day.kpis.get(name) or Measure(value=None)) for day in days]
    return [
        Point(
            formats.day(at, language),
            measure.value,
            measure.provisional,
            f"{formats.full_day(at, language)}: {written.value(name, measure.value, language)}",
        )
        for at, measure in measures
    ]


def by_day(
    name: str,
    figures: Figures,
    days: Sequence[Day],
    words: Words,
    *,
    past: Sequence[float | None] = (),
    width: int = 960,
    height: int = 240,
) -> Markup:
    """The line with its target, over the same of the time before (`past`)."""

    def tick(value: float) -> str:
        return written.round_number(name, value, words.language) if value else "0"

    return trend(
        points(name, days, words),
        title=words("chart", name=words(name)),
        band=figures.kpis[name].target if name in figures.kpis else None,
        share=written.kind(name) == "share",
        written=tick,
        past=past,
        width=width,
        height=height,
    )
