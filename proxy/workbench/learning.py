"""Finds in recorded exchanges where question, answer, conversation and user stand, each with how sure that is and why.

Three kinds of evidence, in this order: what a value does (an id that later exchanges repeat, a text that grows or is put together
from events), where it stands (beside a role, in the route), and how its field is called. A field that only its name speaks for
is never more than a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from proxy.meaning.shapes import leaves
from proxy.workbench.counting import find_counts
from proxy.workbench.places import CONVERSATIONS, PEOPLE, are_texts, by_place, called, last, named, spelled
from proxy.workbench.samples import Group, Path, Sample, is_id, words
from proxy.workbench.wording import Field, Sure, find_answer, find_events, find_history, find_question, kind_of

SMALL: Final = 1000
"""Numbers below it are versions and counters rather than ids, unless their field is called as a conversation's."""
_HANDOVER: Final = re.compile(
    r"hand_?(?:off|over)|escala|eskal|transfer|human|humain|live_?agent|to_?agent|übergabe|uebergabe|weiterleitung|traspas",
    re.IGNORECASE,
)
_STATES: Final = ("type", "kind", "event", "action", "status", "state", "mode", "intent", "op", "result", "outcome", "reason")
KINDS: Final = 12
"""Words at one place up to which they are kinds or states; more are names."""


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a chat's route. Keys of the mappings are those of a preset's sections.

    `also`: routes beside it that are asked alike, with ids at the same places; their samples are in `group` as well.
    """

    group: Group
    also: tuple[Group, ...] = ()
    ids: tuple[str, ...]  # names of the groups in its path
    request: Mapping[str, Field]
    response: Mapping[str, Field]
    event: Mapping[str, Field]
    marks: Mapping[str, Field]
    event_marks: Mapping[str, Field]
    mode: str = "append"
    named: bool = False


def chat(groups: Sequence[Group]) -> Learned | None:
    """The route where texts are asked and answered; None when there is none."""
    found = [learned for group in groups if group.method in ("POST", "PUT") and (learned := _chat(group)) is not None]
    if not found:
        return None
    best = max(found, key=lambda each: (len(each.group.samples), _total_words(each.group)))
    also = tuple([each.group for each in found if each is not best and _alike(best, each)])
    if also:
        every = tuple([sample for group in (best.group, *also) for sample in group.samples])
        together = _chat(msgspec.structs.replace(best.group, samples=every))
        if together is not None:
            return msgspec.structs.replace(together, also=also)
    return best


def _alike(one: Learned, other: Learned) -> bool:
    """Whether two routes are one API: the same question, and one path goes on or ends otherwise (`/say`, `/say/stream`)."""
    first, second = one.group, other.group
    beside = list(zip(first.segments[:-1], second.segments, strict=False))
    near = abs(len(first.segments) - len(second.segments)) <= 1 and all(mine == theirs for mine, theirs in beside)
    same = [at for _, at in path_ids(first)] == [at for _, at in path_ids(second)]
    return near and same and first.method == second.method and one.request["text"].text == other.request["text"].text


def _chat(group: Group) -> Learned | None:
    fine = [each for each in group.samples if each.fine and each.answers]
    if not fine:
        return None
    question = find_question(fine)
    streams = [each for each in fine if each.stream]
    by_name = bool(streams) and all(any(each.names) for each in streams) and kind_of(streams) is None
    if by_name:  # then the event's name tells what it is, and expressions see it beside the data
        streams = [with_names(each) for each in streams]
    documents = [each for each in fine if not each.stream]
    answer = find_answer(documents)
    event, mode = find_events(streams)
    if question is None or (answer is None and "text" not in event and "whole" not in event):
        return None
    request: dict[str, Field] = {"text": question}
    response = {} if answer is None else {"text": answer}
    ids = path_ids(group)
    conversation, handed_out = _conversation(group)
    if conversation is not None:
        request["conversation"] = conversation
    elif (place := _conversation_of_route(group)) is not None:
        request["conversation"] = Field("path:conversation", "medium", "the route holds an id")
        ids = [("conversation" if at == place else name, at) for name, at in ids]
    elif (history := find_history(group.samples)) is not None:
        request["history"] = history
    if (user := speaker(group)) is not None:
        request["user"] = user
    for section, samples in ((response, documents), (event, streams)):
        section.update(find_counts(samples, growing="whole" in section) | _extras(samples, handed_out))
    if (model := named(asked(group), ("model",), are_texts)) is not None:
        request["model"] = Field(spelled(model[0]), "medium", "its name")
    return Learned(
        group=group,
        ids=tuple(name for name, _ in ids),
        request=request,
        response=response,
        event=event,
        marks=_marks(documents),
        event_marks=_marks(streams),
        mode=mode,
        named=by_name,
    )


def with_names(sample: Sample) -> Sample:
    """A stream as expressions see it where events are told apart by their names."""
    pairs = zip(sample.names, sample.answers, strict=True)
    return msgspec.structs.replace(sample, answers=tuple([{"event": name, "data": value} for name, value in pairs]))


def _conversation(group: Group) -> tuple[Field | None, Path | None]:
    """Where the conversation's id stands in a request; and in the answer, where the assistant hands it out."""
    best: tuple[float, Path, int, int] | None = None
    places = by_place(sample.asked_leaves() for sample in group.samples)
    for path, values in places.items():
        ids = [str(value) for value in values if is_id(value)]
        if any(isinstance(part, int) for part in path) or len(ids) < 2:
            continue
        counts = Counter(ids)
        if not called(path, CONVERSATIONS) and (len(counts) == 1 or all(each.isdigit() and int(each) < SMALL for each in counts)):
            continue
        again = sum(count for count in counts.values() if count > 1)
        if len(ids) >= 0.5 * len(values) and (again or called(path, CONVERSATIONS)):
            score = 8 * called(path, CONVERSATIONS) - 8 * called(path, PEOPLE) + len(counts) / len(ids) + again / len(ids)
            if best is None or score > best[0]:
                best = (score, path, again, len(counts))
    if best is None or best[0] <= 0:
        return None, None
    _, path, again, distinct = best
    values_asked = {str(value) for value in places[path] if is_id(value)}
    handed = place_of(values_asked, group.samples)
    if handed is not None and any(isinstance(part, int) for part in handed):
        handed = None
    name = bool(called(path, CONVERSATIONS))
    sure: Sure = "high" if name and again else "medium"
    why = f"{distinct} ids, repeated in {again} of {len(group.samples)} requests" + (
        ", handed out by an answer" if handed else ""
    )
    return Field(spelled(path), sure, why), handed


def _conversation_of_route(group: Group) -> int | None:
    """Where a conversation's id stands in a route: after a word for it, else the last that differs. One for all is none."""
    found: list[tuple[float, int]] = []
    for _, at in path_ids(group):
        values = {sample.exchange.path.split("/")[at] for sample in group.samples}
        before = group.segments[at - 1] or ""
        named = called((before,), [*CONVERSATIONS, *[f"{each}s" for each in CONVERSATIONS]])
        if named or len(values) > 1:
            found.append((named + (len(values) > 1), at))
    return max(found)[1] if found else None


def place_of(ids: set[str], samples: Iterable[Sample]) -> Path | None:
    """Where an answer gives one of these ids, at best outside of lists."""
    places = by_place(answered(each) for each in samples)
    found = [path for path, values in places.items() if not ids.isdisjoint(map(str, values))]
    return min(found, key=lambda path: sum(isinstance(part, int) for part in path), default=None)


def speaker(group: Group) -> Field | None:
    """Where a request says who speaks."""
    found = named(asked(group), PEOPLE, lambda values: all(isinstance(each, str | int) and words(each) < 2 for each in values))
    if found is None:
        return None
    path, values = found
    people = len(set(map(str, values)))
    return Field(spelled(path), "medium" if people > 1 else "low", f'its name "{last(path)}", {people} different')


def _extras(samples: Sequence[Sample], handed_out: Path | None) -> dict[str, Field]:
    if not samples:
        return {}
    places = by_place(answered(sample) for sample in samples)
    fields: dict[str, Field] = {}
    if handed_out is not None and handed_out in places:
        fields["conversation"] = Field(spelled(handed_out), "high", "later requests repeat it")
    elif (found := named(places, CONVERSATIONS, _are_shared)) is not None:
        fields["conversation"] = Field(spelled(found[0]), "low", f'its name "{last(found[0])}", the same id in several answers')
    for key, names in (
        ("tokens_in", ("prompt_tokens", "input_tokens", "tokens_in", "promptTokens", "inputTokens")),
        ("tokens_out", ("completion_tokens", "output_tokens", "tokens_out", "completionTokens", "outputTokens")),
    ):
        if (found := named(places, names, lambda values: all(type(each) is int for each in values))) is not None:
            fields[key] = Field(spelled(found[0]), "medium", "its name")
    if (found := named(places, ("model",), are_texts)) is not None:
        fields["model"] = Field(spelled(found[0]), "medium", "its name")
    unique = named(places, ("message_id", "messageId", "answer_id", "answerId", "id"), lambda values: all(map(is_id, values)))
    if unique is not None and unique[0] != handed_out and len(set(map(str, unique[1]))) >= len(samples):
        fields["messages"] = Field(spelled(unique[0]), "medium", "an id of its own in each answer")
    if (found := named(places, ("error", "error_code", "errorCode"), bool)) is not None:
        fields["error"] = Field(spelled(found[0]), "low", "its name")
    return fields


def _are_shared(values: list[Any]) -> bool:
    """Whether values are ids of which some come again, and not all are one."""
    return all(map(is_id, values)) and 1 < len(set(map(str, values))) < len(values)


def _marks(samples: Sequence[Sample]) -> dict[str, Field]:
    for path, values in by_place(answered(sample) for sample in samples).items():
        if (
            any(value is True for value in values)
            and all(isinstance(value, bool) for value in values)
            and _HANDOVER.search(last(path))
        ):
            count = sum(value is True for value in values)
            why = f'true in {count} answers, and its name "{last(path)}": ask who runs it'
            return {"handover_started": Field(spelled(path), "low", why)}
    return _marks_in_words(samples)


def _marks_in_words(samples: Sequence[Sample]) -> dict[str, Field]:
    """A handover that a word of the protocol tells: a kind or a state that some answers have, and others not."""
    for path, values in by_place(answered(sample) for sample in samples).items():
        told = [value for value in values if isinstance(value, str) and words(value) == 1]
        hits = sorted({value for value in told if _HANDOVER.search(value)})
        if not hits or len(told) < len(values) or len(set(told)) > KINDS or set(told) == set(hits) or not called(path, _STATES):
            continue
        *above, name = path
        at = next((place for place, part in enumerate(above) if isinstance(part, int)), None)
        test = " || ".join(f"{spelled((name,))}=='{hit}'" for hit in hits)
        whole = " || ".join(f"{spelled(path)}=='{hit}'" for hit in hits)
        expression = whole if at is None else f"{spelled(tuple(above[:at])) or '@'}[?{test}]"
        if at is not None and at != len(above) - 1:
            continue
        count = sum(value in hits for value in told)
        why = f'"{last(path)}" is {" or ".join(hits)} in {count} of {len(told)} places: ask who runs it'
        return {"handover_started": Field(expression, "low", why)}
    return {}


def asked(group: Group) -> dict[Path, list[Any]]:
    """The values of the requests of a route, by place."""
    return by_place(sample.asked_leaves() for sample in group.samples)


def answered(sample: Sample) -> Iterable[tuple[Path, Any]]:
    """The values of an answer, of all events of a stream."""
    for value in sample.answers:
        yield from leaves(value)


def path_ids(group: Group) -> list[tuple[str, int]]:
    """A name for each id in a route, with its place."""
    places = [at for at, part in enumerate(group.segments) if part is None]
    return [(f"id{number}" if number else "id", at) for number, at in enumerate(places)]


def _total_words(group: Group) -> int:
    return sum(words(leaf) for sample in group.samples for _, leaf in answered(sample))
