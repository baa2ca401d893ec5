"""Finds where question and answer stand: in documents, in lists of messages, in the events of a stream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from proxy.meaning.shapes import leaves
from proxy.meaning.stitching import ASKERS, ASSISTANTS
from proxy.workbench.places import at, by_place, called, last, spelled
from proxy.workbench.samples import Path, Sample, is_id, words

Sure = Literal["high", "medium", "low"]

_TEXT: Final = ("message", "text", "content", "question", "query", "prompt", "input", "utterance", "say", "ask", "body", "words")
_ANSWER: Final = ("answer", "reply", "response", "text", "content", "message", "output", "completion", "result", "delta", "token")
_ROLES: Final = ("role", "sender", "author", "from", "type", "who", "speaker")
_CONTENTS: Final = ("content", "text", "message", "said", "body", "value")
_PEOPLE: Final = frozenset({"user", "human", "customer", "visitor", "client", "me"})
_KIND: Final = ("type", "event", "kind", "object", "op", "action", "name", "t")


SAME: Final = 3
"""Equal values of one place, in a stream or over requests, from which they are no words of anybody."""


class Field(msgspec.Struct, frozen=True):
    """A proposed expression or source, how sure it is, and what for."""

    text: str
    sure: Sure
    why: str


def find_question(samples: Sequence[Sample]) -> Field | None:
    """Where the text of a person stands in a request."""
    scored: list[tuple[float, str, str, int]] = []
    for path, values in by_place(sample.asked_leaves() for sample in samples).items():
        role, said = _role(samples, path) or (None, values)
        texts = [value for value in said if words(value)]
        if not texts or all(is_id(text) for text in texts):
            continue
        expression = spelled(path) if role is None else role
        varies = len(set(texts)) / len(texts)
        score = sum(map(words, texts)) / len(texts) * varies + 6 * called(path, _TEXT) + (4 if role else 0)
        if len(texts) >= SAME and len(set(texts)) == 1:
            score /= 100  # the text of a GraphQL operation, an instruction: nobody asks the same all the time
        scored.append((score, expression, f'"{last(path)}"' + (" beside a role" if role else ""), len(texts)))
    if not scored:
        return None
    score, expression, where, count = max(scored)
    share = f"a text at {where} in {min(count, len(samples))} of {len(samples)} exchanges"
    rivals = sorted((each[0] for each in scored), reverse=True)
    clear = len(rivals) == 1 or rivals[1] < score / 2
    return Field(expression, "high" if clear and count >= len(samples) else "medium" if clear else "low", share)


def _role(samples: Sequence[Sample], path: Path) -> tuple[str, list[Any]] | None:
    """The expression of a person's last message, where a text stands in a list, and what people said there.

    The same list replays the assistant's words, which may stand in another form than people's.
    """
    at = next((place for place, part in enumerate(path) if isinstance(part, int)), None)
    if at is None:
        return None
    parent, inner = path[:at], path[at + 1 :]
    items = [items for sample in samples if (items := _items(sample, parent))]
    key = next((key for key in _ROLES if any(_is_person(item.get(key)) for each in items for item in each)), None)
    if key is None:
        said = [value for each in items for item in each for value in _values_at(item, inner)]
        return (f"{spelled(parent) or '@'}[-1].{spelled(inner)}" if inner else f"{spelled(parent) or '@'}[-1]"), said
    people = [item for each in items for item in each if _is_person(item.get(key))]
    tests = " || ".join(f"{spelled((key,))}=='{value}'" for value in sorted({item[key] for item in people}))
    said = [value for item in people for value in _values_at(item, inner)]
    return f"{spelled(parent) or '@'}[?{tests}] | [-1].{spelled(inner)}", said


def find_history(samples: Sequence[Sample]) -> Field | None:
    """The list in which requests replay what was said, where one does."""
    lists = {path[:-2] for sample in samples for path, _ in sample.asked_leaves() if len(path) > 1 and isinstance(path[-2], int)}
    for parent in sorted(lists, key=len):
        items = [item for sample in samples for item in _items(sample, parent)]
        for key in _ROLES:
            told = {str(item.get(key)) for item in items}
            if not told & ASSISTANTS or not told & ASKERS:
                continue
            text = next(
                (name for name in _CONTENTS if all(item.get(name) for item in items if item.get(key) in ASSISTANTS)), None
            )
            if text is None:
                continue
            replayed = sum(any(item.get(key) in ASSISTANTS for item in _items(sample, parent)) for sample in samples)
            place = spelled(parent) or "@"
            plain = key == "role" and text == "content"
            expression = place if plain else f"{place}[].{{role: {spelled((key,))}, content: {spelled((text,))}}}"
            return Field(expression, "medium", f"{replayed} of {len(samples)} requests repeat what was answered")
    return None


def _items(sample: Sample, parent: Path) -> list[dict[str, Any]]:
    found = at(sample.asked, parent)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _values_at(item: Any, inner: Path) -> list[Any]:
    """What stands at a path, all elements where it goes through a list."""
    place = next((place for place, part in enumerate(inner) if isinstance(part, int)), None)
    if place is None:
        return [at(item, inner)]
    found = at(item, inner[:place])
    return [value for each in found for value in _values_at(each, inner[place + 1 :])] if isinstance(found, list) else []


def _is_person(value: Any) -> bool:
    return isinstance(value, str) and value.lower() in _PEOPLE


def find_answer(samples: Sequence[Sample]) -> Field | None:
    """Where the answer stands in a document."""
    scored = []
    asked = [{value for _, value in sample.asked_leaves() if words(value)} for sample in samples]
    for path, values in by_place(_unasked(sample, said) for sample, said in zip(samples, asked, strict=True)).items():
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


def _unasked(sample: Sample, said: set[str]) -> Iterator[tuple[Path, Any]]:
    """What of an answer was not asked: an echo, as of a call that only stores a message, answers nothing."""
    return ((path, value) for path, value in leaves(sample.answers[0]) if not (isinstance(value, str) and value in said))


def find_events(samples: Sequence[Sample]) -> tuple[dict[str, Field], str]:
    """The rules of a stream's events, and how their texts join."""
    if not samples:
        return {}, "append"
    kind = kind_of(samples)
    scored: dict[tuple[Path, str], float] = defaultdict(float)
    for sample in samples:
        said: dict[tuple[Path, str], list[str]] = defaultdict(list)
        for value in sample.answers:
            for path, leaf in leaves(value):
                if isinstance(leaf, str) and leaf and path != kind:
                    said[path, _of_kind(value, kind)].append(leaf)
        for place, each in said.items():
            if len(each) < SAME or len(set(each)) > 1:  # an id or a kind that every event bears is no text
                scored[place] += sum(map(len, each)) * (3 if called(place[0], _ANSWER) else 1)
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
