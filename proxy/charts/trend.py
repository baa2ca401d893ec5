"""A line over days with its target band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from proxy.charts.frame import MARGIN, Frame, across, nice, y_axis
from proxy.charts.picture import Size, hover, picture

TINY: Final = 1e-9
"""What lies less below zero is an error of rounding."""

Band = tuple[float | None, float | None]


class Point(msgspec.Struct, frozen=True):
    """One place on the x axis. `soft` when the value may still change; None is a gap in the line."""

    label: str
    value: float | None
    soft: bool = False
    detail: str = ""  # shown on hover
    event: str = ""  # what happened there: an upright line with these words


def trend(
    points: Sequence[Point],
    *,
    title: str,
    band: Band | None,
    share: bool,
    written: Callable[[float], str],
    said: str = "",
    past: Sequence[float | None] = (),
    size: Size,
) -> Markup:
    """A line over days with its target band. The axis fits values and band, and zero is on it.

    `past` is the same figure over the time before, laid under it as a pale line from the same beginning.
    """
    values = [value for value in (*(point.value for point in points), *past) if value is not None]
    bounds = [bound for bound in band or () if bound is not None]
    frame = _frame(values, [bound * 1.1 for bound in bounds], len(points), size, share=share)
    body = Markup().join(
        [
            _band(frame, band),
            y_axis(frame, written),
            _x_axis(frame, points),
            _events(frame, points),
            _past(frame, past[: len(points)]),
            _line(frame, points),
            _dots(frame, points, size),
        ]
    )
    return picture("trend", size, title, said, body)


def _frame(values: Sequence[float], bounds: Sequence[float], count: int, size: Size, *, share: bool) -> Frame:
    least, most = min([*values, *bounds], default=0.0), max([*values, *bounds], default=1.0)
    if least < -TINY:  # a loss, or a balance of two sides
        low, top, step = across(least, most)
        return Frame(size.width, size.height, top, count, low, step)
    top = nice(most)
    if share and max(values, default=0.0) <= 1:  # a return on investment may be more than the whole
        top = min(top, 1.0)
    return Frame(size.width, size.height, top, count)


def _band(frame: Frame, band: Band | None) -> Markup:
    if band is None:
        return Markup()
    low, high = band
    upper, lower = frame.y(frame.top if high is None else high), frame.y(frame.low if low is None else low)
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


def _x_axis(frame: Frame, points: Sequence[Point]) -> Markup:
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


def _events(frame: Frame, points: Sequence[Point]) -> Markup:
    return Markup().join(
        Markup('<path class="event" d="M{:.1f} {}V{}m-4 0h8l-4 6z"><title>{}</title></path>').format(
            frame.x(at), frame.bottom, MARGIN[0] - 6, point.event
        )
        for at, point in enumerate(points)
        if point.event
    )


def _past(frame: Frame, values: Sequence[float | None]) -> Markup:
    parts = []
    pen = False
    for at, value in enumerate(values):
        if value is not None:
            parts.append(f"{'L' if pen else 'M'}{frame.x(at):.1f} {frame.y(value):.1f}")
        pen = value is not None
    return Markup('<path class="past" d="{}"/>').format("".join(parts)) if parts else Markup()


def _line(frame: Frame, points: Sequence[Point]) -> Markup:
    """Settled stretches are drawn whole, those that end at a soft value dashed, so that nobody reads an end as a fall."""
    drawn: dict[bool, list[str]] = {False: [], True: []}
    pen: bool | None = None  # which of the two is at the point before
    for at in range(1, len(points)):
        before, here = points[at - 1], points[at]
        if before.value is None or here.value is None:
            pen = None
            continue
        if pen is not here.soft:
            drawn[here.soft].append(f"M{frame.x(at - 1):.1f} {frame.y(before.value):.1f}")
            pen = here.soft
        drawn[here.soft].append(f"L{frame.x(at):.1f} {frame.y(here.value):.1f}")
    return Markup().join(
        Markup('<path class="{}" d="{}"/>').format("line soft" if soft else "line", "".join(path))
        for soft, path in drawn.items()
        if path
    )


def _dots(frame: Frame, points: Sequence[Point], size: Size) -> Markup:
    radius = 3.5 if len(points) <= 31 else 2.2
    return Markup().join(
        Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}">{}</circle>').format(
            "dot soft" if point.soft else "dot", frame.x(at), frame.y(point.value), radius, hover(size, point.detail)
        )
        for at, point in enumerate(points)
        if point.value is not None
    )
