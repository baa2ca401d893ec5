"""What every chart is wrapped in: its size, its name and what it says, for who does not see it."""

from __future__ import annotations

from typing import Final

import msgspec
from markupsafe import Markup


class Size(msgspec.Struct, frozen=True):
    """Of a picture, in pixels of its own; the page scales it to the place it has. `hover`: its parts say what they are."""

    width: int
    height: int
    hover: bool = True


WIDE: Final = Size(560, 250)
"""Half a page beside another."""
NARROW: Final = Size(340, 220, hover=False)
"""A phone held upright: its letters are as large there as those of the page. Nothing hovers over a phone; the table says it."""


def picture(kind: str, size: Size, title: str, said: str, body: Markup) -> Markup:
    """The chart as an image with a name (`title`) and a description (`said`): the table beside it tells the rest."""
    described = Markup("<desc>{}</desc>").format(said) if said else Markup()
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>').format(
        kind, size.width, size.height, title, described, body
    )


def hover(size: Size, words: str) -> Markup:
    """What a part of a picture says under a pointer."""
    return Markup("<title>{}</title>").format(words) if size.hover else Markup()
