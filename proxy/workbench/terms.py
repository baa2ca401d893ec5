"""What the workbench's verbs have in common: their one kind of failure, and progress for whoever waits."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Final

PACE: Final = 0.5
"""Seconds between two words of progress."""


class WorkError(Exception):
    """A verb can't do what was asked; the text is for the operator."""


class Progress:
    """One line on standard error that changes while work goes on; silent where that is no terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = 0.0

    def tell(self, text: str) -> None:
        """Show how far it is, not more often than each PACE."""
        if self._shown and monotonic() - self._last >= PACE:
            self._last = monotonic()
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
