"""The facts of an exchange become a turn: result, times, marks, and hashes in place of identities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, get_args

import msgspec

from proxy.kpi.events import Mark, MarkKind, MarkSource, Turn, TurnResult
from proxy.meaning.directory import LABEL_LIMIT, Person
from proxy.meaning.facts import Answer, Asked
from proxy.meaning.hashing import Keyed
from proxy.meaning.identity import Who
from proxy.meaning.markers import Markers
from proxy.meaning.patterns import Pattern
from proxy.meaning.presets import Preset
from proxy.meaning.results import Verdict
from proxy.wire.exchange import Exchange

PRECEDENCE: Final[Mapping[MarkSource, int]] = {source: at for at, source in enumerate(get_args(MarkSource))}
"""Surer sources first: a field of the protocol beats a tool's name, which beats a phrase."""

_TRACE: Final = Pattern(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
"""W3C Trace Context, 3.2: anything else in that header may be content, and is not kept."""


class Read(msgspec.Struct, frozen=True):
    """All that was understood of one exchange. `partial`: the capture lacks some of it; `torn`: the answer's text ends early."""

    preset: Preset
    asked: Asked
    answer: Answer
    verdict: Verdict
    who: Who
    conversation: str | None
    partial: bool
    torn: bool


def marks_of(read: Read, markers: Markers) -> tuple[Mark, ...]:
    """Marks of the last user message and of the new answer. History, system text and reasoning are never looked at."""
    source = read.preset.source
    marks = [Mark(kind, source, rule) for kind, rule in (*read.asked.marks, *read.answer.marks)]
    if read.verdict.result == "no_answer":
        marks.append(Mark("no_answer", "protocol", f"{read.preset.id}/no_answer"))
    marks += markers.tools(read.answer.tools)
    if not read.torn:
        marks += markers.assistant(read.answer.text)
    marks += markers.assistant(read.asked.said)
    if not read.asked.continues:
        marks += markers.user(read.asked.text)
    return _surest(marks)


def _surest(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    kept: dict[MarkKind, Mark] = {}
    for mark in marks:
        other = kept.get(mark.kind)
        if other is None or PRECEDENCE[mark.source] < PRECEDENCE[other.source]:
            kept[mark.kind] = mark
    started, transfer = kept.get("handover_started"), kept.get("ai_transfer")
    if started is not None and transfer is not None and PRECEDENCE[transfer.source] < PRECEDENCE[started.source]:
        del kept["handover_started"]  # the words are those of a transfer that a surer source says goes to another AI
    elif started is not None:
        kept.pop("handover_offered", None)
        kept.pop("handover_refused", None)
    return tuple(kept.values())


def turn_of(
    exchange: Exchange, read: Read, marks: tuple[Mark, ...], keyed: Keyed, people: Mapping[str, Person], channel: str
) -> Turn:
    """Build the turn."""
    asked, answer, verdict, who = read.asked, read.answer, read.verdict, read.who
    assistant = exchange.assistant
    user = keyed.user(who.user) if who.user is not None and not who.excluded else None
    derived = read.conversation is None and user is not None
    conversation: str | None
    if read.conversation is not None:
        conversation = keyed.conversation(assistant, read.conversation)
    else:
        conversation = keyed.derived(assistant, user) if user is not None else None
    person = people.get(user) if user is not None else None
    fallback = person or Person()
    return Turn(
        id=exchange.id,
        assistant=assistant,
        at=exchange.at,
        result=_result(verdict.result, marks, answer),
        conversation=conversation,
        derived=derived,
        user=user,
        eligible=person is not None,
        department=who.department or fallback.department,
        profile=who.profile or fallback.profile,
        channel=channel,
        preset=read.preset.id,
        model=(answer.model or asked.model)[:LABEL_LIMIT],
        continues=asked.continues or asked.aside,
        aside=asked.aside,
        duration=_duration(exchange, answer) if verdict.whole and not asked.aside else None,
        first_text=None if asked.aside else _since(exchange, answer.text_after),
        marks=marks,
        messages=tuple(keyed.message(assistant, message) for message in answer.messages),
        parent=keyed.message(assistant, asked.parent) if asked.parent is not None else None,
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        tokens_cached=answer.tokens_cached,
        tokens_reasoning=answer.tokens_reasoning,
        error=verdict.error,
        partial=read.partial,
        trace=trace if (trace := exchange.headers.get("traceparent")) and _TRACE.hits(trace.encode("utf-8", "replace")) else "",
    )


def _result(result: TurnResult, marks: tuple[Mark, ...], answer: Answer) -> TurnResult:
    """A fallback phrase makes an otherwise fine answer a no-answer, unless the assistant went on to a tool."""
    if result == "ok" and not answer.tools and any(mark.kind == "no_answer" for mark in marks):
        return "no_answer"
    return result


def _duration(exchange: Exchange, answer: Answer) -> float | None:
    if answer.terminal_after is not None:
        return _since(exchange, answer.terminal_after)
    last = None if exchange.response.cut else exchange.response.after(len(exchange.response.data))
    return _since(exchange, exchange.ended_after if last is None else last)


def _since(exchange: Exchange, after: float | None) -> float | None:
    """Seconds from the last byte of the request; an answer may begin before that."""
    return None if after is None else max(0.0, after - exchange.request_after)
