"""A small line without axes: how a figure went, beside the figure."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup


def line_path(values: Sequence[float | None], width: float, height: float, top: float, low: float = 0.0) -> str:
    """Path data of a line over equally spaced values from `low` to `top`; gaps stay gaps, a lone value is a dot."""
    step = width / max(1, len(values) - 1)
    parts: list[str] = []
    pen = False
    for at, value in enumerate(values):
        if value is None:
            pen = False
            continue
        x, y = at * step, height - height * (min(value, top) - low) / (top - low)
        alone = not pen and (at + 1 == len(values) or values[at + 1] is None)
        parts.append(f"{'L' if pen else 'M'}{x:.1f} {y:.1f}" + ("h.01" if alone else ""))
        pen = True
    return "".join(parts)


def sparkline(values: Sequence[float | None], key: str = "") -> Markup:
    """A small line without axes, over zero, from its depth to its height. With `key` the page's script may redraw it."""
    known = [value for value in values if value is not None]
    low, ceiling = min([0.0, *known]), max([0.0, *known])
    if low == ceiling:
        ceiling = 1.0
    drawn = line_path(values, 120, 26, ceiling, low)
    if not known:  # its place is kept, so that tiles beside each other stay level
        return Markup('<svg class="spark" viewBox="-1 -2 122 31" aria-hidden="true" focusable="false"></svg>')
    return Markup(
        '<svg class="spark" viewBox="-1 -2 122 31" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path class="base" d="M0 {:.1f}H120"/><path class="line" data-path="{}" d="{}"/></svg>'
    ).format(26 * ceiling / (ceiling - low), key, drawn)
