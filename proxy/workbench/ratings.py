"""Finds in recorded exchanges where people rate answers: the call, its verdict, on which scale, and what it is about.

A verdict is a value of few kinds: a word that judges, a boolean, a number on a small scale. That a call rates must be said by
something else: its route, the name of the field, or that it names an answer of the chat. Names are known in English, French,
German and Spanish; where none speaks, an answer's id beside a verdict is taken for a rating, and stays a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from proxy.kpi.events import Scale
from proxy.meaning.ratings import judge
from proxy.workbench.learning import Learned, answered, asked, path_ids, place_of, speaker, with_names
from proxy.workbench.places import CONVERSATIONS, called, keys, last, speaks, spelled
from proxy.workbench.samples import Group, Path, Sample, is_id, words
from proxy.workbench.wording import Field, Sure

_PLAUSIBLE: Final = ("score", "value", "note", "mark", "points", "wert", "note", "punkte", "valeur", "valor", "nota", "v")
"""Names a verdict may have, and much else: they choose between fields, and say nothing alone."""
_COUNTERS: Final = (
    "count", "index", "step", "page", "version", "position", "offset", "attempt", "retry", "duration", "ms", "time", "size",
    "length", "seq", "order", "level", "number", "progress", "limit", "turn",
)  # fmt: skip
"""Names of small numbers that judge nothing."""
_RECOMMENDS: Final = re.compile(r"nps|recommend|recomen|recomm|empfehl", re.IGNORECASE)
LONGEST: Final = 24
"""Characters of a verdict in words; more is a comment."""


class LearnedFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a feedback route. `unsaid`: verdicts of which nobody knows whether they praise."""

    group: Group
    ids: tuple[str, ...]
    fields: Mapping[str, Field]
    unsaid: tuple[str, ...] = ()


class _Verdict(msgspec.Struct, frozen=True):
    """A field that may hold verdicts. `speaks`: its name says so; `judges`: its values do; `unsaid`: words not known."""

    path: Path
    values: tuple[Any, ...]
    speaks: bool
    judges: bool
    unsaid: tuple[str, ...]

    @property
    def shown(self) -> str:
        """Its values for a person, from least to most."""
        found = sorted(
            {str(value).lower() if not isinstance(value, float) else f"{value:g}" for value in self.values}, key=_order
        )
        return ", ".join(found)


def feedback(groups: Sequence[Group], known: Learned) -> list[LearnedFeedback]:
    """Routes where answers are rated."""
    chats = {(group.method, group.segments) for group in (known.group, *known.also)}
    others = [each for each in groups if (each.method, each.segments) not in chats and each.method in ("POST", "PUT", "PATCH")]
    return [found for group in others if (found := _feedback(group, known)) is not None]


def rated(learned: Learned, ratings: Sequence[LearnedFeedback]) -> Learned:
    """With the id by which ratings name an answer, where they do."""
    names = {
        str(value)
        for each in ratings
        if "message" in each.fields
        for sample in each.group.samples
        for value in (*(leaf for _, leaf in sample.asked_leaves()), *sample.exchange.path.split("/"))
        if is_id(value)
    }
    told = names & _answers(learned.group)
    documents = [each for each in learned.group.samples if not each.stream]
    streams = [with_names(each) if learned.named else each for each in learned.group.samples if each.stream]
    return msgspec.structs.replace(
        learned,
        response={**learned.response, **_messages(told, documents)} if learned.response else {},
        event={**learned.event, **_messages(told, streams)} if learned.event else {},
    )


def _messages(told: set[str], samples: Sequence[Sample]) -> dict[str, Field]:
    place = place_of(told, samples)
    return {} if place is None else {"messages": Field(spelled(place).replace("[0]", "[]"), "high", "ratings repeat it")}


def _feedback(group: Group, known: Learned) -> LearnedFeedback | None:
    route = [part for part in group.segments if part is not None and speaks(part)]
    verdict = _verdict(group, routed=bool(route))
    if verdict is None:
        return None
    fields, names = _about(group, known, verdict.path)
    about = "message" in fields
    if not (route or verdict.speaks or about):
        return None
    if not (route or verdict.speaks or verdict.judges) and called(verdict.path, _COUNTERS):
        return None
    if (user := speaker(group)) is not None:
        fields["user"] = user
    said = [f'the route "{route[0]}"'] if route else []
    said += [f'the name "{last(verdict.path)}"'] if verdict.speaks else []
    said += [f"values: {verdict.shown}"]
    said += ["it names an answer"] if about else []
    evidence = bool(route) + verdict.speaks + verdict.judges + about
    sure: Sure = "medium" if evidence > 1 else "low"
    score = Field(spelled(verdict.path), sure, ", ".join(said) + ("" if sure == "medium" else ": ask what it says"))
    scale = _scale(verdict)
    return LearnedFeedback(
        group=group, ids=names, fields={"score": score, **({"scale": scale} if scale else {}), **fields}, unsaid=verdict.unsaid
    )


def _verdict(group: Group, *, routed: bool) -> _Verdict | None:
    """The field that looks most like a verdict. `routed`: the route speaks of ratings, so words may be unknown."""
    best: tuple[tuple[float, ...], _Verdict] | None = None
    for path, every in asked(group).items():
        values = tuple([value for value in every if value is not None])
        found = _read(path, values, routed=routed)
        if found is None:
            continue
        rank = (float(found.speaks), float(found.judges), called(path, _PLAUSIBLE), -called(path, _COUNTERS), -float(len(path)))
        if best is None or rank > best[0]:
            best = rank, found
    return None if best is None else best[1]


def _read(path: Path, values: tuple[Any, ...], *, routed: bool) -> _Verdict | None:
    spoken = any(speaks(name) for name in keys(path))
    if not values:
        return None
    if all(isinstance(value, bool) for value in values):
        return _Verdict(path, values, spoken, judges=False, unsaid=())
    numbers = [_number(value) for value in values]
    if all(number is not None for number in numbers):
        fitting = all(number is not None and -1 <= number <= 10 for number in numbers)
        return _Verdict(path, tuple(numbers), spoken, judges=False, unsaid=()) if fitting else None
    if not all(isinstance(value, str) and len(value) <= LONGEST and words(value) <= 3 for value in values):
        return None
    unsaid = tuple(sorted({value for value in values if judge(value, {}, None) is None and value.lower() != "neutral"}))
    if unsaid and (not (spoken or (routed and called(path, _PLAUSIBLE))) or len(set(values)) > max(2, len(values) // 2)):
        return None  # a name, a comment
    return _Verdict(path, values, spoken, judges=not unsaid, unsaid=unsaid)


def _scale(verdict: _Verdict) -> Field | None:
    """The scale of numbers. That of ten and that of five are told by the largest number alone, so this is never sure."""
    numbers = {value for value in verdict.values if isinstance(value, float)}
    if not numbers:
        return None
    low, high = min(numbers), max(numbers)
    seen = f"numbers from {low:g} to {high:g} were seen"
    found: tuple[Scale, str]
    if _RECOMMENDS.search(last(verdict.path)):
        found = "nps", "its name"
    elif numbers == {1}:
        found = "binary", "only 1 was seen, a thumb; if it is one star of five, write five"
    elif high <= 1:
        found = "binary", seen
    elif high <= 5 and low >= 1:
        found = "five", f"{seen}; if it goes on to 10, write ten"
    elif low >= 1:
        found = "ten", seen
    elif high > 5 and low == 0:
        found = "nps", f"{seen}: would they recommend it? If not, write ten, and 0 is not read"
    else:
        found = "five", f"{seen}: ask what {low:g} says, it is not read"
    return Field(found[0], "low", found[1])


def _about(group: Group, known: Learned, verdict: Path) -> tuple[dict[str, Field], tuple[str, ...]]:
    """Where a call says which answer and conversation it is about; and the names of the ids in its route."""
    fields: dict[str, Field] = {}
    ids = {at: name for name, at in path_ids(group)}
    unnamed = set(ids)
    for key, others in (("message", _answers(known.group)), ("conversation", _conversations(known))):
        here = next((at for at in sorted(unnamed) if any(_segment(each, at) in others for each in group.samples)), None)
        if (field := _repeated(group, others, verdict)) is not None:
            fields[key] = field
        elif here is not None:
            fields[key] = Field(f"path:{key}", "high", "the route repeats an id that the chat knows")
            ids[here] = key
            unnamed.remove(here)
    return fields, tuple([ids[at] for at in sorted(ids)])


def _answers(group: Group) -> set[str]:
    """Ids that one answer alone gave. What several gave, or a request did, is the conversation's."""
    seen: dict[str, int] = {}
    for sample in group.samples:
        for value in {str(value) for path, value in answered(sample) if is_id(value) and not called(path, CONVERSATIONS)}:
            seen[value] = seen.get(value, 0) + 1
    return {value for value, times in seen.items() if times == 1} - _segments(group)


def _segments(group: Group) -> set[str]:
    """Ids in the routes of a group."""
    return {_segment(sample, at) for sample in group.samples for _, at in path_ids(group)}


def _conversations(known: Learned) -> set[str]:
    """Ids of the chat's conversations."""
    field = known.request.get("conversation")
    if field is None:
        return set()
    if field.text.startswith("path:"):
        return _segments(known.group)
    return {str(value) for path, values in asked(known.group).items() if spelled(path) == field.text for value in values}


def _repeated(group: Group, known: set[str], verdict: Path) -> Field | None:
    """The field whose ids the chat knows."""
    for path, values in asked(group).items():
        ids = [str(value) for value in values if is_id(value)]
        if path != verdict and ids and sum(each in known for each in ids) >= 0.5 * len(ids):
            return Field(spelled(path), "high", f"{sum(each in known for each in ids)} of {len(ids)} ids were seen in the chat")
    return None


def _segment(sample: Sample, at: int) -> str:
    return sample.exchange.path.split("/")[at]


def _number(value: Any) -> float | None:
    """A number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _order(text: str) -> tuple[float, str]:
    return (_number(text) or 0.0, text)
