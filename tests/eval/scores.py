"""What the rules make of the corpus: right, missed and wrong for each class and language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from proxy.kpi.events import MarkKind
from proxy.kpi.stats import wilson
from proxy.meaning.markers import Markers

from .sentences import Class, Part, Said

# A text may have several marks and has one class: the first of these.
_CLASSES: Final[dict[MarkKind, Class]] = {
    "handover_started": "started",
    "handover_offered": "offered",
    "handover_refused": "refused",
    "no_answer": "no_answer",
    "handover_requested": "requested",
    "thanks": "thanks",
}


HANDOVER: Final[frozenset[Class]] = frozenset({"started", "offered", "refused", "requested"})
"""Classes that are about a human, told together as well: each is right only as itself."""


class Judged(msgspec.Struct, frozen=True):
    """A sentence with the class that the rules gave it, and the rule that did."""

    said: Said
    found: Class
    rule: str


class Score(msgspec.Struct, frozen=True):
    """One class, or "handover", in one part and language ("" for both): `n` expected, `found` by the rules, `right` both."""

    part: Part
    name: Class | Literal["handover"]
    language: str
    n: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.right / self.n if self.n else None


def judge(markers: Markers, said: Said) -> Judged:
    """Give a sentence to the rules as a whole answer or message."""
    marks = markers.assistant(said.text) if said.side == "assistant" else markers.user(said.text)
    for kind, name in _CLASSES.items():
        for mark in marks:
            if mark.kind == kind:
                return Judged(said, name, mark.rule)
    return Judged(said, "none", "")


def scores(judged: Iterable[Judged], part: Part, languages: Sequence[str] = ("fr", "en", "")) -> list[Score]:
    """Score every class of a part in each language, "" for all; those of a handover together at the end."""
    of_part = [each for each in judged if each.said.part == part]
    classes: list[tuple[Class | Literal["handover"], frozenset[Class]]] = [
        (name, frozenset({name})) for name in _CLASSES.values()
    ]
    return [
        _score(of_part, part, name, among, language)
        for name, among in (*classes, ("handover", HANDOVER))
        for language in languages
    ]


def _score(
    judged: Sequence[Judged], part: Part, name: Class | Literal["handover"], among: frozenset[Class], language: str
) -> Score:
    seen = [each for each in judged if language in ("", each.said.language)]
    expected = [each for each in seen if each.said.expected in among]
    found = sum(each.found in among for each in seen)
    return Score(part, name, language, len(expected), found, sum(each.found == each.said.expected for each in expected))


def share(hits: int, n: int) -> str:
    """Show a share with its 95 % Wilson interval."""
    if not n:
        return "    -                "
    low, high = wilson(hits, n)
    return f"{hits / n:5.3f} [{low:.3f}, {high:.3f}]"
