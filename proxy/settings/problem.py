"""What is wrong with the settings, one `Problem` for each fault, in the words the operator reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One fault. `path` is where (`assistants[0].identity.usr`, or an option's or a variable's name), `advice` what may help."""

    path: str
    what: str
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.what}" + (f", {self.advice}" if self.advice else "")


class SettingsError(Exception):
    """Settings that can't be used; holds every problem that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Advice for a word that is none of the known ones: the nearest, else all of them while they are few."""
    choices = sorted(known)
    if near := difflib.get_close_matches(word, choices, n=1):
        return f'did you mean "{near[0]}"?'
    return f"known: {', '.join(choices)}" if 0 < len(choices) <= 40 else ""  # 40 names still fit a few lines of a terminal
