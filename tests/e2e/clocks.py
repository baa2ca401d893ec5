"""A clock that products read instead of the system's, and a test sets."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_INSTEAD: Final = """
import os, time
real = time.time
def time_():
    with open(os.environ["AHEAD"]) as file:
        return real() + float(file.read())
time.time = time_
"""
"""Python reads it at its start, before anything of the product."""


class Clock:
    """`environment` is what a product has to be started with."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "sitecustomize.py").write_text(_INSTEAD)
        self._ahead = directory / "ahead"
        self.environment = {"PYTHONPATH": str(directory), "AHEAD": str(self._ahead)}
        self.set(0.0)

    def set(self, seconds: float) -> None:
        """So far ahead of the system's clock, or behind it."""
        part = self._ahead.with_suffix(".part")
        part.write_text(str(seconds))
        part.replace(self._ahead)  # at once: it may be read at any time
