"""Columns of parts over time, or of one part each: how something is made up, and how often it was so long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from proxy.charts.frame import MARGIN, Frame, nice, y_axis
from proxy.charts.picture import Size, hover, picture

GAP: Final = 0.22
"""Of the width of a place: air between columns."""

LETTER: Final = 7
"""Pixels of a letter of a label, at most."""


class Column(msgspec.Struct, frozen=True):
    """One column: its parts from the base up, each a class, a count and its words."""

    label: str
    parts: Sequence[tuple[str, int, str]]


def columns(
    found: Sequence[Column], *, title: str, said: str, written: Callable[[float], str], size: Size, mark: int | None = None
) -> Markup:
    """Stacked columns from zero. `mark` draws a line between two of them: before the column of this number."""
    highest = max((sum([count for _, count, _ in column.parts]) for column in found), default=0)
    frame = Frame(size.width, size.height, nice(max(highest, 4)), max(len(found), 1))
    step = (frame.right - MARGIN[3]) / frame.count
    body = [y_axis(frame, written)]
    body += [_column(frame, column, MARGIN[3] + at * step, step, size) for at, column in enumerate(found)]
    body.append(_labels(frame, found, step))
    if mark is not None:
        body.append(Markup('<path class="bound" d="M{:.1f} {}V{}"/>').format(MARGIN[3] + mark * step, MARGIN[0], frame.bottom))
    return picture("columns", size, title, said, Markup().join(body))


def _column(frame: Frame, column: Column, left: float, step: float, size: Size) -> Markup:
    x, width = left + step * GAP / 2, step * (1 - GAP)
    drawn, base = [], 0
    for name, count, words in column.parts:
        if count:
            top, bottom = frame.y(base + count), frame.y(base)
            drawn.append(
                Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">{}</rect>').format(
                    name, x, top, width, max(bottom - top, 0.5), hover(size, words)
                )
            )
        base += count
    return Markup().join(drawn)


def _labels(frame: Frame, found: Sequence[Column], step: float) -> Markup:
    """As many as have room, from the last back, so that the newest is always named."""
    longest = max((len(column.label) for column in found), default=1)
    every = max(1, -(-int(longest * LETTER + 8) // max(int(step), 1)))
    return Markup().join(
        _label(frame, MARGIN[3] + (at + 0.5) * step, found[at].label) for at in range(len(found) - 1, -1, -every)
    )


def _label(frame: Frame, middle: float, label: str) -> Markup:
    """Under the middle of its column, or ending with the picture where it would be cut off."""
    cut = middle + len(label) * LETTER / 2 > frame.width
    x, anchor = (float(frame.width), "end") if cut else (middle, "middle")
    return Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(x, frame.height - 6, anchor, label)
