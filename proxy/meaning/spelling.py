"""Words as people type them, brought to the form that lists have: `jai tjs rien`, `nuuul`, `usless`.

Short forms and words without their apostrophe stand in a list, which also says what is passed over (`ne`, which French leaves
out as often as not). Letters held down count once or twice. Numbers are all alike, as the third time sounds like the fourth.
A long word that carries a feeling is known with one slip: a letter missing or doubled, two exchanged, or a mute ending. A
wrong letter is not mended: "contenu" is no "content".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

SLIPS: Final = 8
"""Letters of a word from which on a slip in it is mended: shorter ones are a slip away from too many others."""

_HELD: Final = re.compile(r"([a-z])\1{2,}")
_DOUBLE: Final = re.compile(r"([a-z])\1")
_ENDINGS: Final = frozenset("es")
_NUMBER: Final = re.compile(r"[0-9]+(?:e|eme|ieme|[nr]d|th)?")

Forms = Mapping[str, tuple[str, ...]]
"""Words by what is typed for them; none for a word that is passed over."""


class Spelling(msgspec.Struct, frozen=True):
    """How one language is typed."""

    forms: Forms
    known: frozenset[str]  # words of the lists, which are no slips of others
    marked: frozenset[str]  # words known with a slip
    slips: Mapping[str, str]  # those by what is typed for them with a letter missing, or two exchanged

    def read(self, said: list[str]) -> list[str]:
        """Words and stops as the lists have them; there may be more or fewer."""
        read: list[str] = []
        for word in said:
            if (form := self.forms.get(word)) is not None:
                read.extend(form)
            elif word in self.known or not word[0].isalnum():
                read.append(word)
            else:
                read.append(self._mended(word))
        return read

    def _mended(self, word: str) -> str:
        if word[0].isdigit():
            return number(word)
        if _HELD.search(word):
            double, single = _HELD.sub(r"\1\1", word), _HELD.sub(r"\1", word)
            return double if double in self.known else single
        if len(word) < SLIPS - 1:
            return word
        if (meant := self.slips.get(word)) is not None:
            return meant
        if word[-1] in _ENDINGS and word[:-1] in self.marked:
            return word[:-1]
        return next((each for each in _undoubled(word) if each in self.marked), word)


def spelling(forms: Forms, known: Iterable[str], marked: Iterable[str]) -> Spelling:
    """How a language is typed whose lists have the words `known`, those with a feeling among them `marked`."""
    words, long = frozenset(known), frozenset([word for word in marked if len(word) >= SLIPS])
    slips = {slip: word for word in sorted(long) for slip in _slips(word)}
    return Spelling(forms, words, long, {slip: word for slip, word in slips.items() if slip not in words})


def number(word: str) -> str:
    """Any number as 0, any place in a row as 0e; other words with digits (8h30, B12) as they are."""
    if not _NUMBER.fullmatch(word):
        return word
    return "0" if word[-1].isdigit() else "0e"


def _slips(word: str) -> Iterator[str]:
    """Without one letter each, and with two exchanged; the first one is hardly ever missed."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _undoubled(word: str) -> Iterator[str]:
    for found in _DOUBLE.finditer(word):
        yield word[: found.start()] + word[found.start() + 1 :]
