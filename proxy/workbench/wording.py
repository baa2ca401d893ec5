"""Finds where question and answer stand: in documents, in lists of messages, in the events of a stream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from proxy.meaning.shapes import leaves
from proxy.workbench.places import at, by_place, called, last, spelled
from proxy.workbench.samples import Path, Sample, is_id, words

Sure = Literal["high", "medium", "low"]

_TEXT: Final = ("message", "text", "content", "question", "query", "prompt", "input", "utterance", "say", "ask", "body", "words")
_ANSWER: Final = ("answer", "reply", "response", "text", "content", "message", "output", "completion", "result", "delta", "token")
_ROLES: Final = ("role", "sender", "author", "from", "type", "who", "speaker")
_PEOPLE: Final = frozenset({"user", "human", "customer", "visitor", "client", "me"})
_KIND: Final = ("type", "event", "kind", "object", "op", "action", "name", "t")


class Field(msgspec.Struct, frozen=True):
    """A proposed expression or source, how sure it is, and what for."""

    text: str
    sure: Sure
    why: str


def find_question(samples: Sequence[Sample]) -> Field | None:
    """Where the text of a person stands in a request."""
    scored: list[tuple[float, str, str, int]] = []
    for path, values in by_place(sample.asked_leaves() for sample in samples).items():
        texts = [value for value in values if words(value)]
        if not texts or all(is_id(text) for text in texts):
            continue
        role = _role(samples, path)
        expression = spelled(path) if role is None else role
        varies = len(set(texts)) / len(texts)
        score = sum(map(words, texts)) / len(texts) * varies + 6 * called(path, _TEXT) + (4 if role else 0)
        scored.append((score, expression, f'"{last(path)}"' + (" beside a role" if role else ""), len(texts)))
    if not scored:
        return None
    score, expression, where, count = max(scored)
    share = f"a text at {where} in {min(count, len(samples))} of {len(samples)} exchanges"
    rivals = sorted((each[0] for each in scored), reverse=True)
    clear = len(rivals) == 1 or rivals[1] < score / 2
    return Field(expression, "high" if clear and count >= len(samples) else "medium" if clear else "low", share)


def _role(samples: Sequence[Sample], path: Path) -> str | None:
    """The expression of the last message of a person, where a text stands in a list beside roles."""
    at = next((place for place, part in enumerate(path) if isinstance(part, int)), None)
    if at is None:
        return None
    parent, inner = path[:at], path[at + 1 :]
    for key in _ROLES:
        found = {
            str(value)
            for sample in samples
            for place, value in sample.asked_leaves()
            if place[:at] == parent and place[at + 1 :] == (key,) and str(value).lower() in _PEOPLE
        }
        if found:
            tests = " || ".join(f"{spelled((key,))}=='{value}'" for value in sorted(found))
            return f"{spelled(parent) or '@'}[?{tests}] | [-1].{spelled(inner)}"
    return f"{spelled(parent) or '@'}[-1].{spelled(inner)}" if inner else f"{spelled(parent) or '@'}[-1]"


def find_answer(samples: Sequence[Sample]) -> Field | None:
    """Where the answer stands in a document."""
    scored = []
    for path, values in by_place(leaves(sample.answers[0]) for sample in samples).items():
        texts = [value for value in values if words(value)]
        if texts and not all(is_id(text) for text in texts):
            score = sum(map(words, texts)) / len(samples) + 6 * called(path, _ANSWER)
            scored.append((score, path, len(texts)))
    if not scored:
        return None
    score, path, count = max(scored, key=lambda each: each[0])
    expression = spelled(path)
    if any(isinstance(part, int) for part in path):
        at = next(place for place, part in enumerate(path) if isinstance(part, int))
        inner = spelled(path[at + 1 :])
        expression = f"join('\n', {spelled(path[:at]) or '@'}[].{inner})" if inner else f"join('\n', {spelled(path[:at]) or '@'})"
        expression = expression.replace("\n", " ")
    why = f'the longest text, at "{last(path)}", in {min(count, len(samples))} of {len(samples)} answers'
    return Field(expression, "high" if count >= len(samples) and called(path, _ANSWER) else "medium", why)


def find_events(samples: Sequence[Sample]) -> tuple[dict[str, Field], str]:
    """The rules of a stream's events, and how their texts join."""
    if not samples:
        return {}, "append"
    kind = kind_of(samples)
    scored: dict[tuple[Path, str], float] = defaultdict(float)
    for sample in samples:
        for value in sample.answers:
            for path, leaf in leaves(value):
                if isinstance(leaf, str) and leaf and path != kind:
                    scored[path, _of_kind(value, kind)] += len(leaf) * (3 if called(path, _ANSWER) else 1)
    if not scored:
        return {}, "append"
    path, word = max(scored, key=lambda each: scored[each])
    condition = f"{spelled(kind)}=='{word}' && " if kind is not None and word else ""
    pieces = [
        [text for value in each.answers if _of_kind(value, kind) == word and isinstance(text := at(value, path), str)]
        for each in samples
    ]
    several = [each for each in pieces if len(each) > 1]
    grows = bool(several) and all(later.startswith(earlier) for each in several for earlier, later in pairwise(each))
    repeats = bool(several) and not grows and all(each[-1] == "".join(each[:-1]) for each in several)
    why = f"{sum(map(len, pieces))} pieces of {len(samples)} streams" + (", each with all before it" if grows else "")
    field = Field(f"{condition}{spelled(path)}", "high" if several else "medium", why)
    fields = {"whole" if grows else "text": field}
    if (end := _terminal(samples, kind)) is not None:
        fields["terminal"] = end
    return fields, "final_repeats" if repeats else "append"


def kind_of(samples: Sequence[Sample]) -> Path | None:
    """The field that tells events apart: in nearly every event, with few values."""
    events = [value for sample in samples for value in sample.answers if isinstance(value, dict)]
    for key in _KIND:
        values = [event.get(key) for event in events]
        told = [value for value in values if isinstance(value, str)]
        if events and len(told) >= 0.9 * len(events) and 1 < len(set(told)) <= max(2, len(told) // 2):
            return (key,)
    return None


def _of_kind(value: Any, kind: Path | None) -> str:
    found = at(value, kind) if kind is not None else None
    return found if isinstance(found, str) else ""


def _terminal(samples: Sequence[Sample], kind: Path | None) -> Field | None:
    words = {_of_kind(sample.answers[-1], kind) for sample in samples}
    word = next(iter(words)) if len(words) == 1 else ""
    before = [_of_kind(value, kind) for sample in samples for value in sample.answers[:-1]]
    if kind is not None and word and word not in before:
        return Field(f"{spelled(kind)}=='{word}'", "high", f"the last event of all {len(samples)} streams, and no other")
    for key in ("done", "finished", "final", "is_final", "end", "complete", "last"):
        if all(at(sample.answers[-1], (key,)) is True for sample in samples):
            return Field(spelled((key,)), "high", f"true in the last event of all {len(samples)} streams")
    return None
