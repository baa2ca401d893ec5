"""Finds token counts by what they do: integers of an answer that move with the length of the prompt or of the answer.

A field without a telling name is proposed when it keeps to a straight line with one of the two lengths over several exchanges,
and clearly less with the other. That it counts tokens stays a guess: so do words, and items of a bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import StatisticsError, correlation, linear_regression
from typing import Any, Final

from proxy.meaning.shapes import leaves
from proxy.workbench.places import called, last, spelled
from proxy.workbench.samples import Path, Sample, words
from proxy.workbench.wording import Field

EXCHANGES: Final = 6
"""Fewer move together by chance."""
CORRELATION: Final = 0.95
"""Pearson's r from which a count is taken to follow a length: that of tokens and characters of prose is higher."""
CLEARER: Final = 0.05
"""By which the other length must explain it worse: where questions and answers have like lengths, nothing is told."""
LETTERS: Final = (1.5, 12.0)
"""Characters for each token more, least and most: of Chinese, and of long words in markup. For a count of characters it is 1."""
_OTHERS: Final = ("total", "ms", "time", "took", "seconds", "duration", "latency", "elapsed", "created", "timestamp")
"""What else grows with texts, by its name."""
_LENGTHS: Final = {"tokens_in": "prompt", "tokens_out": "answer"}


def find_counts(samples: Sequence[Sample], *, growing: bool) -> dict[str, Field]:
    """Fields for `tokens_in` and `tokens_out`; `growing`: each event of a stream has the text of those before it."""
    if len(samples) < EXCHANGES:
        return {}
    lengths = {
        "tokens_in": [_letters(leaf for _, leaf in each.asked_leaves()) for each in samples],
        "tokens_out": [_answered(each, growing=growing) for each in samples],
    }
    best: dict[str, tuple[float, Path]] = {}
    for path, counts in _counts(samples).items():
        found = sorted([(_follows(counts, length), key) for key, length in lengths.items()])
        (other, _), (own, key) = found
        if own < CORRELATION or own - other < CLEARER or called(path, _OTHERS):
            continue
        if LETTERS[0] <= linear_regression(counts, lengths[key]).slope <= LETTERS[1] and own > best.get(key, (0.0, ()))[0]:
            best[key] = own, path
    return {key: _field(key, path, own, len(samples)) for key, (own, path) in best.items()}


def _field(key: str, path: Path, own: float, exchanges: int) -> Field:
    why = f'"{last(path)}" moves with the length of the {_LENGTHS[key]} (r = {own:.2f} over {exchanges} exchanges)'
    return Field(spelled(path), "low", f"{why}: ask what it counts")


def _counts(samples: Sequence[Sample]) -> dict[Path, list[int]]:
    """Integers by place that every answer has, the last one of each: counts in streams grow."""
    found: list[dict[Path, int]] = []
    for each in samples:
        values: dict[Path, int] = {}
        for answer in each.answers:
            values |= {path: leaf for path, leaf in leaves(answer) if type(leaf) is int and leaf >= 0}
        found.append(values)
    common = set.intersection(*[set(values) for values in found])
    places = sorted([path for path in common if not any(isinstance(part, int) for part in path)], key=spelled)
    return {path: [values[path] for values in found] for path in places}


def _answered(sample: Sample, *, growing: bool) -> int:
    each = [_letters(leaf for _, leaf in leaves(answer)) for answer in sample.answers]
    return max(each, default=0) if growing else sum(each)


def _letters(values: Iterable[Any]) -> int:
    return sum(len(value) for value in values if words(value))


def _follows(counts: Sequence[int], lengths: Sequence[int]) -> float:
    """Pearson's r; 0 where one of the two never changes."""
    try:
        return correlation(counts, lengths)
    except StatisticsError:
        return 0.0
