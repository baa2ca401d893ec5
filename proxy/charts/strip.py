"""A strip of cells over time: whole where all was well, tall and dark where something failed, a dash where nobody looked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

CELL = 5
HEIGHT = 22


def strip(cells: Sequence[float | None], title: str) -> Markup:
    """One cell for each share of good rounds, the oldest first. `title` says it all in words."""
    drawn = []
    for at, share in enumerate(cells):
        kind, height = ("blank", 2) if share is None else ("fine", HEIGHT * 0.6) if share >= 1 else ("fault", HEIGHT)
        drawn.append(
            Markup('<rect class="{}" x="{}" y="{:.1f}" width="{}" height="{:.1f}"/>').format(
                kind, at * CELL, HEIGHT - height, CELL - 1, height
            )
        )
    return Markup('<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>').format(
        len(cells) * CELL, HEIGHT, title, Markup().join(drawn)
    )
