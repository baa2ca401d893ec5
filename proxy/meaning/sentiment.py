"""How a user's message sounds: a score by weighed words and a few rules of French and English, an estimate.

The message is judged sentence by sentence. A question of the matter says nothing of a mood, whatever words it has ("how do I
cancel a failed payment"), and from a task with words on ("translate: your service is awful") they are somebody else's; so is
what stands in quotes. What goes wrong is no opinion yet; said again, or after a "great" that opens the message, it is.
A "but" gives the last word to what follows it. Where the rules contradict each other, or know nothing in a statement, they say
so: of wording that nobody thought of, most is said without any word of the lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import sqrt
from typing import Final, Protocol, assert_never

import msgspec

from proxy.kpi.events import Sentiment
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
_THANKFUL: Final = 6
"""Words beside which a mere thanks is a politeness."""

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
_STOPS: Final = frozenset(".!?;\n\u2026")
_PAUSES: Final = frozenset(",:")


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
            length, weight = at(self._words, said, place)
            total += weight
            hits += length > 0
            place += length or 1
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
        found = [_Heard(lexicon).judged(said) for lexicon in self._spoken(said)]
        heard = max(found, key=lambda each: each.strength)
        shouted = len(_SHOUT.findall(text)) >= 3
        loud = 1.0 + 0.1 * min(text.count("!"), 3) + (0.2 if shouted else 0.0)
        total = heard.total * loud + signs
        if shouted and not total and text.count("!") >= 2:
            total = -1.0  # who shouts and is not pleased
        if heard.torn and not signs:
            return Sentiment("undecided")
        if not heard.hits and not signs and not total and (heard.told or not heard.known) and _length(said) > _SHORT:
            return Sentiment("undecided")
        return _labelled(total)

    def _spoken(self, said: list[str]) -> tuple[Lexicon, ...]:
        """The lexicons of the language that a message is in; all of them where it may be any."""
        counts = [sum(map(lexicon.plain.__contains__, said)) for lexicon in self._lexicons]
        most = max(counts)
        return tuple([lexicon for lexicon, count in zip(self._lexicons, counts, strict=True) if count == most])


class _Judged(msgspec.Struct, frozen=True):
    """`torn` where good and bad are said and neither has the last word; `told` where anything but questions and wishes was said.

    `known` where the language is.
    """

    total: float
    hits: int
    torn: bool
    told: bool
    known: bool

    @property
    def strength(self) -> tuple[int, float]:
        return self.hits, abs(self.total)


class _Heard:
    """One message with one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._good = 0.0
        self._bad = 0.0
        self._hits = 0
        self._thanks = 0
        self._opened = False  # by praise
        self._troubled = False  # something went wrong
        self._stated = False  # anything but questions and wishes
        self._settled = False  # by a "but" or the end of the trouble

    def judged(self, said: list[str]) -> _Judged:
        """Judge sentence by sentence."""
        begin = 0
        for end in range(len(said) + 1):
            if end == len(said) or said[end] in _STOPS:
                sentence = said[begin:end]
                if sentence and not self._sentence(sentence, asks=end < len(said) and said[end] == "?"):
                    break  # a task: all that follows is its matter
                begin = end + 1
        if self._thanks and self._hits == self._thanks and _length(said) > _THANKFUL:
            self._good = 0.0
        torn = self._good > 0 and self._bad < 0 and not self._settled and abs(self._good + self._bad) < 1.0
        known = not self._lexicon.plain.isdisjoint(said)
        return _Judged(self._good + self._bad, self._hits, torn, self._stated, known)

    def _sentence(self, said: list[str], *, asks: bool) -> bool:
        """Hear one sentence; false where it sets a task."""
        lexicon = self._lexicon
        start = 0
        while start < len(said) and ((length := at(lexicon.polite, said, start)[0]) or said[start] in _PAUSES):
            start += length or 1
        if start == len(said):
            return True
        if at(lexicon.task, said, start)[0]:
            return False
        if asks or at(lexicon.asks, said, start)[0]:
            self._reproached(said)
            return True
        self._stated = True
        self._told(said, start)
        return True

    def _reproached(self, said: list[str]) -> None:
        place = 0
        while place < len(said):
            length, weight = at(self._lexicon.sharp, said, place)
            if length:
                self._add(weight)
            place += length or 1

    def _told(self, said: list[str], place: int) -> None:
        told = self._lexicon.told
        again = over = 0
        troubles: list[float] = []
        while place < len(said):
            length = 1
            for words, kind, weight in told.get(said[place], ()):
                if len(words) > 1 and tuple(said[place : place + len(words)]) != words:
                    continue
                length = len(words)
                match kind:
                    case "polite":
                        pass
                    case "words":
                        self._add(weight * self._turned(said, place, weight))
                    case "thanks":
                        self._thanks += 1
                        self._add(1.0)
                    case "but":
                        self._but()
                        again = over = 0
                        troubles.clear()
                    case "over":
                        over += 1
                    case "trouble":
                        self._troubled = True
                        troubles.append(-0.5 * self._turned(said, place, -0.5))
                    case "worse":
                        again += 1
                    case _:
                        assert_never(kind)
                break
            place += length
        self._weighed(troubles, again=again, over=over)

    def _weighed(self, troubles: list[float], *, again: int, over: int) -> None:
        """Weigh what went wrong in a sentence."""
        if over:
            self._settled = True
            self._bad = 0.0
            self._add(1.5)
            return
        for weight in troubles:
            self._add(weight * (3.0 if again and weight < 0 else 1.0))
        if again and not troubles and self._bad < 0:
            self._bad -= 0.5
        if self._opened and self._bad < 0 and not self._settled and (troubles or again):
            self._bad -= self._good  # praise that opens a complaint is none
            self._good = 0.0

    def _add(self, weight: float) -> None:
        if not self._hits and not self._troubled and weight > 0:
            self._opened = True
        self._hits += 1
        if weight > 0:
            self._good += weight
        else:
            self._bad += weight

    def _but(self) -> None:
        """What follows has the last word."""
        self._good *= 0.3
        self._bad *= 0.3
        self._settled = True
        self._opened = False

    def _turned(self, said: list[str], place: int, weight: float) -> float:
        """What the words before an entry make of it: a negation turns it, others make it more or less."""
        factor = 1.0
        for before in range(place - 1, max(-1, place - 4), -1):
            if said[before] in _PAUSES:
                break
            if at(self._lexicon.nots, said, before)[0]:
                return -0.8 * factor if weight > 0 else -0.4 * factor
            if at(self._lexicon.more, said, before)[0]:
                factor = 1.4
            elif at(self._lexicon.less, said, before)[0]:
                factor = 0.6
        return factor


def _length(said: list[str]) -> int:
    return sum([each not in _STOPS and each not in _PAUSES for each in said])


def _ends(text: str) -> str:
    return text if len(text) <= 2 * SCAN else f"{text[:SCAN]}\n{text[-SCAN:]}"


def _labelled(total: float) -> Sentiment:
    score = round(total / sqrt(total * total + _EASE), 2)
    if abs(score) >= DECIDED:
        return Sentiment("positive" if score > 0 else "negative", score)
    return Sentiment("neutral", score) if abs(score) <= CALM else Sentiment("undecided")
