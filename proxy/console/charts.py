"""Charts as SVG strings: pure functions, no script, no style attribute (the content security policy forbids both).

Colours come from the style sheet through classes, so one chart serves light, dark and print. Every chart has a title for
screen readers and a table beside it on the page; a sparkline repeats what its tile says in words and is hidden from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from markupsafe import Markup, escape

Band = tuple[float | None, float | None]
MARGIN: Final = (12, 14, 26, 46)  # top, right, bottom, left


class Point(msgspec.Struct, frozen=True):
    """One place on the x axis. `soft` when the value may still change; None is a gap in the line."""

    label: str
    value: float | None
    soft: bool = False
    detail: str = ""  # shown on hover


def line_path(values: Sequence[float | None], width: float, height: float, top: float) -> str:
    """Path data of a line over equally spaced values from 0 to `top`; gaps stay gaps, a lone value is a dot."""
    step = width / max(1, len(values) - 1)
    parts: list[str] = []
    pen = False
    for at, value in enumerate(values):
        if value is None:
            pen = False
            continue
        x, y = at * step, height - height * min(value, top) / top
        alone = not pen and (at + 1 == len(values) or values[at + 1] is None)
        parts.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}" + ("h.01" if alone else ""))
        pen = True
    return "".join(parts)


def sparkline(values: Sequence[float | None], key: str = "") -> Markup:
    """A small line without axes, from zero to its own height. With `key` the page's script may redraw it."""
    ceiling = max((value for value in values if value is not None), default=1) or 1
    drawn = line_path(values, 120, 26, ceiling)
    return Markup(
        '<svg class="spark" viewBox="-1 -2 122 31" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path class="base" d="M0 26H120"/><path class="line" data-path="{}" d="{}"/></svg>'
    ).format(key, drawn)


class _Frame(msgspec.Struct, frozen=True):
    """Where a chart's values lie in its picture."""

    width: int
    height: int
    top: float
    count: int

    @property
    def right(self) -> float:
        return self.width - MARGIN[1]

    @property
    def bottom(self) -> float:
        return self.height - MARGIN[2]

    def x(self, at: int) -> float:
        return MARGIN[3] + (self.right - MARGIN[3]) * (at / (self.count - 1) if self.count > 1 else 0.5)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - MARGIN[0]) * min(max(value, 0), self.top) / self.top


def trend(
    points: Sequence[Point],
    *,
    title: str,
    band: Band | None,
    share: bool,
    written: Callable[[float], str],
    width: int = 960,
    height: int = 240,
) -> Markup:
    """A line over days with its target band. The axis starts at zero and fits values and band."""
    values = [point.value for point in points if point.value is not None]
    bounds = [bound for bound in band or () if bound is not None]
    top = nice(max([*values, *(bound * 1.1 for bound in bounds)], default=1.0))
    if share:
        top = min(top, 1.0)
    frame = _Frame(width, height, top, len(points))
    body = Markup().join(
        [_band(frame, band), _y_axis(frame, written), _x_axis(frame, points), _line(frame, points), _dots(frame, points)]
    )
    return Markup('<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(width, height, title, body)


def nice(value: float) -> float:
    """The next round number above: an axis ends there."""
    unit = 10.0
    while unit / 10 >= value > 0:
        unit /= 10
    while unit < value:
        unit *= 10
    return next(unit * part for part in (0.12, 0.16, 0.2, 0.4, 0.6, 0.8, 1.0) if unit * part >= value)


def _band(frame: _Frame, band: Band | None) -> Markup:
    if band is None:
        return Markup()
    low, high = band
    upper, lower = frame.y(frame.top if high is None else high), frame.y(low or 0)
    parts = [
        Markup('<rect class="band" x="{}" y="{:.1f}" width="{}" height="{:.1f}"/>').format(
            MARGIN[3], upper, frame.right - MARGIN[3], lower - upper
        )
    ]
    parts += [
        Markup('<path class="bound" d="M{} {:.1f}H{}"/>').format(MARGIN[3], frame.y(bound), frame.right)
        for bound in band
        if bound is not None
    ]
    return Markup().join(parts)


def _y_axis(frame: _Frame, written: Callable[[float], str]) -> Markup:
    lines = []
    for quarter in range(5):
        value = frame.top * quarter / 4
        lines.append(
            Markup(
                '<path class="grid" d="M{} {:.1f}H{}"/><text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(MARGIN[3], frame.y(value), frame.right, MARGIN[3] - 8, frame.y(value) + 4, written(value))
        )
    return Markup().join(lines)


def _x_axis(frame: _Frame, points: Sequence[Point]) -> Markup:
    places = max(3, frame.width // 120)
    step = max(1, -(-(frame.count - 1) // places))
    at_end = frame.count - 1
    shown = range(at_end, -1, -step)  # from the newest back, so that today is always named
    return Markup().join(
        Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
            frame.x(at), frame.height - 6, "end" if at == at_end else "middle", points[at].label
        )
        for at in shown
        if at == at_end or frame.x(at) > MARGIN[3] - 20
    )


def _line(frame: _Frame, points: Sequence[Point]) -> Markup:
    """Settled stretches are drawn whole, those that end at a soft value dashed, so that nobody reads an end as a fall."""
    parts = []
    for at in range(1, len(points)):
        before, here = points[at - 1], points[at]
        if before.value is None or here.value is None:
            continue
        parts.append(
            Markup('<path class="{}" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(
                "line soft" if here.soft else "line", frame.x(at - 1), frame.y(before.value), frame.x(at), frame.y(here.value)
            )
        )
    return Markup().join(parts)


def _dots(frame: _Frame, points: Sequence[Point]) -> Markup:
    radius = 3.5 if len(points) <= 31 else 2.2
    return Markup().join(
        Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>').format(
            "dot soft" if point.soft else "dot", frame.x(at), frame.y(point.value), radius, point.detail
        )
        for at, point in enumerate(points)
        if point.value is not None
    )


def stack(parts: Sequence[tuple[str, int, str]], title: str) -> Markup:
    """One bar of parts (class, count, words), as wide as their shares."""
    total = sum(count for _, count, _ in parts) or 1
    x = 0.0
    drawn = []
    for name, count, words in parts:
        width = 1000 * count / total
        if count:
            drawn.append(
                Markup('<rect class="part {}" x="{:.1f}" y="0" width="{:.1f}" height="20"><title>{}</title></rect>').format(
                    name, x, max(width - 2, 1), words
                )
            )
        x += width
    return Markup(
        '<svg class="stack" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(escape(title), Markup().join(drawn))
