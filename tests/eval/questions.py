"""The corpus of question pairs: what a person asks after an answer, and whether it is the same again.

A pair belongs to a part by a hash of its text, as the phrases do. Tags:

reformulated  the same question in other words                       asked again
correction    the person says what was meant instead                  asked again
follow-up     something else about the same topic                     not again: the trap
thanks        the same topic, after thanks for the answer             not again: the trap
reply         what the assistant asked for, about the same topic      not again: the trap
new           another topic                                           not again
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from proxy.kpi.echo import Question, echo
from proxy.meaning.questions import sketch

from .sentences import Part

CORPUS: Final = Path(__file__).resolve().parents[1] / "corpus" / "questions"
AGAIN: Final = frozenset({"reformulated", "correction"})
KEY: Final = b"of the corpus"


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two messages of one person, and what was said between them."""

    before: str
    after: str
    tag: Literal["reformulated", "correction", "follow-up", "thanks", "reply", "new"]
    between: str = ""

    @property
    def part(self) -> Part:
        return "held-out" if sha256(f"{self.before}\n{self.after}".encode()).digest()[0] % 2 else "tuning"

    @property
    def again(self) -> bool:
        return self.tag in AGAIN


def pairs(language: str) -> list[Pair]:
    """Every pair of a language; raises msgspec.ValidationError on one with a fault."""
    lines = (CORPUS / f"{language}.jsonl").read_text("utf-8").splitlines()
    return [msgspec.json.decode(line, type=Pair) for line in lines]


class Tally(msgspec.Struct, frozen=True):
    """One part and language ("" for both): `n` pairs are asked again, `found` the rules say so of, `right` both."""

    part: Part
    language: str
    pairs: int
    n: int
    found: int
    right: int


def tallies(part: Part) -> list[Tally]:
    """Count what the rules make of a part."""
    return [
        _tally(part, language, [pair for each in among for pair in pairs(each) if pair.part == part]) for language, among in _ROWS
    ]


_ROWS: Final = (("fr", ("fr",)), ("en", ("en",)), ("", ("fr", "en")))


def _tally(part: Part, language: str, among: list[Pair]) -> Tally:
    told = [(pair.again, found(pair)) for pair in among if pair.part == part]
    again, said = sum(each for each, _ in told), sum(each for _, each in told)
    return Tally(part, language, len(told), again, said, sum(one and other for one, other in told))


def found(pair: Pair) -> bool:
    """Say whether the rules take the second message for the first one again, as the observer does."""
    said = [pair.before, pair.between, pair.after] if pair.between else [pair.before, pair.after]
    sketches = [sketch(text, KEY, thanks=bool(pair.between) and text == pair.between) for text in said]
    return echo(Question(0.0, 1.0, sketches[-2]), 30.0, sketches[-1]) in {"repeated", "reformulated"}
