"""The corpora of users' messages: how each sounds, and which of them rate the answer before.

As in the corpus of phrases a message belongs to a part by a hash of its text. The first three batches were written when the
rules stood, and are held out whatever their hash; the rules were made wider after the first one, and nobody who wrote rules has
read the second (but its author) or the third, which is by somebody who has no part in them. The fourth was written before its
author had seen a rule, who made them wider then, looking at one half: the other half is held out, from memory as little as it
can be. A message that is no question, wish or verdict but both good and bad has the
feeling that its reader is left with; nothing is labelled undecided, which only rules can be.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from .sentences import Part

BATCHES: Final = 4
UNKNOWN: Final = (2, 3)
"""The batches of which no rule can know: how right the rules are on them stands beside figures."""
HALVED: Final = 4
"""The batch of which one half is for tuning."""

CORPUS: Final = Path(__file__).resolve().parents[1] / "corpus"

Language = Literal["fr", "en"]


class Felt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message with how it sounds to a careful reader."""

    text: str
    language: Language
    expected: Literal["negative", "neutral", "positive"]
    tag: str
    batch: int = 0

    @property
    def part(self) -> Part:
        return "held-out" if self.batch not in (0, HALVED) or _odd(self.text) else "tuning"


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message with the rating that it is of the answer before it; `before` is that answer, where it matters."""

    text: str
    language: Language
    expected: Literal["yes", "no", "neutral", "none"]
    scale: Literal["binary", "five", "ten", ""]
    tag: Literal["plain", "asked", "trap"]
    before: str = ""

    @property
    def part(self) -> Part:
        return "held-out" if _odd(f"{self.before}\n{self.text}") else "tuning"


def felt(folder: Path = CORPUS / "sentiment") -> list[Felt]:
    """Every message of the corpus of sentiment; raises msgspec.ValidationError on one with a fault."""
    decoder = msgspec.json.Decoder(Felt)
    return [each for file in sorted(folder.glob("*.jsonl")) for each in decoder.decode_lines(file.read_bytes())]


def notes(folder: Path = CORPUS / "typed") -> list[Note]:
    """Every message of the corpus of typed ratings; raises as `felt` does."""
    decoder = msgspec.json.Decoder(Note)
    return [each for file in sorted(folder.glob("*.jsonl")) for each in decoder.decode_lines(file.read_bytes())]


def _odd(text: str) -> bool:
    return bool(sha256(text.encode()).digest()[0] % 2)
