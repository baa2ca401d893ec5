"""Intervals of shares."""

from __future__ import annotations

from math import sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""The 97.5 % quantile of the normal distribution: both sides together leave out 5 %."""


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Give the 95 % Wilson score interval of the share `hits / n` (n > 0).

    It is honest for few cases and near 0 and 1, where the usual p ± z·s is not. Sessions of one person are not
    independent, so it is somewhat too narrow where few people make many sessions.
    """
    share = hits / n
    square = Z95 * Z95
    scale = 1 + square / n
    centre = (share + square / (2 * n)) / scale
    half = Z95 * sqrt(share * (1 - share) / n + square / (4 * n * n)) / scale
    # At the ends the formula is exactly 0 and 1, but for rounding.
    return 0.0 if hits == 0 else centre - half, 1.0 if hits == n else centre + half
