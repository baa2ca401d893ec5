"""What the rules make of users' messages: how they sound, and whether they rate the answer before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, get_args

import msgspec

from proxy.kpi.events import Feeling
from proxy.kpi.opinions import placed
from proxy.kpi.parts import Part as TurnPart
from proxy.kpi.progress import Progress
from proxy.meaning.lexicons import compile_lexicons
from proxy.meaning.sentiment import LexiconScorer
from proxy.meaning.typed import seeks, typed
from proxy.settings.files import raw_lexicons

from .messages import BATCHES, Felt, Note, felt, notes
from .scores import share
from .sentences import Part

FEELINGS: Final[tuple[Feeling, ...]] = get_args(Feeling)


class Heard(msgspec.Struct, frozen=True):
    """A message with what the rules make of it."""

    said: Felt
    found: Feeling

    @property
    def right(self) -> bool:
        return self.found == self.said.expected


class Read(msgspec.Struct, frozen=True):
    """A message with the rating that the rules find in it, as `expected` and `scale` say it."""

    said: Note
    found: str
    scale: str

    @property
    def right(self) -> bool:
        return (self.found, self.scale) == (self.said.expected, self.said.scale)


def heard() -> list[Heard]:
    """Judge the corpus of sentiment."""
    scorer = LexiconScorer(compile_lexicons(raw_lexicons()))
    return [Heard(each, scorer.score(each.text).feeling) for each in felt()]


def read() -> list[Read]:
    """Judge the corpus of typed ratings, each after its answer."""
    return [_read(each) for each in notes()]


def _read(note: Note) -> Read:
    part = TurnPart(at=1.0, id=1, result="ok", end=1.0, typed=typed(note.text))
    rating = placed(part, Progress(first=0.0, end=0.0, turns=1, delivered=True, seeks=seeks(note.before))).typed
    if rating is None:
        return Read(note, "none", "")
    return Read(note, "neutral" if rating.satisfied is None else "yes" if rating.satisfied else "no", str(rating.scale))


def lines(part: Part) -> Iterator[str]:
    """Show the figures of a part."""
    of_part = [each for each in heard() if each.said.part == part]
    for language in ("fr", "en", ""):
        yield from _feelings([each for each in of_part if language in ("", each.said.language)], part, language or "both")
    for batch in range(1, BATCHES + 1) if part == "held-out" else ():
        yield from _feelings([each for each in of_part if each.said.batch == batch], f"batch {batch}", "both")
    yield from _ratings([each for each in read() if each.said.part == part], part)


def _feelings(found: Sequence[Heard], part: str, language: str) -> Iterator[str]:
    right = sum(each.right for each in found)
    decided = [each for each in found if each.found != "undecided"]
    negative = [each for each in found if each.said.expected == "negative"]
    caught = sum(each.right for each in negative)
    yield f"{part:9} sentiment  {language:5} {len(found):4}  accuracy {share(right, len(found))}"
    yield f"{'':26}of the decided    {share(right, len(decided))}  undecided {share(len(found) - len(decided), len(found))}"
    called = sum(each.found == "negative" for each in found)
    yield f"{'':26}negative recall   {share(caught, len(negative))}  precision {share(caught, called)}"
    counts = Counter((each.said.expected, each.found) for each in found)
    for expected in ("negative", "neutral", "positive"):
        yield f"{'':26}{expected:9} -> " + ", ".join(f"{name} {counts[expected, name]}" for name in FEELINGS)


def _ratings(found: Sequence[Read], part: Part) -> Iterator[str]:
    for language in ("fr", "en", ""):
        those = [each for each in found if language in ("", each.said.language)]
        ratings = [each for each in those if each.said.expected != "none"]
        right = sum(each.right for each in ratings)
        called = sum(each.found != "none" for each in those)
        yield (
            f"{part:9} typed      {language or 'both':5} {len(those):4}  precision {share(right, called)}  "
            f"recall {share(right, len(ratings))}"
        )


def failing() -> Iterator[str]:
    """Show the messages of the tuning part that came out wrong."""
    for each in heard():
        if each.said.part == "tuning" and not each.right:
            yield f"{each.said.expected:>9} -> {each.found:9} {each.said.language} {each.said.tag}: {each.said.text!r}\n"
    for note in read():
        if note.said.part == "tuning" and not note.right:
            yield f"{note.said.expected:>9} -> {note.found:9} typed {note.said.language}: {note.said.text!r}\n"
