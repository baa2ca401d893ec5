"""The labels an assistant's ledger has sums for: bounded sets, agreed on by all observers, since they stand in the store.

Departments come from a directory, but models are named by clients and assistants: one that invents a name per request must not
open sums without end. So each dimension admits some labels, first come first served, and calls the rest `other`. A label that
was not seen for longer than sums are kept makes room for a new one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.kpi.events import Turn
from proxy.kpi.groups import DIMENSIONS, Dimension

OTHER: Final = "other"
"""Stands for every label that was not admitted."""

LIMITS: Final[dict[Dimension, int]] = {"channel": 16, "department": 64, "profile": 16, "model": 32, "route": 32}
"""Labels of each dimension of one assistant; 160 together, and 1,024 pairs of department and profile at most."""

LENGTH: Final = 64
"""Characters of a label: it is part of a key and a heading of a table."""

KEPT: Final = 14
"""Months after which a label that was not seen again makes room: the sums of its last one are gone."""

_encoder = msgspec.msgpack.Encoder()
_words = msgspec.msgpack.Decoder(dict[Dimension, dict[str, int]])


class KnownLabels:
    """The admitted labels with the month (year * 12 + month) they were last seen in. `changed` when they have to be stored."""

    def __init__(self, stored: bytes | None) -> None:
        self._words: dict[Dimension, dict[str, int]] = {}
        self.changed = False
        if stored is not None:
            try:
                self._words = _words.decode(stored)
            except msgspec.MsgspecError:
                self.changed = True  # of another version: begun anew, and written over

    def encoded(self) -> bytes:
        """Give what is stored."""
        return _encoder.encode(self._words)

    def labels(self, dimension: Dimension) -> list[str]:
        """Give the admitted labels of a dimension, and `other` if it had to be used."""
        return sorted(self._words.get(dimension, ()))

    def admitted(self, turn: Turn, day: str) -> Turn:
        """Give the turn with the labels that its sums are kept under; `day` is the local day it came on."""
        month = int(day[:4]) * 12 + int(day[5:7])
        changes = {}
        for dimension in DIMENSIONS:
            word: str = getattr(turn, dimension)
            if word and (label := self._admit(dimension, word, month)) != word:
                changes[dimension] = label
        return msgspec.structs.replace(turn, **changes) if changes else turn

    def _admit(self, dimension: Dimension, word: str, month: int) -> str:
        words = self._words.setdefault(dimension, {})
        label = "".join(letter for letter in word if letter.isprintable())[:LENGTH].strip()
        if label not in words and len(words) >= LIMITS[dimension]:
            for old in [known for known, seen in words.items() if seen < month - KEPT]:
                del words[old]
            if len(words) >= LIMITS[dimension]:
                label = OTHER
        if label and words.get(label, 0) < month:
            words[label] = month
            self.changed = True
        return label
