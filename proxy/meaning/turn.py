"""The facts of an exchange become a turn: result, times, marks, and hashes in place of identities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, get_args

import msgspec

from proxy.kpi.calendar import monday, today
from proxy.kpi.echo import Sketch
from proxy.kpi.events import Mark, MarkKind, MarkSource, Turn, TurnResult
from proxy.meaning import attempts
from proxy.meaning.directory import LABEL_LIMIT, Person
from proxy.meaning.facts import Answer, Asked
from proxy.meaning.hashing import Keyed
from proxy.meaning.identity import Who
from proxy.meaning.markers import Markers
from proxy.meaning.patterns import Pattern
from proxy.meaning.presets import Preset
from proxy.meaning.questions import sketch
from proxy.meaning.results import Verdict
from proxy.meaning.stitching import question, trail
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
    artificial: bool = False  # by its head, no person made it
    signs: tuple[Mark, ...] = ()  # what HTTP alone says of it


def marks_of(read: Read, markers: Markers) -> tuple[Mark, ...]:
    """Marks of the last user message and of the new answer. History, system text and reasoning are never looked at."""
    source = read.preset.source
    marks = [Mark(kind, source, rule) for kind, rule in (*read.asked.marks, *read.answer.marks)]
    if read.verdict.result == "no_answer":
        marks.append(Mark("no_answer", "protocol", f"{read.preset.id}/no_answer"))
    marks += read.signs
    marks += _said(read, markers)
    return _surest(marks)


def tried(read: Read, markers: Markers) -> tuple[Mark, ...]:
    """Marks of rules that change no figure, of the same texts and tools."""
    return _surest(_said(read, markers))


def _said(read: Read, markers: Markers) -> Iterator[Mark]:
    yield from markers.tools(read.answer.tools)
    if not read.torn:
        yield from markers.assistant(read.answer.text)
    yield from markers.assistant(read.asked.said)
    if not read.asked.continues:
        yield from markers.user(read.asked.text)


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
    exchange: Exchange, read: Read, marks: tuple[Mark, ...], keyed: Keyed, people: Mapping[str, Person], channel: str, zone: str
) -> Turn:
    """Build the turn; weeks are those of a time zone."""
    asked, answer, verdict, who = read.asked, read.answer, read.verdict, read.who
    assistant = exchange.assistant
    account = keyed.user(who.user) if who.user is not None else None
    user = None if who.excluded or read.artificial else account
    place = _place(exchange, read, keyed, account)
    delivered = _delivered(exchange, answer) if asked.delivers else None
    person = people.get(user) if user is not None else None
    fallback = person or Person()
    beside = asked.aside or asked.delivers
    return Turn(
        id=exchange.id,
        assistant=assistant,
        at=exchange.at if delivered is None else delivered,
        result=_result(verdict.result, marks, answer),
        conversation=place.conversation,
        derived=place.derived,
        user=user,
        eligible=person is not None and person.counts(monday(today(zone, exchange.at))),
        department=who.department or fallback.department,
        profile=who.profile or fallback.profile,
        channel=channel,
        preset=read.preset.id,
        model=(answer.model or asked.model)[:LABEL_LIMIT],
        continues=asked.continues or beside,
        aside=asked.aside,
        excluded=who.excluded or read.artificial,
        duration=_duration(exchange, answer) if verdict.whole and not beside else None,
        first_text=None if beside else _since(exchange, answer.text_after),
        marks=marks,
        messages=tuple(keyed.message(assistant, message) for message in answer.messages),
        parent=keyed.message(assistant, asked.parent) if asked.parent is not None else None,
        sooner=place.sooner,
        later=place.later,
        asked=place.asked,
        history=place.history,
        opening=place.opening,
        attempt=attempts.again(exchange.headers),
        failed_after=None if verdict.whole or verdict.pending or beside else exchange.ended_after,
        awaits=exchange.at + exchange.request_after if verdict.pending and not beside else None,
        delivers=delivered,
        targets=tuple(keyed.message(assistant, target) for target in answer.targets) if asked.delivers else (),
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        tokens_cached=answer.tokens_cached,
        tokens_written=answer.tokens_written,
        tokens_reasoning=answer.tokens_reasoning,
        error=verdict.error,
        partial=read.partial,
        sketch=None if asked.continues or beside else _sketched(exchange, read, marks, keyed, user),
        trace=trace if (trace := exchange.headers.get("traceparent")) and _TRACE.hits(trace.encode("utf-8", "replace")) else "",
    )


class _Place(msgspec.Struct, frozen=True):
    """Where a turn belongs, and by what it is found: fields of `Turn`."""

    conversation: str | None
    derived: bool = False
    sooner: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    asked: str | None = None
    history: bool = False
    opening: str | None = None


def _place(exchange: Exchange, read: Read, keyed: Keyed, user: str | None) -> _Place:
    """The conversation by its id; else by what was said before, which may still tell another; else the user's or account's."""
    asked, answer, assistant = read.asked, read.answer, exchange.assistant
    scope, named = user or exchange.client, user is not None
    last = question(keyed, f"{assistant}\0{scope}\0{asked.parent or ''}", asked.history)
    words = None if last is None else last.asked
    if last is None and asked.text and not asked.continues:
        start = f"{assistant}\0{scope}\0{read.conversation or ''}\0{asked.parent or ''}"
        words = keyed.said(start, asked.text, person=True)
    if read.conversation is not None:
        # With an id, a client may send the new message alone: the same "yes" may then be said twice.
        sure = asked.parent is not None or attempts.again(exchange.headers)
        history = sure or (last is not None and not last.begins)
        return _Place(keyed.conversation(assistant, read.conversation), asked=words, history=history)
    if asked.delivers:
        return _Place(None)
    if last is not None:
        whose = user if asked.continues or not last.begins else None
        told = trail(keyed, last, answer.text, continues=asked.continues, named=named)
        name = attempts.call_name(exchange.headers)
        call = () if name is None else (keyed.call(assistant, scope, name),)
        sooner, later = (*call, *told.sooner), (*told.later, *call)
        return _Place(_derived(exchange, keyed, whose), True, sooner, later, words, history=True, opening=told.opening)
    if asked.parent is not None:
        return _Place(_derived(exchange, keyed, user), derived=True, asked=words, history=True)
    if read.preset.request.parent is not None and answer.messages and not asked.continues:
        return _Place(_derived(exchange, keyed, None), asked=words)  # what follows names this answer
    others = None if user is None else keyed.derived(assistant, user)
    return _Place(others, derived=others is not None, asked=words)


def _derived(exchange: Exchange, keyed: Keyed, user: str | None) -> str:
    """The conversation of a user; without one, what begins with this exchange."""
    return keyed.began(exchange.assistant, exchange.id) if user is None else keyed.derived(exchange.assistant, user)


def _sketched(exchange: Exchange, read: Read, marks: tuple[Mark, ...], keyed: Keyed, user: str | None) -> Sketch | None:
    """Sketch the message; its words are like no other person's, and like those of no other conversation that has an id."""
    if not read.asked.text or read.who.excluded or read.artificial:
        return None
    key = keyed.asked(f"{exchange.assistant}\0{read.conversation or ''}\0{user or exchange.client}")
    return sketch(read.asked.text, key, thanks=any(mark.kind == "thanks" for mark in marks))


def _delivered(exchange: Exchange, answer: Answer) -> float:
    """Unix seconds at which an awaited answer had come."""
    return exchange.at + exchange.request_after + (_duration(exchange, answer) or 0.0)


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
