"""Whether an observer that has just started has got what the relays held for it: before that, nothing may settle.

A relay sends again what was not acknowledged, and its accounting behind that: a relay whose accounting is here has sent it all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

LIMIT: Final = 60.0
"""Seconds after which a relay that does not come holds nobody up any more."""


class CaughtUp:
    """True once, true for ever. `told` is how many relays have sent their accounting, `wanted` how many there are."""

    def __init__(self, told: Callable[[], int], wanted: int, monotonic: Callable[[], float]) -> None:
        self._told = told
        self._wanted = wanted
        self._monotonic = monotonic
        self._until = monotonic() + LIMIT
        self._yes = False

    def __call__(self) -> bool:
        """Say whether it is so."""
        self._yes = self._yes or self._told() >= self._wanted or self._monotonic() >= self._until
        return self._yes
