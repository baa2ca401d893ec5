"""The labels an assistant's ledger has sums for: bounded sets, agreed on by all observers, since they stand in the store.

Departments come from a directory, but models are named by clients and assistants: one that invents a name per request must not
open sums without end. So each dimension admits some labels, first come first served, and calls the rest `other`. A label that
was not seen for longer than sums are kept makes room for a new one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from proxy.kpi.events import Turn
from proxy.kpi.groups import DIMENSIONS, Dimension, Labels

OTHER: Final = "other"
"""Stands for every label that was not admitted."""

LIMITS: Final[dict[Dimension, int]] = {"channel": 16, "department": 64, "profile": 16, "model": 32, "route": 32}
"""Labels of each dimension of one assistant; 160 together, and 1,024 pairs of department and profile at most."""

LENGTH: Final = 64
"""Characters of a label: it is part of a key and a heading of a table."""

KEPT: Final = 14
"""Months after which a label that was not seen again makes room: the sums of its last one are gone."""

Words = dict[Dimension, dict[str, int]]
"""Labels with the month (year * 12 + month) they were last seen in."""


class KnownLabels:
    """The admitted labels. `changed` when they have to be stored."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.changed = False

    def labels(self, dimension: Dimension) -> list[str]:
        """Give the admitted labels of a dimension, and `other` if it had to be used."""
        return sorted(self.words.get(dimension, ()))

    def admitted(self, turn: Turn, day: str) -> Turn:
        """Give the turn with the labels that its sums are kept under; `day` is the local day it came on."""
        changes = {}
        for dimension in DIMENSIONS:
            word: str = getattr(turn, dimension)
            if word and (label := self._admit(dimension, word, day)) != word:
                changes[dimension] = label
        return msgspec.structs.replace(turn, **changes) if changes else turn

    def place(self, labels: Labels, day: str) -> Labels:
        """Give the labels that the people of a department and profile are counted under."""
        department = labels.department and self._admit("department", labels.department, day)
        profile = labels.profile and self._admit("profile", labels.profile, day)
        return Labels(department=department, profile=profile)

    def _admit(self, dimension: Dimension, word: str, day: str) -> str:
        month = int(day[:4]) * 12 + int(day[5:7])
        words = self.words.setdefault(dimension, {})
        label = _label(word)
        if label not in words and len(words) >= LIMITS[dimension]:
            for old in [known for known, seen in words.items() if seen < month - KEPT]:
                del words[old]
            if len(words) >= LIMITS[dimension]:
                label = OTHER
        if label and words.get(label, 0) < month:
            words[label] = month
            self.changed = True
        return label


@lru_cache(maxsize=4096)  # a turn's words are those of the turns before
def _label(word: str) -> str:
    """Give a word as it may stand in a key."""
    return "".join(letter for letter in word if letter.isprintable())[:LENGTH].strip()
