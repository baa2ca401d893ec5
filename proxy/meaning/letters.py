"""One spelling of each word, in which rules, lists and hashes of words are written: small letters, ASCII, straight apostrophes.

What remains of a text is what Unicode's compatibility decomposition (NFKD) has in ASCII, letter by letter; the rest is left out.
Nearly all French and English is in Latin-1, for which that is a table of 256 bytes and a tenth of the time. A sign beside it
(a dash, an ellipsis) is replaced first; a text of several is decomposed whole. To find them all costs as much as that does.
"""

from __future__ import annotations

import unicodedata
from typing import Final

SIGNS: Final = 1
"""Different signs beside Latin-1 and the apostrophe that are replaced, in some 3 us each; decomposing 1,000 letters takes 10."""

_APOSTROPHE: Final = "\u2019"
_LETTERS: Final = ((_APOSTROPHE, "'"), ("\u2018", "'"), ("œ", "oe"), ("æ", "ae"))
"""What NFKD does not make ASCII."""


def _decomposed(text: str) -> bytes:
    text = text.lower()
    for letter, spelling in _LETTERS:
        text = text.replace(letter, spelling)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").lower()  # a sign's "TM", too


_LATIN: Final = [_decomposed(chr(code)) for code in range(256)]
_TABLE: Final = b"".join([spelling if len(spelling) == 1 else b"?" for spelling in _LATIN])
_DROPPED: Final = bytes([code for code, spelling in enumerate(_LATIN) if not spelling])
_WIDE: Final = tuple([(bytes([code]), spelling) for code, spelling in enumerate(_LATIN) if len(spelling) > 1])


def spelled(text: str) -> bytes:
    """Spell a text. What is left out leaves no space."""
    if text.isascii():
        return text.lower().encode()
    text = text.replace(_APOSTROPHE, "'")
    for left in reversed(range(SIGNS + 1)):
        try:
            latin = text.encode("latin-1")
        except UnicodeEncodeError as error:
            if left:
                sign = text[error.start]
                text = text.replace(sign, _decomposed(sign).decode())
        else:
            for letter, spelling in _WIDE:
                latin = latin.replace(letter, spelling)
            return latin.translate(_TABLE, _DROPPED)
    return _decomposed(text)
