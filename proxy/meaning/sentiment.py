"""How a user's message sounds: a score by weighed words and a few rules of French and English, an estimate.

What is heard in the message (proxy.meaning.hearing) is joined with emoji, exclamation marks and capitals; what stands in quotes
is somebody else's. Where the rules contradict each other, or know nothing in a statement, they say so: of wording that nobody
thought of, most is said without any word of the lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import sqrt
from typing import Final, Protocol

from proxy.kpi.events import Sentiment
from proxy.meaning.hearing import judged, length
from proxy.meaning.lexicons import Entries, Lexicon, at, folded, tokens
from proxy.meaning.phrases import without_asides

SCAN: Final = 250
"""Characters judged at each end of a message: a mood is said first or last, and what is longer is pasted."""

DECIDED: Final = 0.3
"""Score from which on a message is positive or, below zero, negative."""
CALM: Final = 0.1
"""Score up to which it is neutral; between the two it is undecided."""

_EASE: Final = 4.0
"""How slowly scores near the ends: one plain word (weight 2) makes 0.71, a weak one (0.5) 0.24."""
_SHORT: Final = 3
"""Words of a message that say nothing of a mood if none is known to: yes, a number, a name. A longer statement may."""
_MILD: Final = -1.0
"""Total above which what went wrong is the reason of a question, and no mood."""

_EMOJI: Final[Mapping[str, float]] = {
    **dict.fromkeys("👍😊😀😃😄🙂👏🎉💯🙌👌🤗✅", 2.0),
    **dict.fromkeys("😍🤩🥰💪", 3.0),
    **dict.fromkeys("❤🙏🔥", 2.0),
    **dict.fromkeys("👎😠😤😞😢😒🤦😩😖💩☹🙁", -2.5),
    **dict.fromkeys("😡🤬", -3.0),
    **dict.fromkeys("🙄😕😭😑😣🤨", -2.0),
}
_SIGN: Final = re.compile("[" + "".join(_EMOJI) + "]")
_SHOUT: Final = re.compile(r"\b[A-ZÀ-Ý']{2,}\b")


class Scorer(Protocol):
    """Anything that can say how a message sounds. It is asked on the observer's event loop: some 60 µs, no waiting."""

    def score(self, text: str) -> Sentiment:
        """Judge a user's message; the text is not kept."""
        ...


class OwnWords:
    """An operator's own list: what it knows of a message decides, another scorer judges the rest."""

    def __init__(self, words: Entries, otherwise: Scorer) -> None:
        self._words = words
        self._otherwise = otherwise

    def score(self, text: str) -> Sentiment:
        """Judge a message by the sum of the weights of what it has of the list."""
        said = tokens(folded(_ends(text)))
        total, hits, place = 0.0, 0, 0
        while place < len(said):
            words, weight = at(self._words, said, place)
            total += weight
            hits += words > 0
            place += words or 1
        return _labelled(total) if hits else self._otherwise.score(text)


class LexiconScorer:
    """The rules with the words of some languages."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._lexicons = tuple(lexicons.values())

    def score(self, text: str) -> Sentiment:
        """Judge a message."""
        text = without_asides(_ends(text))
        signs = sum([_EMOJI[sign] for sign in _SIGN.findall(text)])
        said = tokens(folded(text))
        found = [judged(lexicon, said) for lexicon in self._spoken(said)]
        heard = max(found, key=lambda each: each.strength)
        shouted = len(_SHOUT.findall(text)) >= 3
        loud = 1.0 + 0.1 * min(text.count("!"), 3) + (0.2 if shouted else 0.0)
        total = heard.total * loud + signs
        if shouted and not total and text.count("!") >= 2:
            total = -1.0  # who shouts and is not pleased
        if heard.torn and not signs:
            return Sentiment("undecided")
        if not heard.hits and not signs and not total and (heard.told or not heard.known) and length(said) > _SHORT:
            return Sentiment("undecided")
        if heard.asked and not signs and _MILD < total < 0:
            return Sentiment("neutral")
        return _labelled(total)

    def _spoken(self, said: list[str]) -> tuple[Lexicon, ...]:
        """The lexicons of the language that a message is in; all of them where it may be any."""
        counts = [sum(map(lexicon.plain.__contains__, said)) for lexicon in self._lexicons]
        most = max(counts)
        return tuple([lexicon for lexicon, count in zip(self._lexicons, counts, strict=True) if count == most])


def _ends(text: str) -> str:
    return text if len(text) <= 2 * SCAN else f"{text[:SCAN]}\n{text[-SCAN:]}"


def _labelled(total: float) -> Sentiment:
    score = round(total / sqrt(total * total + _EASE), 2)
    if abs(score) >= DECIDED:
        return Sentiment("positive" if score > 0 else "negative", score)
    return Sentiment("neutral", score) if abs(score) <= CALM else Sentiment("undecided")
