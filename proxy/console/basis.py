"""What figures rest on: how complete the traffic was seen, and by which definitions it was counted."""

from __future__ import annotations

from typing import Final

from proxy.console.panels import Cell, Panel, Table
from proxy.console.reader import Read
from proxy.kpi.report import Figures
from proxy.words import formats
from proxy.words.catalogue import Words

WHOLE: Final = 0.95
"""Share of turns captured and understood below which a page says so before its figures."""


def basis(read: Read, words: Words) -> Panel:
    """How complete the traffic was seen, and what the figures mean."""
    figures, language = read.figures, words.language
    rows: list[tuple[Cell, ...]] = [
        ((stage, words(f"basis.{stage}")), (share, words("basis.none") if share is None else formats.percent(share, language)))
        for stage, share in figures.completeness.shares
    ]
    dropped = figures.completeness.dropped
    rows.append((("dropped", words("basis.dropped")), (dropped, formats.number(dropped, language))))
    about = [
        words("basis.definitions", version=figures.definitions),
        words("basis.interval"),
        words("basis.zone", zone=figures.time_zone),
    ]
    table = Table(names=("what", "share"), heads=(words("basis.what"), words("share")), rows=rows)
    return Panel(name="basis", title=words("basis"), about=" · ".join(about), table=table, plain=True)


def warnings(figures: Figures, words: Words) -> list[str]:
    """What has to be known before the figures are read: that much of the traffic is missing from them."""
    found = []
    for stage, share in figures.completeness.shares:
        if stage in {"captured", "decoded"} and share is not None and share < WHOLE:
            found.append(words(f"partial.{stage}", share=formats.percent(share, words.language)))
    if figures.completeness.approximate:
        found.append(words("basis.approximate"))
    return found
