"""Where sessions went: from all of them on the left, by who served them, to how they ended on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from proxy.charts.picture import Size, hover, picture

BAR: Final = 12
"""Pixels: width of a node."""
AIR: Final = 10
"""Pixels between two ends."""
LETTER: Final = 7.2
"""Pixels that a letter of a label takes at most, on average."""
LINE: Final = 17
"""Pixels that an end takes at least: a line of its label."""


class Branch(msgspec.Struct, frozen=True):
    """Some sessions and what they part into; `name` is a class of the style sheet, `words` stand beside an end."""

    name: str
    count: int
    words: str
    parts: tuple[Branch, ...] = ()


class _Placed(msgspec.Struct, frozen=True):
    branch: Branch
    top: float
    height: float


def flow(root: Branch, *, title: str, said: str, size: Size) -> Markup:
    """Ribbons as thick as their counts. Ends without sessions are not drawn; small ones get the room of their label."""
    middles = [branch for branch in root.parts if branch.count]
    ends = [(branch, end) for branch in middles for end in branch.parts if end.count]
    room = max((len(end.words) for _, end in ends), default=0) * LETTER + 12
    each = size.height / max(len(ends), 1)
    air, line = min(AIR, each / 5), min(LINE, each / 2)
    scale = (size.height - air * max(len(ends) - 1, 0) - line * len(ends)) / max(root.count, 1)
    columns = (0.0, (size.width - room - BAR) / 2, size.width - room - BAR)
    right = _stack([(end, end.count * scale + line) for _, end in ends], air)
    groups = [[end for end, (parent, _) in zip(right, ends, strict=True) if parent is branch] for branch in middles]
    center = [
        _Placed(branch, _middle(group) - branch.count * scale / 2, branch.count * scale)
        for branch, group in zip(middles, groups, strict=True)
    ]
    start = _Placed(root, (size.height - root.count * scale) / 2, root.count * scale)
    body = [*_ribbons(start, center, columns[0], columns[1])]
    for branch, group in zip(center, groups, strict=True):
        body += _ribbons(branch, group, columns[1], columns[2])
    body += [_node(start, columns[0], size), *[_node(each, columns[1], size) for each in center]]
    body += [_end(each, columns[2], size) for each in right]
    return picture("flow", size, title, said, Markup().join(body))


def _stack(found: Sequence[tuple[Branch, float]], air: float) -> list[_Placed]:
    placed, y = [], 0.0
    for branch, height in found:
        placed.append(_Placed(branch, y, height))
        y += height + air
    return placed


def _middle(group: Sequence[_Placed]) -> float:
    return (group[0].top + group[-1].top + group[-1].height) / 2


def _ribbons(source: _Placed, targets: Sequence[_Placed], x: float, end: float) -> list[Markup]:
    found, y = [], source.top
    begin, half = x + BAR, (x + BAR + end) / 2
    for target in targets:
        thick = source.height * target.branch.count / max(source.branch.count, 1)
        found.append(
            Markup(
                '<path class="ribbon {}" d="M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}'
                'V{:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}Z"/>'
            ).format(
                target.branch.name,
                *(begin, y, half, y, half, target.top, end, target.top),
                target.top + target.height,
                *(half, target.top + target.height, half, y + thick, begin, y + thick),
            )
        )
        y += thick
    return found


def _node(placed: _Placed, x: float, size: Size) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{}" height="{:.1f}">{}</rect>').format(
        placed.branch.name, x, placed.top, BAR, max(placed.height, 1), hover(size, placed.branch.words)
    )


def _end(placed: _Placed, x: float, size: Size) -> Markup:
    text = Markup('<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>').format(
        x + BAR + 8, placed.top + placed.height / 2 + 4, placed.branch.words
    )
    return _node(placed, x, size) + text
