"""Text made ready for phrase rules: one spelling of each phrase, nothing quoted, sentence by sentence.

Lower case, no accents, one kind of apostrophe, single spaces: rules are written in that form. Fenced code and quoted spans
go, because a phrase in quotes is somebody else's. A question mark stays with its sentence: it makes a promise an offer.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from proxy.meaning.letters import spelled

SCAN_LIMIT: Final = 16 * 1024
"""Characters judged at each end of a text. Announcements stand at the beginning or at the end."""

SENTENCES_LIMIT: Final = 400
"""Sentences judged of one text, so that a text of full stops costs no more than another."""

# Each pattern is linear: what may stand inside a quotation excludes what opens one.
_ASIDES = (
    ("`", re.compile(r"```.*?(?:```|\Z)", re.DOTALL)),  # one sign is found faster than three
    ("`", re.compile(r"`[^`\n]*`")),
    ("«", re.compile(r"«[^«»]*»")),
    ("“", re.compile(r"“[^“”]*”")),
    ('"', re.compile(r'"[^"\n]*"')),
    # Straight single quotes, told from apostrophes by the letters around them; the quote first, since that is searched for fast.
    ("'", re.compile(r"'(?<![\w']')(?:[^'\n]|(?<=\w)'(?=\w))+'(?!\w)")),
)
_BLANKS = (b"\t", b"\r", b"\v", b"\f", b"  ")  # what single spaces are made of, beside those around the end of a line
_SENTENCE = re.compile(rb"[^.!?\n]+[.!?]*")
_CLAUSE = re.compile(
    rb"[,;:()]| - |\b(?:mais|but|so|however|therefore|instead|(?:donc|alors)(?= (?:je|j|nous|on|vous|tu|une?|votre|notre)\b))\b"
)


class Sentence(msgspec.Struct, frozen=True):
    """A prepared sentence. `first` when it is among the first two of its text."""

    text: bytes
    asks: bool
    first: bool

    def clauses(self) -> list[bytes]:
        """Its clauses: a negation in one says nothing of the next ("I can't help, let me transfer you")."""
        return [clause for part in _CLAUSE.split(self.text) if (clause := part.strip())]


def prepare(text: str) -> bytes:
    """The text in the spelling of the rules, ASCII."""
    if len(text) > 2 * SCAN_LIMIT:
        text = f"{text[:SCAN_LIMIT]}\n{text[-SCAN_LIMIT:]}"
    plain = spelled(without_asides(text))
    if not _single_spaced(plain):
        plain = b"\n".join([b" ".join(line.split()) for line in plain.split(b"\n")])
    return plain.strip()


def _single_spaced(text: bytes) -> bool:
    for blank in _BLANKS:
        if blank in text:
            return False
    return b"\n" not in text or not (b" \n" in text or b"\n " in text)


def without_asides(text: str) -> str:
    """The text without code and quotations."""
    for opening, aside in _ASIDES:
        if opening in text:
            text = aside.sub(" ", text)
    return text


def outline(prepared: bytes) -> bytes:
    """The prepared text with a line for most sentences: what is in a sentence of `sentences` is in a line.

    Some thirty times faster, for patterns that say whether to look at sentences at all.
    """
    for end in (b".", b"!", b"?"):
        prepared = prepared.replace(end + b" ", end + b"\n")
    return prepared.replace(b"_", b" ")  # which would be part of a word


def sentences(prepared: bytes) -> list[Sentence]:
    """The sentences of a prepared text."""
    found: list[Sentence] = []
    for at, match in enumerate(_SENTENCE.finditer(prepared)):
        if at == SENTENCES_LIMIT:
            break
        text = match.group().strip(b" *_#>|-")
        if text:
            found.append(Sentence(text, text.endswith(b"?"), len(found) < 2))
    return found
