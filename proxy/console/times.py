"""Panels about time: the chosen figure along the period, how long answers took, and when in a week people write."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from proxy.charts import heat
from proxy.charts.columns import Column, columns
from proxy.charts.picture import NARROW, WIDE, Size
from proxy.charts.spark import sparkline
from proxy.charts.trend import Point
from proxy.console import places
from proxy.console.panels import Cell, Panel, Table, counted, empty, parts
from proxy.console.reader import Read
from proxy.kpi.report import Bin, Measure, Stretch
from proxy.kpi.shares import ENOUGH
from proxy.report import drawing
from proxy.words import formats, written
from proxy.words.catalogue import Words

_WIDE: Final = Size(960, 240)
_NARROW: Final = Size(360, 210, hover=False)
"""Of the main chart, which has the whole width."""
_NAMED_HOURS: Final = 6
"""Every so many hours one is named on an axis."""


def spark(name: str, read: Read) -> Markup:
    """The line of a tile, up to what may still change: its end would fall with a day or a week that has only begun."""
    return sparkline([_settled(name, point, read) for point in read.points])


def _settled(name: str, point: Stretch, read: Read) -> float | None:
    measure = point.kpis.get(name)
    return None if measure is None or _soft(point, measure, read) else drawing.drawable(measure)


def main(name: str, read: Read, words: Words) -> Panel:
    """The chosen figure along the period, over the same of the time before."""
    language, title = words.language, words(f"chart.{read.grain}", name=words(name))
    given = [(point, point.kpis.get(name) or Measure(value=None)) for point in read.points]
    soft = [measure.value is not None and _soft(point, measure, read) for point, measure in given]
    past = [drawing.drawable(point.kpis.get(name)) for point in read.past]
    rows = [
        (
            (point.from_, places.full(point, read.grain, words)),
            (measure.value, written.value(name, measure.value, language, measure.currency)),
            (measure.numerator, "" if measure.numerator is None else formats.number(measure.numerator, language)),
            (_n(measure), "" if _n(measure) is None else formats.number(_n(measure) or 0, language)),
            *_bounds(name, measure, words),
            ("provisional", words("soft")) if unsure else ("settled", words("settled")),
        )
        for (point, measure), unsure in zip(given, soft, strict=True)
        if measure.value is not None
    ]
    if not rows:
        return empty(name, title, words("chart.empty"))
    dots = [
        Point(
            places.short(point, read.grain, words),
            drawing.drawable(measure),
            unsure,
            words(
                "named",
                name=places.full(point, read.grain, words),
                value=written.value(name, measure.value, language, measure.currency),
            ),
            words.listed(drawing.noted(point.notes, words)),
        )
        for (point, measure), unsure in zip(given, soft, strict=True)
    ]
    notes = [
        words("chart.soft") if any(soft) else "",
        words("chart.past") if any(each is not None for each in past) else "",
        words("chart.few", count=ENOUGH) if any(measure.value != drawing.drawable(measure) for _, measure in given) else "",
        *(said for point in read.points for said in drawing.noted(point.notes, words)),
    ]
    band, said = drawing.band(name, read.figures), words(f"about.{name}")
    currency = next((measure.currency for _, measure in given if measure.currency), None)
    drawn = {
        size: drawing.line(name, dots, words, title=title, said=said, band=band, past=past, size=size, currency=currency)
        for size in (_WIDE, _NARROW)
        if any(dot.value is not None for dot in dots)
    }
    table = Table(
        names=("from", "value", "numerator", "n", "low", "high", "state"),
        heads=(
            *(words(f"table.{read.grain}"), words("table.value"), words("table.hits"), words("table.n")),
            *(words("table.low"), words("table.high"), words("table.state")),
        ),
        rows=rows[::-1],
    )
    about = " · ".join(filter(None, notes))
    return Panel(name=name, title=title, about=about, table=table, wide=drawn.get(_WIDE), narrow=drawn.get(_NARROW))


def _soft(point: Stretch, measure: Measure, read: Read) -> bool:
    """Whether it may still change: its sessions are open, or its time has not passed."""
    return measure.provisional or point.from_ <= read.present[: len(point.to)] <= point.to


def _bounds(name: str, measure: Measure, words: Words) -> tuple[Cell, Cell]:
    if measure.interval is None:
        return (None, ""), (None, "")
    low, high = measure.interval
    return (low, written.value(name, low, words.language)), (high, written.value(name, high, words.language))


def _n(measure: Measure) -> int | None:
    return measure.n if measure.denominator is None else measure.denominator


def histogram(read: Read, words: Words) -> Panel:
    """How long complete answers took; those beyond the target in another colour, behind a line."""
    title, language = words("times"), words.language
    bins = read.figures.response_times
    total = sum(each.count for each in bins)
    if not total:
        return empty("times", title, words("times.empty"))
    target = drawing.band("response_time", read.figures)
    limit = None if target is None else target[1]
    found, rows, low = [], [], 0.0
    for each in bins:
        beyond = limit is not None and low >= limit
        label = _between(low, each, words)
        cells = counted(label, label, each.count, total, words)
        found.append(
            Column(
                _edge(low, each, words),
                [("beyond" if beyond else "bar", each.count, words("named", name=label, value=cells[2][1]))],
            )
        )
        rows.append(((low, label), *cells[1:]))
        low = each.under or low
    mark = next((at + 1 for at, each in enumerate(bins) if each.under == limit), None)

    def tick(count: float) -> str:
        return formats.number(count, language)

    drawn = {size: columns(found, title=title, said="", written=tick, size=size, mark=mark) for size in (WIDE, NARROW)}
    measure = read.figures.kpis.get("response_time_within_target")
    within = "" if measure is None or measure.value is None else formats.percent(measure.value, language)
    about = words("times.about", count=formats.number(total, language), within=within) if within else ""
    table = parts(words("times.took"), words("times.answers"), rows, words)
    return Panel(name="times", title=title, about=about, table=table, wide=drawn[WIDE], narrow=drawn[NARROW])


def _between(low: float, found: Bin, words: Words) -> str:
    language = words.language
    if found.under is None:
        return words("times.over", low=formats.limit(low, language))
    return words("times.between", low=formats.limit(low, language) if low else "0", high=formats.limit(found.under, language))


def _edge(low: float, found: Bin, words: Words) -> str:
    text = f"<{formats.number(found.under, words.language, 0 if found.under % 1 == 0 else 1)}" if found.under else None
    return text or f"≥{formats.number(low, words.language)}"


def rhythm(read: Read, words: Words) -> Panel:
    """When in a week people write, over the last whole weeks, whatever the period."""
    title, found = words("rhythm"), read.rhythm
    most = max((count for row in found.turns for count in row), default=0) if found else 0
    if found is None or not most:
        return empty("rhythm", title, words("rhythm.empty"))
    language = words.language
    hours = [formats.hour(at, language) for at in range(24)]
    rows = [
        heat.Row(
            formats.weekday(day, language)[:3],
            [
                heat.Cell(
                    count / most,
                    words("named", name=f"{formats.weekday(day, language)} {hours[at]}", value=formats.number(count, language)),
                )
                for at, count in enumerate(counts)
            ],
        )
        for day, counts in enumerate(found.turns)
    ]
    ticks = [hour if at % _NAMED_HOURS == 0 else "" for at, hour in enumerate(hours)]
    weekday, hour = max(((day, at) for day in range(7) for at in range(24)), key=lambda each: found.turns[each[0]][each[1]])
    about = words("rhythm.about", day=formats.weekday(weekday, language), hour=hours[hour])
    drawn = {size: heat.heat(rows, ticks, title=title, said=about, size=size) for size in (WIDE, NARROW)}
    table = Table(
        names=("hour", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        heads=(words("table.hour"), *(formats.weekday(day, language)[:3] for day in range(7))),
        rows=[
            ((at, hours[at]), *((found.turns[day][at], formats.number(found.turns[day][at], language)) for day in range(7)))
            for at in range(24)
        ],
    )
    return Panel(name="rhythm", title=title, about=about, table=table, wide=drawn[WIDE], narrow=drawn[NARROW])
