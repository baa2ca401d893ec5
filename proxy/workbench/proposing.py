"""`kpi-proxy learn`: what was found in a recording, as a preset in YAML that a person reads, mends and approves.

The proposal is compiled and its examples are run before it is shown, so that it passes `kpi-proxy check`; and the recording is
read with it, to say how much of it is then understood. Its examples are exchanges of the recording with their texts masked.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from proxy.kpi.events import Rating, Skipped, Turn
from proxy.meaning.answering import answered
from proxy.meaning.choosing import Call, Choice, Choosing
from proxy.meaning.examples import preset_faults
from proxy.meaning.facts import FactReader
from proxy.meaning.presets import Preset, compile_presets
from proxy.meaning.sources import Seen
from proxy.meaning.tables import RulesError
from proxy.settings.files import raw_presets
from proxy.settings.yaml import read_yaml
from proxy.wire.exchange import Exchange
from proxy.wire.messages import Message, Messages
from proxy.workbench.learning import Learned, chat
from proxy.workbench.ratings import LearnedFeedback, feedback, rated
from proxy.workbench.redaction import Redactor
from proxy.workbench.samples import Group, Sample, groups, sample
from proxy.workbench.terms import WorkError
from proxy.workbench.wording import Field

EXAMPLES: Final = 2
"""Exchanges of each form, documents and streams, that become examples."""
EVENTS: Final = 12
"""Events of a stream's example: its first and last ones."""


class Proposal:
    """A preset as text, compiled. `raw` is that of the presets that ship, with this one."""

    def __init__(self, name: str, learned: Learned, ratings: Sequence[LearnedFeedback]) -> None:
        self.name = name
        self._learned = learned
        self._rules = "\n".join(_rules(name, learned, ratings)) + "\n"
        shipped = raw_presets()
        if name in shipped:
            raise WorkError(f'"{name}" is the name of a preset that ships: give another --name')
        try:
            self._presets = compile_presets({**shipped, name: read_yaml(self._rules, name)})
        except RulesError as error:
            raise WorkError(f"what was found makes no preset: {error}") from error
        self.preset = self._presets[name]
        self.raw = {**shipped, name: read_yaml(self.text(), name)}
        faults = preset_faults(compile_presets({name: self.raw[name]})[name])
        if faults:
            raise WorkError("what was found does not read its own examples: " + "; ".join(fault.message for fault in faults))

    def text(self) -> str:
        """The rules with their examples."""
        examples = "\n".join(_examples(self.preset, self._learned.group))
        return f"{self._rules}{examples}\n" if examples else self._rules


def propose(exchanges: Iterable[Exchange], name: str) -> tuple[Proposal, Sequence[Group]]:
    """Learn from exchanges; gives the proposal, and the routes that it does not read. Raises `WorkError` without a chat."""
    found = groups(sample(exchange) for exchange in exchanges)
    learned = chat(found)
    if learned is None:
        seen = "; ".join(f"{len(group.samples)} x {group.method} {route(group)}" for group in found[:8])
        what = "no route was found on which a text is asked and one is answered (what only repeats the question is no answer)"
        raise WorkError(f"{what}; there were: {seen}")
    ratings = feedback(found, learned)
    learned = rated(learned, ratings)
    read = {(each.method, each.segments) for each in (learned.group, *learned.also, *(each.group for each in ratings))}
    return Proposal(name, learned, ratings), [group for group in found if (group.method, group.segments) not in read]


def route(group: Group) -> str:
    """A route with * for its ids."""
    return "/".join(part if part is not None else "*" for part in group.segments)


def understood(events: Iterable[Turn | Rating | Skipped]) -> tuple[int, int, int]:
    """How many events are turns, ratings, neither."""
    kinds = [type(event) for event in events]
    return kinds.count(Turn), kinds.count(Rating), kinds.count(Skipped)


def _rules(name: str, learned: Learned, ratings: Sequence[LearnedFeedback]) -> Iterator[str]:
    yield f"id: {name}"
    yield f"title: {_quoted(f'Learned from {len(learned.group.samples)} exchanges')}"
    yield "match:"
    for group in sorted((learned.group, *learned.also), key=lambda each: len(each.segments)):
        yield f"  - {{method: {group.method}, path: {_quoted(group.pattern(learned.ids))}}}"
    yield from _section("request", learned.request, lists=("conversation", "user", "model"))
    yield from _section("response", learned.response, marks=learned.marks)
    yield from _section("event", learned.event, marks=learned.event_marks)
    if learned.mode != "append" or learned.named:
        yield f"stream: {{mode: {learned.mode}{', named: true' if learned.named else ''}}}"
    if ratings:
        yield "feedback:"
    for each in ratings:
        yield f"  - match: {{method: {each.group.method}, path: {_quoted(each.group.pattern(each.ids))}}}"
        for key, field in each.fields.items():
            yield f"    # {field.sure}: {field.why}"
            yield f"    {key}: {_quoted(field.text) if key in ('score', 'scale') else f'[{_quoted(field.text)}]'}"
        if each.unsaid:
            yield "    # not known what these say: put up, down or revoke for each, until then they are not read"
            yield f"    # values: {{{', '.join(f'{_quoted(word)}: up' for word in each.unsaid)}}}"


def _section(
    name: str, fields: Mapping[str, Field], lists: Sequence[str] = (), marks: Mapping[str, Field] | None = None
) -> Iterator[str]:
    if not fields:
        return
    yield f"{name}:"
    for key, field in fields.items():
        yield f"  # {field.sure}: {field.why}"
        yield f"  {key}: {f'[{_quoted(field.text)}]' if key in lists else _quoted(field.text)}"
    if marks:
        yield "  marks:"
        for key, field in marks.items():
            yield f"    # {field.sure}: {field.why}"
            yield f"    {key}: {_quoted(field.text)}"


def _examples(preset: Preset, group: Group) -> Iterator[str]:
    redactor = Redactor(secrets.token_bytes(16))
    fine = [each for each in group.samples if each.fine and each.answers]
    chosen = [*[each for each in fine if not each.stream][:EXAMPLES], *[each for each in fine if each.stream][:EXAMPLES]]
    shown = [lines for each in chosen if (lines := _example(preset, each, redactor))]
    if shown:
        yield "# Exchanges of the recording, their texts masked: `kpi-proxy check` reads them with the rules above."
        yield "examples:"
        yield "  match:"
    for lines in shown:
        yield from lines


def _example(preset: Preset, each: Sample, redactor: Redactor) -> list[str]:
    """One example, with what the preset makes of it now; none when that is nothing."""
    facts = FactReader()
    path = redactor.exchange(each.exchange).path
    asked = redactor.value(each.asked)
    answers = [redactor.value(value) for value in each.answers]
    if len(answers) > EVENTS:
        answers = [*answers[: EVENTS - 3], *answers[-3:]]
    names = [*each.names[: EVENTS - 3], *each.names[-3:]] if len(each.names) > EVENTS else list(each.names)
    choice = Choosing({preset.id: preset}, preset.id, facts).choose(Call(each.exchange.method, path, asked, {}, {}))
    if not isinstance(choice, Choice):
        return []
    seen = Seen({}, {}, choice.groups, asked)
    messages = Messages(
        tuple([Message(value, name, None) for value, name in zip(answers, names, strict=True)]), stream=each.stream
    )
    request = facts.asked(preset, seen, trusted=False)
    answer = answered(facts, preset, messages)
    expect = {"user_text": request.text, "text": answer.text}
    if conversation := answer.conversation or request.conversation:
        expect["conversation"] = conversation
    if preset.named and each.stream:
        answers = [{"event": name, "data": value} for value, name in zip(answers, names, strict=True)]
    body = f"events: {_json(answers)}" if each.stream else f"response: {_json(answers[0])}"
    method = f"method: {each.exchange.method}, " if each.exchange.method != "POST" else ""
    return [
        f"    - {{{method}path: {_quoted(path)}, request: {_json(asked)},",
        f"       {body},",
        f"       expect: {_json(expect)}}}",
    ]


def _quoted(text: str) -> str:
    """A scalar in single quotes: backslashes of patterns stay as they are."""
    return "'" + text.replace("'", "''") + "'"


def _json(value: Any) -> str:
    """A value in YAML's flow style, of which JSON in ASCII is a part."""
    return json.dumps(value)
