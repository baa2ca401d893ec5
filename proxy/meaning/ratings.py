"""A feedback's wire value becomes a scale and a judgement.

Words and signs are plain. A bare number is not: 1 is one star or a thumb up. In order: the scale that the preset or the
body names; then the number's range - below 1 is binary (-1, 0), 2 to 5 are stars, 6 to 10 are of ten. A bare 1 is a star
unless the preset says binary: `rating: 1` is what star widgets send, thumbs send words, booleans or -1. A person who gives
8 of 10 and one who gives 4 of 5 are satisfied; the middle (3 of 5, 5 to 7 of 10) is neutral.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from proxy.kpi.events import Scale


class Judgement(msgspec.Struct, frozen=True):
    """A normalised feedback value."""

    scale: Scale
    satisfied: bool | None
    score: float | None
    revoked: bool = False


UP: Final = frozenset({
    "up", "like", "liked", "love", "thumbs_up", "thumbsup", "thumb_up", "positive", "good", "great", "helpful", "yes", "true",
    "satisfied", "upvote", "useful",
    "oui", "utile", "bien", "bon", "haut", "pouce_haut", "positif", "satisfait",
    "ja", "gut", "hilfreich", "daumen_hoch", "positiv", "zufrieden",  # codespell:ignore positiv,negativ: German
    "sí", "si", "bueno", "útil", "util", "positivo", "satisfecho",
})  # fmt: skip
DOWN: Final = frozenset({
    "down", "dislike", "disliked", "thumbs_down", "thumbsdown", "thumb_down", "negative", "bad", "poor", "unhelpful",
    "not_helpful", "no", "false", "unsatisfied", "dissatisfied", "downvote", "not_useful",
    "non", "inutile", "mauvais", "bas", "pouce_bas", "négatif", "negatif", "insatisfait",
    "nein", "schlecht", "nicht_hilfreich", "daumen_runter", "negativ", "unzufrieden",  # codespell:ignore positiv,negativ: German
    "malo", "mal", "inútil", "inutil", "negativo", "insatisfecho",
})  # fmt: skip
"""Words that judge an answer, in English, French, German and Spanish, as `spelled` gives them."""
_FACES: Final[Mapping[str, int]] = {"😡": 1, "😠": 1, "🙁": 2, "☹": 2, "😐": 3, "🙂": 4, "😊": 4, "😍": 5, "🤩": 5, "❤": 5}
_RANGES: Final[Mapping[Scale, tuple[float, float]]] = {"binary": (-1, 1), "five": (1, 5), "ten": (1, 10), "nps": (0, 10)}


def judge(value: Any, values: Mapping[str, str], scale: Scale | None) -> Judgement | None:
    """The judgement in a wire value; None when there is none to be read."""
    mapped = values.get(_key(value))
    if mapped is not None:
        return _mapped(mapped, scale or "binary")
    if type(value) is bool:
        return _binary(up=value)
    if type(value) is str:
        text = value.strip().replace("\ufe0f", "")
        word = spelled(text)
        if word in UP or text[:1] == "👍":
            return _binary(up=True)
        if word in DOWN or text[:1] == "👎":
            return _binary(up=False)
        if text in _FACES:
            return _number(float(_FACES[text]), "five")
        try:
            value = float(text)
        except ValueError:
            return None
    if type(value) not in (int, float):
        return None
    number = float(value)
    return _number(number, scale or _guess(number))


def spelled(word: str) -> str:
    """A word of a rating in the spelling of `UP` and `DOWN`."""
    return word.lower().replace("-", "_").replace(" ", "_")


def named_scale(value: Any) -> Scale | None:
    """The scale that a body names itself: by word, or by its highest value."""
    match value:
        case "binary" | "thumb" | "thumbs" | "boolean" | 1:
            return "binary"
        case "five" | "stars" | "csat" | "1-5" | 5:
            return "five"
        case "ten" | "1-10" | 10:
            return "ten"
        case "nps" | "0-10":
            return "nps"
        case _:
            return None


def _key(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float and value.is_integer():
        return str(int(value))
    return str(value) if type(value) in (str, int, float) else ""


def _mapped(word: str, scale: Scale) -> Judgement:
    if word == "revoke":
        return Judgement(scale, None, None, revoked=True)
    return _binary(up=word == "up")


def _binary(*, up: bool) -> Judgement:
    return Judgement("binary", up, 1.0 if up else 0.0)


def _guess(number: float) -> Scale:
    if number < 1:
        return "binary"
    return "five" if number <= 5 else "ten"


def _number(number: float, scale: Scale) -> Judgement | None:
    low, high = _RANGES[scale]
    if not low <= number <= high:  # NaN is in no range
        return None
    match scale:
        case "binary":
            return _binary(up=number >= 0.5)
        case "five":
            return Judgement(scale, None if 2 < number < 4 else number >= 4, number)
        case "ten":
            return Judgement(scale, None if 4 < number < 8 else number >= 8, number)
        case "nps":  # a promoter is not a satisfied person: figures of their own
            return Judgement(scale, None, number)
