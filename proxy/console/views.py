"""Figures as the parts of a page show them: the chart of one of the five, outcomes, what the figures rest on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from proxy.charts.spark import sparkline
from proxy.charts.stack import stack
from proxy.charts.strip import strip
from proxy.console import tiles
from proxy.kpi.outcome import FROM_BEST
from proxy.kpi.report import Day, Figures, Measure
from proxy.kpi.uptime import Strip
from proxy.report.drawing import by_day
from proxy.words import formats, written
from proxy.words.catalogue import Words


def spark(name: str, days: list[Day]) -> Markup:
    """The line of a tile."""
    values = [measure.value if (measure := day.kpis.get(name)) else None for day in days]
    return sparkline(values)


def uptime(strips: Sequence[Strip], words: Words) -> list[tuple[str, Markup]]:
    """Each probe in words and as a strip of its last 24 hours."""
    said = []
    for each in strips:
        values = {"probe": each.probe, "share": formats.percent(each.share, words.language, 2)}
        said.append(words("uptime.up", **values) if each.up else words("uptime.down", **values))
    return [(text, strip(each.cells, text)) for text, each in zip(said, strips, strict=True)]


def chart(name: str, figures: Figures, days: list[Day], past: list[Day], words: Words) -> dict[str, Any]:
    """One of the five by day: wide and narrow, with its table, over the same of the time before."""
    language = words.language
    measures = [(date.fromisoformat(day.date), day.kpis.get(name) or Measure(value=None)) for day in days]
    before = [measure.value if (measure := day.kpis.get(name)) else None for day in past]
    given = [measure for _, measure in measures if measure.value is not None]

    return {
        "name": name,
        "title": words("chart", name=words(name)),
        "any": bool(given),
        "past": any(value is not None for value in before),
        "soft": any(measure.provisional for measure in given),
        "wide": by_day(name, figures, days, words, past=before),
        "narrow": by_day(name, figures, days, words, past=before, width=360, height=210),
        "rows": [
            (
                formats.full_day(at, language),
                written.value(name, measure.value, language),
                tiles.counted(name, measure, words) or formats.NONE,
                formats.NONE if measure.value is None else words("soft" if measure.provisional else "settled"),
            )
            for at, measure in reversed(measures)
        ],
    }


def outcomes(figures: Figures, words: Words) -> dict[str, Any]:
    """How sessions ended: the bar with its legend; excluded sessions are told apart."""
    language = words.language
    counts = [(name, figures.outcomes.get(name, 0)) for name in FROM_BEST]
    total = sum(count for _, count in counts)
    excluded = figures.outcomes.get("excluded", 0)
    parts = [(name, count, f"{words(f'outcome.{name}')}: {formats.number(count, language)}") for name, count in counts]
    return {
        "total": total,
        "bar": stack(parts, "; ".join(said for _, _, said in parts)),
        "rows": [
            (
                name,
                words(f"outcome.{name}"),
                formats.number(count, language),
                formats.percent(count / total, language) if total else formats.NONE,
            )
            for name, count in counts
        ],
        "note": words(
            "outcomes.note",
            count=formats.number(total, language),
            open=formats.number(figures.open_sessions, language),
        ),
        "excluded": words("outcomes.excluded", count=formats.number(excluded, language)) if excluded else "",
    }


def basis(figures: Figures, words: Words) -> dict[str, Any]:
    """How complete the traffic was seen, and what the figures mean."""
    return {
        "rows": [
            (words(f"basis.{stage}"), words("basis.none") if share is None else formats.percent(share, words.language))
            for stage, share in figures.completeness.shares
        ]
        + [(words("basis.dropped"), formats.number(figures.completeness.dropped, words.language))],
        "approximate": words("basis.approximate") if figures.completeness.approximate else "",
        "definitions": words("basis.definitions", version=figures.definitions),
        "interval": words("basis.interval"),
        "zone": words("basis.zone", zone=figures.time_zone),
    }
