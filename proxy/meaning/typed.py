"""Ratings that people type into the chat: an emoji, a mark (`4/5`), or a short note that is nothing but a verdict.

The whole message has to be one: what follows a verdict ("parfait, mais...", "top 10") makes it something else, thanks alone are
politeness, and a question rates nothing. A bare number and a yes say something only where the assistant asked for a rating, and
"perfect" only where it asked nothing of the matter; so the end of each answer is read for what it asks (`seeks`), and the two
are brought together where a session's turns stand in order (proxy.kpi.opinions).
"""

from __future__ import annotations

import re
from typing import Final

from proxy.kpi.events import Seeks, Typed
from proxy.kpi.opinions import on_scale
from proxy.meaning.patterns import Pattern
from proxy.meaning.phrases import prepare
from proxy.meaning.ratings import judge

LONGEST: Final = 60
"""Characters of a typed rating: a verdict with its thanks. More says more than a verdict."""

TAIL: Final = 300
"""Characters at the end of an answer in which a question is looked for: two or three sentences."""

_MODIFIERS: Final = re.compile("[\ufe0f\u200d\U0001f3fb-\U0001f3ff\\s]")  # variants of signs, skin tones
_STARS: Final = re.compile("[\u2b50\u2605\U0001f31f]{1,5}\u2606{0,4}")
_SIGNS: Final = re.compile("[\U0001f44d\U0001f44e\U0001f600-\U0001f64f\U0001f900-\U0001f9ff\u2639\u263a\u2764]")
_NUMBER: Final = re.compile(r"\d+")
_DIGITS: Final = {
    name: at for each in ("one two three four five", "une deux trois quatre cinq") for at, name in enumerate(each.split(), 1)
}


def _whole(text: str) -> Pattern:
    return Pattern(f"^(?:{text})[ .!]*$")


_END: Final = "[ ,.!]*"
_POLITE: Final = (
    "(?:(?:un grand )?merci|mci|thanks|thank you|thx|ty|cheers|ok|okay|oui|yes|ah|oh|wow)"
    "(?: (?:beaucoup|bcp|bien|a vous|a toi|so much|very much|a lot))?"
)
_GIVE: Final = (
    "(?:je (?:vous |te )?(?:mets|donne)|i(?:'d| would)? (?:give|rate) (?:it|this|you)(?: an?)?"
    "|(?:ma |my )?(?:note|rating|score))[ :]*"
)
_VERY: Final = (
    "(?:c'est|c'etait|it's|that's|that was|this is|really|very|so|super|tres|vraiment|franchement|absolutely|just|trop) "
)
_OF: Final = (
    " (?:(?:la|cette|votre|ta|the|this|your) )?(?:reponses?|explications?|travail|boulot|job|work|answers?|responses?"
    "|explanation|aide|help|service|assistant|chatbot|bot)"
)
_GOOD: Final = (
    "(?:parfaite?|geniale?|excellente?|super|impeccable|impec|nickel|formidable|bravo|bonne?|utile|claire?|perfect|great|awesome|"
    "excellent|brilliant|amazing|fantastic|wonderful|helpful|useful|good|clear|love it|well done|tres bien)"
)
_BAD: Final = (
    "(?:nul(?:le)?|inutile|naze|mauvaise?|pourrie?|lamentable|decevante?|pas (?:utile|claire?)|useless|terrible|awful|horrible"
    "|rubbish|bad|poor|disappointing|unhelpful|not (?:helpful|useful|clear|good))"
)

_MARK: Final = _whole(
    rf"(?:{_GIVE})?\d{{1,2}}(?:[.,]\d)? ?(?:/|sur|out of) ?(?:5|10)(?: (?:etoiles|stars))?(?:[ ,.!]+{_POLITE})?"
)
_OF_STARS: Final = _whole(rf"(?:[1-5]|{'|'.join(_DIGITS)}) ?(?:stars?|etoiles?)(?:[ ,.!]+{_POLITE})?")
_BARE: Final = _whole(r"\d{1,2}")
_YES: Final = _whole(
    rf"(?:oui|yes|yep|yeah|ouais|tout a fait|absolument|absolutely|definitely|it did|it was)(?:[ ,.!]+{_POLITE})?"
)
_NO: Final = _whole("non|no|nope|pas vraiment|pas du tout|not really|not at all|it did not|it didn't")
_THANKS: Final = _whole(rf"(?:{_POLITE}{_END})+")
_UP: Final = _whole(rf"(?:{_POLITE}[ ,.!]+)*(?:(?:{_VERY})*{_GOOD}(?:{_OF})?{_END})+(?:{_POLITE}{_END})*")
_DOWN: Final = _whole(rf"(?:{_VERY})*{_BAD}(?:{_OF})?")
_WEAK: Final = _whole("bonne?|good|utile|super|claire?|clear")
"""Alone they may be a word of the matter, or say no more than that one goes on."""
_TOP: Final = _whole(rf"{_POLITE}[ ,.!]+top|(?:au )?top[ ,.!]+{_POLITE}")

_ANY: Final = Pattern("|".join(each.text for each in (_MARK, _OF_STARS, _BARE, _YES, _NO, _THANKS, _UP, _DOWN, _TOP)))

_UPTO: Final = (
    r"\b(?:0|1|zero|one|un) ?(?:to|a|and|et|-|/) ?(?:{top})\b|\b(?:sur|out of) (?:{top})\b|\b(?:{top}) (?:stars|etoiles)\b"
)
_TEN: Final = Pattern(_UPTO.format(top="10|ten|dix"))
_FIVE: Final = Pattern(_UPTO.format(top="5|five|cinq"))
_NPS: Final = Pattern(r"\b(?:recommend|recommand)")
_RATE: Final = Pattern(r"\b(?:rate|rating|score|grade|note[rz]?|notation|evalue[rz]?|satisf\w+|stars?|etoiles?|echelle|scale)\b")
_HELPED: Final = Pattern(
    r"\b(?:was|were|is|did|has|have)\b.{0,30}\b(?:helpful|useful|help(?:ed)? you|helped|(?:answer|solve)(?:ed|d)? your)\b[^.?!]*"
    r"\?|\b(?:aidee?s?|utile|repondu a (?:votre|ta) question|satisfaite?)\b[^.?!]*\?"
)
_MORE: Final = Pattern(
    r"\b(?:(?:any|some)thing else|(?:other|any) questions?|more help|further (?:help|assistance)|autres? questions?"
    r"|autre chose|besoin d'autre)\b"
)


def typed(text: str) -> Typed | None:
    """What a user's message may rate with; None for one that rates nothing whatever was asked."""
    if len(text) > LONGEST or "?" in text:
        return None
    bare = ""
    if not text.isascii():
        bare = _MODIFIERS.sub("", text)
        if (signs := _signed(bare)) is not None:
            return signs
        text = _SIGNS.sub(" ", text)
    words = prepare(text)
    if not _ANY.hits(words):  # most messages: one search instead of ten
        return None
    return _marked(words) or _noted(words, bare)


def _signed(bare: str) -> Typed | None:
    """A message of nothing but stars, thumbs or faces of one kind."""
    if _STARS.fullmatch(bare):
        return on_scale(len(bare.rstrip("\u2606")), top=5)
    if not bare or bare != bare[0] * len(bare):
        return None
    judgement = judge(bare[0], {}, None)
    return None if judgement is None else Typed(judgement.scale, judgement.satisfied, judgement.score)


def _marked(words: bytes) -> Typed | None:
    if _MARK.hits(words):
        numbers = _NUMBER.findall(words.decode())
        score, top = int(numbers[0]), int(numbers[-1])
        return on_scale(score, top=top) if score <= top else None
    if _OF_STARS.hits(words):
        first = words.decode()
        return on_scale(next((count for name, count in _DIGITS.items() if first.startswith(name)), 0) or int(first[0]), top=5)
    return Typed(None, None, float(_NUMBER.findall(words.decode())[0])) if _BARE.hits(words) else None


def _noted(words: bytes, bare: str) -> Typed | None:
    if _YES.hits(words):
        return Typed(None, satisfied=True)
    if _NO.hits(words):
        return Typed(None, satisfied=False)
    if _TOP.hits(words) or (_UP.hits(words) and not _WEAK.hits(words)) or ("\U0001f44d" in bare and _THANKS.hits(words)):
        return Typed("binary", satisfied=True, score=1.0)
    return Typed("binary", satisfied=False, score=0.0) if _DOWN.hits(words) else None


def seeks(answer: str) -> Seeks:
    """What the end of an answer asks of the user."""
    end = answer[-TAIL:].rstrip(" \n*_)")
    if not end.endswith("?") and "5" not in end and "10" not in end:  # most answers: the rest costs ten times as much
        return ""
    tail = prepare(end)
    ten = _TEN.hits(tail)
    if ten and _NPS.hits(tail):
        return "nps"
    if (ten or _FIVE.hits(tail)) and _RATE.hits(tail):
        return "ten" if ten else "five"
    if not tail.endswith(b"?") or _MORE.hits(tail):
        return ""
    return "binary" if _HELPED.hits(tail) else "question"
