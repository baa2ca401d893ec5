"""One bar of parts."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def stack(parts: Sequence[tuple[str, int, str]], title: str) -> Markup:
    """One bar of parts (class, count, words), as wide as their shares."""
    total = sum(count for _, count, _ in parts) or 1
    x = 0.0
    drawn = []
    for name, count, words in parts:
        width = 1000 * count / total
        if count:
            drawn.append(
                Markup('<rect class="part {}" x="{:.1f}" y="0" width="{:.1f}" height="20"><title>{}</title></rect>').format(
                    name, x, max(width - 2, 1), words
                )
            )
        x += width
    return Markup(
        '<svg class="stack" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(escape(title), Markup().join(drawn))
