"""The themes of a question that got no answer, sealed at once (`proxy.kpi.topics`): pairs of its words, never the words.

Left out are words that any question has, numbers and what has digits in it, addresses, words with a capital in the middle of a
sentence (names), and words of asking for a human. A name in small letters, or at the beginning, passes: what holds it back is
that `people` persons have to use it.
"""

from __future__ import annotations

import hmac
import re
from itertools import combinations
from typing import Final

from proxy.kpi.events import Mark, TurnResult
from proxy.kpi.topics import PRIME, Share, part_of, sealed
from proxy.meaning.common import COMMON
from proxy.meaning.letters import spelled

WORDS: Final = 5
"""Words of one question that make themes: ten pairs. People begin with what it is about."""
LONGEST: Final = 20
"""Letters of a word; longer ones are no words."""
SHORTEST: Final = 3
TEXT: Final = 600
"""Characters of a question that are looked at."""

_ASIDE: Final = re.compile(r"\S*[@/\\_<>{}=&#]\S*|\S*\d\S*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_PLURAL: Final = re.compile(r"[^siu]s$|[aeo]ux$")
"""Not bonus, status, process, devis or choix. What that leaves as it is (menus, essais) is a theme beside its singular."""
_SINGULAR: Final = re.compile(r"cours$|^((acc|dec|exc|proc|progr|succ)es|corps|fonds|poids|propos|repas|temps|lens|news|series)$")
"""Words that end like a plural and are none, of those that people ask an assistant about."""
_HUMAN: Final = frozenset(
    ("agent", "conseiller", "conseillere", "human", "humain", "operateur", "operator", "parler", "person", "speak", "talk")
)


class Sealing:
    """Seals the themes of one assistant's turns for `people` persons together."""

    def __init__(self, secret: bytes, assistant: str, people: int) -> None:
        self._secret = hmac.digest(secret, f"topics\0{assistant}\0{people}".encode(), "sha256")
        self._people = people

    def shares(self, text: str, user: str | None, result: TurnResult, marks: tuple[Mark, ...]) -> tuple[Share, ...]:
        """Give what a turn adds; nothing for an answered one, or of nobody known: people could not be counted."""
        kinds = {mark.kind for mark in marks}
        lacking = result == "no_answer" or bool(kinds & {"no_answer", "handover_started"})
        if user is None or not lacking or "handover_requested" in kinds:
            return ()
        return tuple([self._share(theme, user) for theme in themes(text)])

    def _share(self, theme: str, user: str) -> Share:
        own = hmac.digest(self._secret, theme.encode(), "sha256")  # of this theme, known only to who can guess it
        person = hmac.digest(own, b"person\0" + user.encode(), "sha256")[:8]
        coefficients = [
            int.from_bytes(hmac.digest(own, b"part\0" + at.to_bytes(2), "sha256")) % PRIME for at in range(self._people)
        ]
        name = hmac.digest(own, b"name", "sha256")[:8]
        return Share(name, person, part_of(coefficients, person), sealed(theme, coefficients[0]))


def themes(text: str) -> list[str]:
    """Give the themes of a question: each pair of its first WORDS words, or the only one."""
    words = sorted(_words(text))
    return [f"{one} {other}" for one, other in combinations(words, 2)] if len(words) > 1 else words


def _words(text: str) -> list[str]:
    found: dict[str, None] = {}
    shown = _ASIDE.sub(" ", text[:TEXT])
    for match in _WORD.finditer(shown):
        word = match.group()
        if word[0].isupper() and not _begins(shown, match.start()) and not (word.isupper() and len(word) <= SHORTEST + 1):
            continue
        plain = spelled(word).decode()
        if plain in COMMON or not plain.isalpha():
            continue
        single = singular(plain)
        if SHORTEST <= len(single) <= LONGEST and single not in COMMON | _HUMAN:
            found[single] = None
    return list(found)[:WORDS]


def singular(word: str) -> str:
    """Take the ending of a plural away: of French and English nouns, by their last letters."""
    if len(word) <= SHORTEST + 1 or _SINGULAR.search(word):
        return word
    return word[:-1] if _PLURAL.search(word) else word


def _begins(text: str, at: int) -> bool:
    """Say whether a sentence begins here."""
    before = text[:at].rstrip(" \t\"'\u2019«“(")
    return not before or before[-1] in ".!?:\n"
