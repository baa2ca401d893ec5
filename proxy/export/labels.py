"""Label values that come from the traffic, kept to a bounded set."""

from __future__ import annotations

import re
from typing import Final

OTHER: Final = "other"
"""Stands for every value that was not admitted."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,63}")


class Vocabulary:
    """Admits the first `limit` plain words it meets and calls all others `other`.

    The limit is in words: each admitted word is a label value, and may open a series in every instrument that carries
    it. Names of models and channels are written by clients and assistants, so a client that invents one per request must
    not be able to open series without end. `folded` counts the values that became `other`, here or, as the ledger
    keeps labels of its own (proxy.store.labels), before.
    """

    def __init__(self, limit: int, known: tuple[str, ...] = ()) -> None:
        self._words = {"", *known}
        self._open = limit + len(self._words)
        self.folded = 0

    def admit(self, word: str) -> str:
        """The word itself, or `other`."""
        if word in self._words:
            return word
        if word != OTHER and len(self._words) < self._open and _PLAIN.fullmatch(word):
            self._words.add(word)
            return word
        self.folded += 1
        return OTHER
