"""What people's own messages tell of their opinion: ratings typed into the chat, and the sentiment of what they say.

Both stand beside satisfaction and are never part of it. A typed rating is somebody's judgement, told in words that could mean
something else; sentiment is what rules make of words, right as often as `RIGHT` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from proxy.kpi.events import Typed
from proxy.kpi.parts import Part
from proxy.kpi.progress import Progress
from proxy.kpi.report import Measure
from proxy.kpi.shares import balance, share

Sums = Mapping[str, int]

TYPED: Final = "typed_satisfaction"
FIGURES: Final = (TYPED, "sentiment", "sentiment_negative", "sentiment_shift", "sentiment_undecided")
"""Every figure of opinions."""

ACCURACY: Final = 0.90
"""Of the messages that were written once the rules stood and that the rules decide, those that they judge right: `make eval`
prints it and a test holds it. An operator's own words are not in it."""

SHIFT: Final = 0.3
"""Difference of two scores from which on a session ended better or worse than it began."""

SATISFIED: Final = ("binary", "five", "ten")
"""Scales that say whether a person was satisfied; NPS asks something else."""
_TOPS: Final = {"five": (1.0, 5.0), "ten": (1.0, 10.0)}


def placed(part: Part, progress: Progress) -> Part:
    """Give a turn with the rating that it is after what was said before it; the first of a session rates nothing."""
    if part.typed is None:
        return part
    return msgspec.structs.replace(part, typed=_rated(part.typed, progress) if progress.delivered else None)


def _rated(typed: Typed, before: Progress) -> Typed | None:
    seeks = before.seeks
    if typed.scale is not None:
        apart = seeks == "nps" or (seeks == "question" and not typed.sure)
        return None if apart else typed
    if typed.score is None:
        return msgspec.structs.replace(typed, scale="binary") if seeks == "binary" else None
    if seeks not in {"five", "ten"}:
        return None
    low, high = _TOPS[seeks]
    if not low <= typed.score <= high:
        return None
    return on_scale(typed.score, top=int(high))


def on_scale(score: float, *, top: int) -> Typed:
    """Give a number of five or of ten: good from 4, or from 8, and neutral in the middle, as those that widgets send."""
    good, bad = (4, 2) if top == 5 else (8, 4)
    satisfied = True if score >= good else False if score <= bad else None
    return Typed("five" if top == 5 else "ten", satisfied, score, sure=True)


def shifted(progress: Progress) -> str | None:
    """Say how a session's last decided message sounds beside its first: better, worse or level; None with fewer than two."""
    if len(progress.moods) < 2:
        return None
    first, last = progress.moods
    return "level" if abs(last - first) < SHIFT else "better" if last > first else "worse"


def opinion_measures(sums: Sums, *, typed: bool, sentiment: bool) -> dict[str, Measure]:
    """Give the figures; what is switched off and was never counted is unset."""
    found = {TYPED: _typed(sums), **_sentiment(sums)}
    return {
        name: Measure(value=None, reason="unset")
        if measure.value is None and not (typed if name == TYPED else sentiment)
        else measure
        for name, measure in found.items()
    }


def _typed(sums: Sums) -> Measure:
    counts = {word: sum([sums.get(f"typed:{scale}:{word}", 0) for scale in SATISFIED]) for word in ("yes", "no", "neutral")}
    return share(counts["yes"], sum(counts.values()))


def _sentiment(sums: Sums) -> dict[str, Measure]:
    negative, neutral, positive, undecided = (
        sums.get(f"sentiment:{feeling}", 0) for feeling in ("negative", "neutral", "positive", "undecided")
    )
    decided = negative + neutral + positive
    better, worse, level = (sums.get(f"shift:{way}", 0) for way in ("better", "worse", "level"))
    found = {
        "sentiment": balance(positive, negative, decided),
        "sentiment_negative": share(negative, decided),
        "sentiment_shift": balance(better, worse, better + worse + level),
    }
    estimates = {
        name: measure
        if measure.value is None
        else msgspec.structs.replace(measure, undecided=undecided if name != "sentiment_shift" else None, accuracy=ACCURACY)
        for name, measure in found.items()
    }
    return {**estimates, "sentiment_undecided": share(undecided, decided + undecided)}
