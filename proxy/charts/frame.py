"""Where the values of a chart lie in its picture: the plane, its round axis and its labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import msgspec
from markupsafe import Markup

MARGIN: Final = (12, 14, 26, 46)  # top, right, bottom, left


class Frame(msgspec.Struct, frozen=True):
    """A plane of `count` places from left to right and values from `low` to `top`, in a picture of so many pixels.

    `low` is 0 unless something lies below it. The axis has a line at each `step`.
    """

    width: int
    height: int
    top: float
    count: int
    low: float = 0.0
    step: float | None = None  # None: a quarter of the plane

    @property
    def right(self) -> float:
        """Where the plane ends on the right, in pixels."""
        return self.width - MARGIN[1]

    @property
    def bottom(self) -> float:
        """Where its base line is."""
        return self.height - MARGIN[2]

    def x(self, at: int) -> float:
        """The middle of a place, counted from 0."""
        return MARGIN[3] + (self.right - MARGIN[3]) * (at / (self.count - 1) if self.count > 1 else 0.5)

    def y(self, value: float) -> float:
        """The height of a value; what lies beyond the plane is drawn at its edge."""
        return self.bottom - (self.bottom - MARGIN[0]) * (min(max(value, self.low), self.top) - self.low) / (self.top - self.low)

    @property
    def ticks(self) -> list[float]:
        """Where the axis has its lines."""
        step = self.top / 4 if self.step is None else self.step
        return [step * at for at in range(round(self.low / step), round(self.top / step) + 1)]


def nice(value: float) -> float:
    """The next round number above: an axis ends there."""
    unit = 10.0
    while unit / 10 >= value > 0:
        unit /= 10
    while unit < value:
        unit *= 10
    return next(unit * part for part in (0.12, 0.16, 0.2, 0.4, 0.6, 0.8, 1.0) if unit * part >= value)


def across(least: float, most: float) -> tuple[float, float, float]:
    """Both ends of an axis through zero, and the step between its lines: multiples of the step, six lines or seven at most."""
    step = nice((max(most, 0.0) - least) / 4)
    return step * math.floor(least / step), step * math.ceil(max(most, 0.0) / step), step


def y_axis(frame: Frame, written: Callable[[float], str]) -> Markup:
    """The lines with their values in words; that of zero stands out where there is something below it."""
    lines = []
    for value in frame.ticks:
        kind = "grid zero" if frame.low < 0 and value == 0 else "grid"
        lines.append(
            Markup('<path class="{}" d="M{} {:.1f}H{}"/><text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
                kind, MARGIN[3], frame.y(value), frame.right, MARGIN[3] - 8, frame.y(value) + 4, written(value)
            )
        )
    return Markup().join(lines)
