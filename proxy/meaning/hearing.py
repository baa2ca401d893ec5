"""One message heard with the words of one language, sentence by sentence.

A question of the matter says nothing of a mood, whatever words it has ("how do I cancel a failed payment"), and from a task
with words on ("translate: your service is awful") they are somebody else's. What goes wrong, or is waited for, is no opinion
yet; said again, of what is the assistant's, or after a "great" that opens the message, it is. What is wrong with the user's
own things ("my password is wrong") is the matter. A "but" gives the last word to what follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

import msgspec

from proxy.meaning.lexicons import Entries, Lexicon, at, told_at

STOPS: Final = frozenset(".!?;\n\u2026")
PAUSES: Final = frozenset(",:")

_THANKFUL: Final = 6
"""Words beside which a mere thanks is a politeness."""
_NEAR: Final = 5
"""Words back to which it is looked whose something is."""
_TROUBLE: Final = -0.5
"""What goes wrong, by itself: less than a mood, more than nothing."""
_AGAIN: Final = 3.0
"""How many times that, where it is not the first time."""
_REPROACH: Final = -2.0
"""What was waited for in vain from the assistant itself: its answer does not work."""
_OWN: Final = -2.5
"""Words as bad as that are a mood even about one's own things: my day was awful."""


class Judged(msgspec.Struct, frozen=True):
    """What was heard. `total` is the sum of good and bad, of some tenths for a weak word and 2 to 3 for a plain one."""

    total: float
    hits: int
    torn: bool  # good and bad are said and neither has the last word
    told: bool  # anything but questions, wishes and keywords was said
    asked: bool  # a question of the matter
    known: bool  # the language is

    @property
    def strength(self) -> tuple[int, float]:
        """By which one of two languages is believed."""
        return self.hits, abs(self.total)


def judged(lexicon: Lexicon, said: list[str]) -> Judged:
    """Hear the words and stops of a message as they were typed, and what they say in one language."""
    return _Heard(lexicon).judged(said)


def length(said: list[str]) -> int:
    """Words without stops and pauses."""
    return sum([each not in STOPS and each not in PAUSES for each in said])


class _Heard:
    """One message with one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._good = 0.0
        self._bad = 0.0
        self._hits = 0
        self._thanks = 0
        self._trouble = 0.0  # the worst of what went wrong for the first time
        self._opened = False  # by praise
        self._troubled = False  # something went wrong, or was waited for in vain
        self._stated = False  # anything but questions, wishes and keywords
        self._asked = False
        self._settled = False  # by a "but" or the end of the trouble

    def judged(self, typed: list[str]) -> Judged:
        """Judge sentence by sentence."""
        said = self._lexicon.spelling.read(typed)
        begin = 0
        for end in range(len(said) + 1):
            if end == len(said) or said[end] in STOPS:
                sentence = said[begin:end]
                if sentence and not self._sentence(sentence, asks=end < len(said) and said[end] == "?"):
                    break  # a task: all that follows is its matter
                begin = end + 1
        if self._thanks and self._hits == self._thanks and length(said) > _THANKFUL:
            self._good = 0.0
        self._bad += self._trouble
        torn = self._good > 0 and self._bad < 0 and not self._settled and abs(self._good + self._bad) < 1.0
        known = not self._lexicon.plain.isdisjoint(typed)
        return Judged(self._good + self._bad, self._hits, torn, self._stated, self._asked, known)

    def _sentence(self, said: list[str], *, asks: bool) -> bool:
        """Hear one sentence; false where it sets a task."""
        lexicon = self._lexicon
        start = 0
        while start < len(said) and ((words := at(lexicon.polite, said, start)[0]) or said[start] in PAUSES):
            start += words or 1
        if start == len(said):
            return True
        if at(lexicon.task, said, start)[0]:
            return False
        question = self._question(said, start, asks=asks)
        if question is None:
            self._stated = self._stated or not lexicon.says.isdisjoint(said)
            self._told(said, start)
            return True
        self._asked = True
        self._reproached(said)
        if question > start:
            good, opened = self._good, self._opened
            self._told(said[:question], start)
            self._good, self._opened = good, opened  # a "great" or "ok" that leads to a question is none
        return True

    def _question(self, said: list[str], start: int, *, asks: bool) -> int | None:
        """Where in a sentence a question of the matter begins; None without one."""
        if at(self._lexicon.asks, said, start)[0]:
            return start
        if asks:
            return max([place for place in range(start, len(said)) if said[place] in PAUSES], default=start)
        return next((place for place in range(start + 1, len(said)) if at(self._lexicon.seeks, said, place)[0]), None)

    def _reproached(self, said: list[str]) -> None:
        place = 0
        while place < len(said):
            words, weight = at(self._lexicon.sharp, said, place)
            if words:
                self._add(weight)
            place += words or 1

    def _told(self, said: list[str], place: int) -> None:
        again = over = 0
        troubles: list[float] = []
        waits: list[float] = []
        while place < len(said):
            found = told_at(self._lexicon.told, said, place)
            if found is None:
                place += 1
                continue
            words, kind, weight = found
            match kind:
                case "polite":
                    pass
                case "words":
                    self._weigh(said, place, weight, troubles)
                case "thanks":
                    self._thanks += 1
                    self._add(1.0)
                case "but":
                    self._but()
                    again = over = 0
                    troubles.clear()
                    waits.clear()
                case "over":
                    if self._denied(said, place, words):
                        waits.append(_TROUBLE)
                    else:
                        over += not self._near(self._lexicon.hopes, said, place)
                case "trouble":
                    self._went_wrong(said, place, troubles)
                case "wanted":
                    self._waited(said, place, words, waits)
                case "worse":
                    again += 1
                case _:
                    assert_never(kind)
            place += words
        self._weighed(troubles, waits, again=again, over=over)

    def _weigh(self, said: list[str], place: int, weight: float, troubles: list[float]) -> None:
        if _OWN < weight < 0 and self._near(self._lexicon.mine, said, place):
            troubles.append(_TROUBLE * self._turned(said, place, _TROUBLE))
        else:
            self._add(weight * self._turned(said, place, weight))

    def _went_wrong(self, said: list[str], place: int, troubles: list[float]) -> None:
        weight = _TROUBLE * self._turned(said, place, _TROUBLE)
        if weight < 0 and self._near(self._lexicon.yours, said, place):
            self._add(weight * _AGAIN)
        else:
            self._troubled = True
            troubles.append(weight)

    def _waited(self, said: list[str], place: int, words: int, waits: list[float]) -> None:
        if not self._denied(said, place, words):
            return
        if self._near(self._lexicon.yours, said, place) or self._near(self._lexicon.it, said, place):
            self._add(_REPROACH)
        else:
            self._troubled = True
            waits.append(_TROUBLE)

    def _weighed(self, troubles: list[float], waits: list[float], *, again: int, over: int) -> None:
        """Weigh what went wrong in a sentence, and what was waited for in vain."""
        if over:
            self._settled = True
            self._bad = self._trouble = 0.0
            self._add(1.5)
            return
        wrong = min(troubles, default=0.0)
        worst = min(wrong, *waits, 0.0)
        praised = self._opened and not self._settled and self._hits > self._thanks
        if again and worst < 0:
            self._add(worst * _AGAIN)
        elif worst < 0:
            self._trouble = worst
            self._hits += 1
        elif again and self._bad < 0:
            self._bad -= 0.5
        if praised and (wrong < 0 or (again and self._bad < 0)):
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
        for before in _before(said, place, 3):
            if at(self._lexicon.nots, said, before)[0]:
                return -0.8 * factor if weight > 0 else -0.4 * factor
            if at(self._lexicon.more, said, before)[0]:
                factor = 1.4
            elif at(self._lexicon.less, said, before)[0]:
                factor = 0.6
        return factor

    def _denied(self, said: list[str], place: int, words: int) -> bool:
        """Whether a negation stands before an entry, or close behind it, as in French."""
        if any(at(self._lexicon.nots, said, before)[0] for before in _before(said, place, 3)):
            return True
        for after in range(place + words, min(len(said), place + words + 2)):
            if said[after] in PAUSES:
                return False
            if at(self._lexicon.nots, said, after)[0]:
                return True
        return False

    def _near(self, entries: Entries, said: list[str], place: int) -> bool:
        return any(at(entries, said, before)[0] for before in _before(said, place, _NEAR))


def _before(said: list[str], place: int, words: int) -> Iterator[int]:
    """The places before one, back to a pause."""
    for before in range(place - 1, max(-1, place - words - 1), -1):
        if said[before] in PAUSES:
            return
        yield before
