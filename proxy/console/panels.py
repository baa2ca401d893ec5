"""What stands below the tiles: a drawing, wide and narrow, and the table behind it, which a page shows and a file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec
from markupsafe import Markup

from proxy.words import formats
from proxy.words.catalogue import Words

NO_BREAKS: Final[Mapping[int, str]] = MappingProxyType({})
Cell = tuple[object, str]
"""A value as the API gives it, and in words."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`names` are columns in the manner of the API, `heads` the same in words. `keyed`: a row begins with a class of colour."""

    names: tuple[str, ...]
    heads: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    keyed: bool = False
    breaks: Mapping[int, str] = {}  # headings above rows, by the row's place: where another way to part the same begins


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One of them. `plain`: its table is not folded away. An empty one says why in `none`."""

    name: str
    title: str
    about: str
    table: Table
    wide: Markup | None = None
    narrow: Markup | None = None
    plain: bool = False
    none: str = ""


def empty(name: str, title: str, none: str) -> Panel:
    """A panel with nothing to show."""
    return Panel(name=name, title=title, about="", table=Table(names=(), heads=(), rows=[]), none=none)


def counted(name: str, label: str, count: int, total: int, words: Words) -> tuple[Cell, ...]:
    """A row of a table of parts: what, how many, and which share of all."""
    share = count / total if total else None
    said = formats.NONE if share is None else formats.percent(share, words.language)
    return (name, label), (count, formats.number(count, words.language)), (share, said)


def parts(
    label: str,
    what: str,
    rows: Sequence[tuple[Cell, ...]],
    words: Words,
    *,
    keyed: bool = False,
    breaks: Mapping[int, str] = NO_BREAKS,
) -> Table:
    """A table of parts of sessions or of something else (`what` in words)."""
    heads = (label, what, words("share"))
    return Table(names=("part", "count", "share"), heads=heads, rows=rows, keyed=keyed, breaks=breaks)
