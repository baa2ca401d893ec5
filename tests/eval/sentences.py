"""The corpus of phrases: sentences with the class a careful reader gives them, in two parts.

A sentence belongs to a part by a hash of its text, so that nobody chooses: a third of a batch is for *tuning*, rules are written
looking at that part alone, and the *held-out* rest says what they are worth on sentences that nobody looked at meanwhile. Where a
batch of held-out sentences has been looked at after all, all of it is marked `seen` and is for tuning from then on.

Classes of the assistant's side:
started    this conversation goes to a person now, or a person will take it up (a call back counts)
offered    a person is proposed, or how to reach one is said, or it depends on something that has not happened
refused    the assistant says that no human can be had: nobody is there, it can't or won't transfer, or that came to nothing
no_answer  the assistant has no answer
none       anything else: no handover, a ticket, another AI, somebody else's words

Classes of the user's side:
requested  the user wants a person, here or by telephone
thanks     a closing word that the answer was good
none       anything else: a past contact, a wish for somebody else, a text to be written or translated
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

CORPUS: Final = Path(__file__).resolve().parents[1] / "corpus" / "phrases"
PACKS: Final = CORPUS / "packs"
"""Sentences in the languages whose files of markers have to be turned on."""

PLAIN: Final = frozenset({"plain", "long", "offer", "fallback"})
"""Tags of sentences that are what they seem."""
REGISTERS: Final = frozenset(
    {"formal", "familiar", "informal", "typo", "quebec", "swiss", "belgian", "uk", "us", "india"},
)
"""Tags of sentences in another register than the plain one. Every other tag names a trap."""

Class = Literal["started", "offered", "refused", "no_answer", "requested", "thanks", "none"]
Part = Literal["tuning", "held-out"]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence of the corpus, or a short text."""

    text: str
    language: Literal["fr", "en", "de", "es"]
    side: Literal["assistant", "user"]
    expected: Class
    tag: str
    seen: bool = False

    @property
    def part(self) -> Part:
        return "held-out" if not self.seen and sha256(self.text.encode()).digest()[0] % 3 else "tuning"

    @property
    def trap(self) -> bool:
        return self.tag not in PLAIN | REGISTERS


def sentences(folder: Path = CORPUS) -> list[Said]:
    """Every sentence of a folder of JSON Lines; raises msgspec.ValidationError on one with a fault."""
    decoder = msgspec.json.Decoder(Said)
    return [said for file in sorted(folder.glob("*.jsonl")) for said in decoder.decode_lines(file.read_bytes())]
