"""A message of a person becomes a sketch by which the same question is known when it is asked again (`proxy.kpi.echo`).

French and English at once: a message need not say which it is. Words are spelled without accents and capitals, those that
any question has (`proxy.meaning.common`) go, the others lose their endings and are cut to STEM letters, so that "rembourser",
"remboursé" and "remboursement" are one word. What is left are hashes under the installation's secret and the conversation.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from proxy.kpi.echo import Kind, Sketch
from proxy.meaning.common import COMMON
from proxy.meaning.letters import spelled
from proxy.meaning.patterns import Pattern, PatternSet

LONGEST: Final = 600
"""Characters of a message that may be a question asked again. A longer one is a text to work on, and like no other."""
WORDS: Final = 24
"""Words of a topic that are kept: more than questions of LONGEST have but for lists."""
STEM: Final = 6
"""Letters by which words are told apart."""

_OF_WORDS: Final = b"abcdefghijklmnopqrstuvwxyz0123456789"
_PARTED: Final = bytes([code if code in _OF_WORDS else ord(" ") for code in range(256)])
_ENDINGS: Final = ("ing", "ly", "ed", "er", "ez", "ee", "e", "r", "d")
"""Of verbs and adverbs; the longest that leaves LEFT letters goes, after an ending of the plural."""
LEFT: Final = 4

_KINDS: Final[tuple[tuple[Kind, str], ...]] = (
    ("how", r"\b(?:comment|how (?:do|can|to|should|does|would|could|am|is)|de quelle (?:maniere|facon))\b"),
    ("much", r"\b(?:combien (?:coute|ca coute|faut il payer)|how (?:much|expensive)|quel (?:est le )?prix|what does it cost)\b"),
    ("when", r"\b(?:quand|a quelle heure|jusqu a quand|when|until when|at what time|combien de temps|how long|quel delai)\b"),
    ("where", r"\b(?:ou (?:est|se|sont|puis|trouver|garer|trouve|peut|la)|where|a quel etage|on which floor)\b"),
    ("why", r"\b(?:pourquoi|why|how come)\b"),
    ("who", r"^who\b|\ba qui\b"),
    ("who", r"^qui\b"),
)
_NOBODY: Final = r"^qui (?:est ce|peut|suis)"
"""Begins as the last of these and asks for no person: RE2 has no lookahead."""

_ASKS: Final = (
    r"\?|^(?:comment|combien|quand|ou|pourquoi|qui|que|quoi|quel|quelle|quels|quelles|est ce|puis je|peut on|peux tu|"
    r"pouvez vous|y a t il|how|what|when|where|why|who|which|can|could|do|does|did|is|are|am|will|would|should|may)\b"
    r"|\b(?:je (?:veux|voudrais|souhaite|souhaiterais|cherche|demande|n arrive pas)|j aimerais|il me faut|donne[rz]?|dites|dis|"
    r"explique[rz]?|montre[rz]?|indique[rz]?|aide[rz]?|i (?:want|need|would like|d like|am looking|can t|cannot)|"
    r"give|tell|explain|show|help|describe)\b"
)
_SEQUEL: Final = (
    r"^(?:(?:ok|okay|d accord|oui|yes|super|parfait|great|perfect|good)\b[ ,.!]*)*"
    r"(?:et|and|aussi|also|puis|ensuite|then|ou bien|or|sinon|otherwise|what about|how about|qu en est il|du coup|dans ce cas|"
    r"in that case|merci|thanks|thank you|je (?:vous|te) remercie)\b"
)
_ANEW: Final = (
    r"\b(?:je voulais (?:dire|parler)|je parlais|ce n est pas (?:ma question|ce que)|pas (?:ma question|ce que j)|"
    r"ne repond(?:ez|s)? pas a|n avez pas (?:compris|repondu)|n as pas (?:compris|repondu)|mal compris|je (?:repete|reformule)|"
    r"autrement dit|en d autres termes|ce que je (?:demande|veux|cherche)|"
    r"i meant|i was (?:talking|asking) about|not what i (?:asked|meant|want)|did(?: not|n t) (?:answer|understand)|misunderst\w+|"
    r"i repeat|let me rephrase|in other words|what i (?:want|meant|asked|am asking)|my question (?:is|was))\b"
)
_CUES: Final = PatternSet(map(Pattern, (*[text for _, text in _KINDS], _NOBODY, _ASKS, _SEQUEL, _ANEW)))
"""All of them in one pass of some 2 us, however long the message is."""


def sketch(text: str, key: bytes, *, thanks: bool) -> Sketch | None:
    """Sketch a message; None without words. `key` (at most 64 bytes) is of its person and conversation; `thanks`: it closes."""
    plain = spelled(text[: 2 * LONGEST])
    spoken = b" ".join(plain.translate(_PARTED).split())
    if not spoken:
        return None
    whole = int.from_bytes(blake2b(spoken, digest_size=8, key=key).digest())
    if len(plain) > LONGEST:
        return Sketch(whole)
    words = spoken.decode().split()
    cues = _CUES.hits(spoken + b" ?" if b"?" in plain else spoken)
    nobody, asks, sequel, anew = [len(_KINDS) + at in cues for at in range(4)]
    kinds = _KINDS[:-1] if nobody else _KINDS
    asked: Kind = next((kind for at, (kind, _) in enumerate(kinds) if at in cues), "")
    return Sketch(
        whole,
        tuple([_hashed(stem, key) for stem in topic(words)]),
        asked,
        asks=not thanks and (asks or len(words) <= WORDS // 4),
        sequel=sequel,
        anew=anew,
    )


def topic(words: Iterable[str]) -> list[str]:
    """Give the stems of the words that carry the topic, each once, at most WORDS."""
    return list(dict.fromkeys([_stem(word) for word in dict.fromkeys(words) if word not in COMMON and len(word) > 1]))[:WORDS]


def _stem(word: str) -> str:
    if word[-1] in "sx" and len(word) > LEFT:
        word = word[:-1]
    if word.endswith(_ENDINGS):
        ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) >= LEFT + len(ending)), "")
        word = word.removesuffix(ending)
    return word[:STEM]


def _hashed(stem: str, key: bytes) -> int:
    return int.from_bytes(blake2b(stem.encode(), digest_size=4, key=key).digest())
