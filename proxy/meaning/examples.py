"""Runs the examples that presets and marker files carry, so that a rule's author learns before the first request.

An example of a preset is a request with an answer in one piece (`response`) or as events (`events`), and what must be read
from it (`expect`); under `ignore`, what the preset must leave alone. Examples of markers are sentences with their class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from proxy.meaning.choosing import Choosing
from proxy.meaning.facts import Answer, Asked, FactReader
from proxy.meaning.markers import MarkerFile, Markers
from proxy.meaning.presets import Preset
from proxy.meaning.results import verdict
from proxy.meaning.sources import Seen
from proxy.meaning.tables import Fault, Table
from proxy.wire.exchange import Body, Exchange
from proxy.wire.messages import Message, Messages

_CLASSES: Final = {"handover_started": "started", "handover_offered": "offered", "no_answer": "no_answer"}


def preset_faults(preset: Preset) -> tuple[Fault, ...]:
    """Every example of the preset that does not come out as it says."""
    faults: list[Fault] = []
    table = Table(preset.examples, f"{preset.id}.examples", faults)
    for example in table.tables("match"):
        expect = example.table("expect")
        found = _read(preset, example)
        for key in expect.every():
            if found is None:
                example.fault("", "no match")
                break
            if key not in found:
                expect.fault(key, f"no such fact; known are {', '.join(found)}")
            elif (wanted := expect.raw(key)) != found[key]:
                expect.fault(key, f"{found[key]!r} was read, not {wanted!r}")
        example.text("name")
        example.close()
    for example in table.tables("ignore"):
        found = _read(preset, example)
        if found is not None and (preset.routes or (found["user_text"] and found["text"])):
            example.fault("", "matches, and should not")
        example.close()
    table.close()
    return tuple(faults)


def _read(preset: Preset, example: Table) -> Mapping[str, Any] | None:
    facts = FactReader()
    method = example.text("method") or "POST"
    path = example.text("path", needed=True)
    request, response, events = example.raw("request"), example.raw("response"), example.raw("events")
    choice = Choosing({preset.id: preset}, preset.id, facts).choose(method, path, {} if request is None else request)
    if choice is None:
        return None
    seen = Seen({}, {}, choice.groups, request)
    values = events if isinstance(events, list) else [response]
    messages = Messages(tuple(Message(value, "", None) for value in values), stream=events is not None)
    asked = facts.asked(preset, seen, trusted=False)
    return _shown(asked, facts.answer(preset, messages), preset, path)


def _shown(asked: Asked, answer: Answer, preset: Preset, path: str) -> Mapping[str, Any]:
    exchange = Exchange("", "", 0.0, "", "POST", path, {}, {}, Body(), 0.0, 200, 0.0, {}, Body(), "complete", 0.0)
    return {
        "user_text": asked.text,
        "user": asked.user,
        "conversation": answer.conversation or asked.conversation,
        "parent": asked.parent,
        "continues": asked.continues,
        "text": answer.text,
        "model": answer.model or asked.model,
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
        "tools": answer.tools,
        "messages": answer.messages,
        "error": answer.error,
        "ended": answer.ended,
        "marks": [kind for kind, _ in answer.marks],
        "result": verdict(exchange, answer, preset, readable=answer.understood).result,
    }


def marker_faults(file: MarkerFile) -> tuple[Fault, ...]:
    """Every example of the marker file that does not come out as it says."""
    faults: list[Fault] = []
    table = Table(file.examples, f"{file.id}.examples", faults)
    markers = Markers([file])
    for speaker in ("assistant", "user", "tools"):
        for at, example in enumerate(table.raw(speaker) or ()):
            if not isinstance(example, list) or len(example) != 2 or not isinstance(example[0], str):
                table.fault(f"{speaker}[{at}]", "an example is [text, class]")
                continue
            text, wanted = example
            found: object
            match speaker:
                case "assistant":
                    kinds = [mark.kind for mark in markers.assistant(text)]
                    found = next((name for kind, name in _CLASSES.items() if kind in kinds), "none")
                case "user":
                    found = bool(markers.user(text))
                case _:
                    found = next((mark.kind for mark in markers.tools([text])), "none")
            if found != wanted:
                table.fault(f"{speaker}[{at}]", f"{text!r} is judged {found!r}, not {wanted!r}")
    table.close()
    return tuple(faults)
