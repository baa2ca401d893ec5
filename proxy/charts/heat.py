"""Cells in rows, darker where there is more: when in a week people write, and who of a week came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from proxy.charts.picture import Size, hover, picture

SHADES: Final = 6
"""Steps from nothing to the most: more could not be told apart."""
_BOTTOM: Final = 20
_LETTER: Final = 7.0
_ROUND: Final = 2


class Cell(msgspec.Struct, frozen=True):
    """One cell: its share 0..1 of the most, None where there is nothing to show; `text` stands in it, `words` on hover."""

    share: float | None
    words: str
    text: str = ""


class Row(msgspec.Struct, frozen=True):
    """One row with its name."""

    label: str
    cells: Sequence[Cell]


def heat(rows: Sequence[Row], ticks: Sequence[str], *, title: str, said: str, size: Size) -> Markup:
    """Rows of cells; `ticks` name the columns, "" where one is not named."""
    left = max((len(row.label) for row in rows), default=0) * _LETTER + 8
    width = (size.width - left) / max(len(ticks), 1)
    height = (size.height - _BOTTOM) / max(len(rows), 1)
    body = [_row(row, at * height, left, (width, height), size) for at, row in enumerate(rows)]
    body += [
        Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            left + (at + 0.5) * width, size.height - 5, tick
        )
        for at, tick in enumerate(ticks)
        if tick
    ]
    return picture("heat", size, title, said, Markup().join(body))


def shade(share: float) -> int:
    """The step of a share: 0 only for nothing."""
    return 0 if share <= 0 else min(SHADES, 1 + int(share * SHADES))


def _row(row: Row, top: float, left: float, cell: tuple[float, float], size: Size) -> Markup:
    width, height = cell
    label = Markup('<text class="tick" x="0" y="{:.1f}">{}</text>').format(top + height / 2 + 4, row.label)
    return label + Markup().join(_cell(each, left + at * width, top, cell, size) for at, each in enumerate(row.cells))


def _cell(cell: Cell, x: float, y: float, room: tuple[float, float], size: Size) -> Markup:
    width, height = room
    if cell.share is None:
        return Markup()
    drawn = Markup('<rect class="s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{}">{}</rect>').format(
        shade(cell.share), x + 1, y + 1, width - 2, height - 2, _ROUND, hover(size, cell.words)
    )
    if not cell.text:
        return drawn
    return drawn + Markup('<text class="inside" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
        x + width / 2, y + height / 2 + 4, cell.text
    )
