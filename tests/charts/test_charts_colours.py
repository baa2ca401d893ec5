"""The colours of outcomes, as people see them who do not tell red from green."""

from __future__ import annotations

import re
from itertools import combinations
from math import dist

import pytest

from proxy.charts.style import css

APART = 18.0
"""CIE76 distance in L*a*b*: neighbours that differ by less are hard to tell in a legend (2.3 is just noticeable side by side)."""

NAMES = ("confirmed", "assumed", "handed", "silent", "left", "failed")
SIGHTS = {
    "all colours": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    # Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}
LAB = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def seen(colour: str, sight: str) -> list[float]:
    """A colour in L*a*b* as it looks to somebody."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    found = times(LAB, [min(max(part, 0.0), 1.0) for part in times(SIGHTS[sight], linear)])
    x, y, z = [(part / white) ** (1 / 3) if part / white > 0.008856 else 7.787 * part / white + 16 / 116
               for part, white in zip(found, WHITE, strict=True)]  # fmt: skip
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outcomes_can_be_told_apart(scheme: str, sight: str) -> None:
    light, _, dark = css().partition("@media")
    palette = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", light if scheme == "light" else dark))
    found = {pair: dist(seen(palette[pair[0]], sight), seen(palette[pair[1]], sight)) for pair in combinations(NAMES, 2)}
    assert {pair: round(gap, 1) for pair, gap in found.items() if gap < APART} == {}
