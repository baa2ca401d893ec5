"""The panel of what the assistant does not answer: themes that enough people raised, where they are kept at all."""

from __future__ import annotations

from typing import Final

from proxy.console.panels import Cell, Panel, Table, empty
from proxy.console.reader import Read
from proxy.words import formats
from proxy.words.catalogue import Words

SHOWN: Final = 20
"""Themes on a page; the API has all."""


def topics(read: Read, words: Words) -> Panel:
    """Themes with their people and turns, those of most people first."""
    title, found = words("topics"), read.topics
    if found is None or not found.kept:
        return empty("topics", title, words("topics.unset"))
    counts = {
        name: formats.number(count, words.language) for name, count in (("people", found.smallest), ("hidden", found.hidden))
    }
    if not found.topics:
        return empty("topics", title, words("topics.none", **counts))
    rows: list[tuple[Cell, ...]] = [
        (
            (" ".join(each.words), " · ".join(each.words)),
            (each.people, formats.number(each.people, words.language)),
            (each.turns, formats.number(each.turns, words.language)),
        )
        for each in found.topics[:SHOWN]
    ]
    heads = (words("topics.theme"), words("topics.people"), words("turns"))
    table = Table(names=("theme", "people", "turns"), heads=heads, rows=rows)
    return Panel(name="topics", title=title, about=words("topics.about", **counts), table=table, plain=True)
