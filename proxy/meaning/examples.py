"""Runs the examples that presets and marker files carry, so that a rule's author learns before the first request.

An example of a preset is a request with an answer in one piece (`response`) or as events (`events`), and what must be read
from it (`expect`: facts, a rating, or the reason to skip it); under `ignore`, what the preset must leave alone. With
`socket: true` the request is a message of a socket's client, and the events are the assistant's. Examples of markers are
sentences with their class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy.meaning.answering import answered
from proxy.meaning.choosing import Call, Choice, Choosing, FeedbackChoice
from proxy.meaning.facts import Answer, Asked, FactReader
from proxy.meaning.feedback import pieces
from proxy.meaning.functions import false
from proxy.meaning.markers import ASSISTANT_CLASSES, MarkerFile, Markers, classed
from proxy.meaning.presets import Preset
from proxy.meaning.ratings import judge, named_scale
from proxy.meaning.results import verdict
from proxy.meaning.rules import FeedbackRules
from proxy.meaning.sources import Seen
from proxy.meaning.tables import Fault, Table
from proxy.wire.exchange import Body, Exchange
from proxy.wire.messages import Message, Messages


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
        found = _read(preset, example) or {"skip": "no match"}
        if "skip" not in found and (found["confidence"] != "guess" or (found["user_text"] and found["text"])):
            example.fault("", "matches, and should not")
        example.close()
    table.close()
    return tuple(faults)


def _read(preset: Preset, example: Table) -> Mapping[str, Any] | None:
    facts = FactReader()
    method = example.text("method") or "POST"
    path = example.text("path", needed=True)
    request, response, events = example.raw("request"), example.raw("response"), example.raw("events")
    headers, response_headers = example.raw("headers") or {}, example.raw("response_headers") or {}
    body = {} if request is None else request
    socket = preset.socket is not None and example.flag("socket")
    call = Call(method, path, {} if socket else body, headers, response_headers, socket=socket)
    choice = Choosing({preset.id: preset}, preset.id, facts).choose(call)
    seen = Seen(headers, {}, choice.groups if isinstance(choice, Choice | FeedbackChoice) else {}, body)
    match choice:
        case None:
            return None
        case str():
            return {"skip": choice, "confidence": ""}
        case FeedbackChoice(rules=rules):
            return _rated(facts, rules, seen, preset)
    if isinstance(events, list):
        messages = Messages(tuple(_event(event, preset) for event in events), stream=True)
    elif preset.silent:
        messages = Messages()
    else:
        messages = Messages((Message(response, "", None),))
    asked = facts.asked(preset, seen, trusted=False)
    return {"confidence": choice.confidence, **_shown(asked, answered(facts, preset, messages), preset, path)}


def _event(event: Any, preset: Preset) -> Message:
    """An event as it is written in an example: of a preset with named events as {event, data}."""
    if preset.named and isinstance(event, dict):
        return Message(event.get("data"), str(event.get("event", "")), None)
    return Message(event, "", None)


def _rated(facts: FactReader, rules: FeedbackRules, seen: Seen, preset: Preset) -> Mapping[str, Any]:
    """What the first piece of feedback says, and how many there are."""
    name = preset.id
    found = pieces(facts, rules, seen.body, name)
    seen = Seen(seen.headers, seen.query, seen.groups, found[0] if found else None)
    scale = rules.scale or named_scale(facts.get(rules.scale_field, seen.body, name))
    judgement = judge(facts.get(rules.score, seen.body, name), rules.values, scale)
    return {
        "confidence": "",
        "rated": None if judgement is None else judgement.satisfied,
        "scale": None if judgement is None else judgement.scale,
        "revoked": not false(facts.get(rules.revoked, seen.body, name)) or (judgement is not None and judgement.revoked),
        "user": facts.first(rules.user, seen, name, trusted=False),
        "conversation": facts.first(rules.conversation, seen, name),
        "message": facts.first(rules.message, seen, name),
        "pieces": len(found),
    }


def _shown(asked: Asked, answer: Answer, preset: Preset, path: str) -> Mapping[str, Any]:
    exchange = Exchange("", "", 0.0, "", "POST", path, {}, {}, Body(), 0.0, 200, 0.0, {}, Body(), "complete", 0.0)
    return {
        "user_text": asked.text,
        "said": asked.said,
        "user": asked.user,
        "conversation": answer.conversation or asked.conversation,
        "parent": asked.parent,
        "continues": asked.continues,
        "aside": asked.aside,
        "delivers": asked.delivers,
        "history": [text for _, text in asked.history],
        "background": asked.background,
        "text": answer.text,
        "model": answer.model or asked.model,
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
        "tokens_cached": answer.tokens_cached,
        "tokens_written": answer.tokens_written,
        "tokens_reasoning": answer.tokens_reasoning,
        "tools": answer.tools,
        "messages": answer.messages,
        "targets": answer.targets,
        "error": answer.error,
        "ended": answer.ended,
        "marks": [kind for kind, _ in (*asked.marks, *answer.marks)],
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
                    found, _ = classed(markers.assistant(text), ASSISTANT_CLASSES)
                case "user":
                    found = bool(markers.user(text))
                case _:
                    found = next((mark.kind for mark in markers.tools([text])), "none")
            if found != wanted:
                table.fault(f"{speaker}[{at}]", f"{text!r} is judged {found!r}, not {wanted!r}")
    table.close()
    return tuple(faults)
