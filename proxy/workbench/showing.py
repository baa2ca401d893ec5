"""Explanations as text for a terminal, and as JSON Lines for programs. Texts and ids only where the operator asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, assert_never

from proxy.kpi.events import Event, Rating, Skipped, Turn, Typed
from proxy.meaning.skipping import SKIP_REASONS
from proxy.workbench.explaining import Explained, Totals
from proxy.workbench.redaction import anonymous

SHOWN: Final = 300
"""Characters of a text that are shown."""


def lines(explained: Explained, *, texts: bool) -> Iterator[str]:
    """One exchange in some lines."""
    exchange = explained.exchange
    at = datetime.fromtimestamp(exchange.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    path = exchange.path if texts else anonymous(exchange.path)
    ending = "" if exchange.ending == "complete" else f"  {exchange.ending}"
    yield f"{explained.number:5}  {at}  {exchange.method} {path} -> {exchange.status or 'no answer'}{ending}"
    for event in explained.events or (None,):
        yield from _event(event, explained, texts=texts)
    if explained.gaps:
        yield f"       not decoded: {', '.join(explained.gaps)}"
    if explained.unreadable:
        yield f"       {explained.unreadable} expressions met a type that they do not take"
    if explained.unread:
        yield f"       texts that no rule read: {', '.join(explained.unread)}"


def _event(event: Event | None, explained: Explained, *, texts: bool) -> Iterator[str]:
    match event:
        case None:
            yield "       nothing yet: it belongs to an exchange that is still to come"
        case Skipped():
            yield f"       no turn: {event.reason} ({SKIP_REASONS.get(event.reason, '')})"
            if event.reason == "unknown":
                yield f"       shape: {explained.shape}"
        case Rating():
            word = {None: "neutral", True: "good", False: "bad"}[event.satisfied]
            score = "" if event.score is None else f", {event.score:g} of {event.scale}"
            target = "a message" if event.message else "a conversation" if event.conversation else "nobody known"
            yield f"       {explained.preset}: rating {word}{score} of {target}{', taken back' if event.revoked else ''}"
        case Turn():
            yield from _turn(event, explained, texts=texts)
        case _:
            assert_never(event)


def _turn(turn: Turn, explained: Explained, *, texts: bool) -> Iterator[str]:
    kind = "beside the conversation" if turn.aside else "goes on with the turn before" if turn.continues else "turn"
    error = f" ({turn.error})" if turn.error else ""
    how = explained.confidence or ("by a sign" if turn.aside else "by another exchange")
    person = ", made by no person (excluded)" if turn.excluded else ""
    yield f"       {turn.preset} ({how}): {kind}, {turn.result}{error}{person}"
    told = (" (by what was said before)" if turn.later else " (of the user)") if turn.derived else ""
    conversation = "none" if turn.conversation is None else f"{turn.conversation[:8]}{told}"
    yield f"       user {turn.user[:8] if turn.user else 'none'}, conversation {conversation}" + "".join(
        f", {name} {value}"
        for name, value in (("model", turn.model), ("department", turn.department), ("profile", turn.profile))
        if value
    )
    yield f"       asked {_text(explained.texts.asked, texts=texts)}"
    first = "" if turn.first_text is None else f", first text after {turn.first_text:.3f} s"
    whole = "" if turn.duration is None else f", whole after {turn.duration:.3f} s"
    tokens = (
        ""
        if turn.tokens_in is None and turn.tokens_out is None
        else f", tokens {turn.tokens_in or 0} in {turn.tokens_out or 0} out"
    )
    yield f"       answered {_text(explained.texts.answered, texts=texts)}{first}{whole}{tokens}"
    for mark in turn.marks:
        yield f"       {mark.kind} by {mark.source}: {mark.rule}"
    if turn.sentiment is not None:
        yield f"       sounds {turn.sentiment.feeling} ({turn.sentiment.score:+.2f})"
    if turn.typed is not None:
        yield f"       may rate the answer before: {_rating(turn.typed)}"
    if turn.seeks:
        yield f"       its answer ends with a question: {turn.seeks}"
    if turn.partial:
        yield "       the capture was cut: phrases may be missing"


def _rating(typed: Typed) -> str:
    if typed.scale is None:
        return "yes or no" if typed.score is None else f"{typed.score:g}, where one was asked for"
    word = {None: "neutral", True: "good", False: "bad"}[typed.satisfied]
    return word if typed.scale == "binary" else f"{word}, {typed.score:g} of {typed.scale}"


def _text(text: str, *, texts: bool) -> str:
    if not text:
        return "nothing"
    if texts:
        return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")
    return f"{len(text.split())} words, {len(text)} characters"


def summary(totals: Totals) -> Iterator[str]:
    """The totals in some lines, the most frequent first."""
    for title, counts in totals.counts.items():
        if counts:
            yield f"{title}:"
            yield from (f"  {count:6}  {what}" for what, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def plain(explained: Explained, *, texts: bool) -> dict[str, Any]:
    """One exchange as JSON: the events as the outbox would keep them."""
    exchange = explained.exchange
    asked, answered = explained.texts.asked, explained.texts.answered
    return {
        "number": explained.number,
        "at": exchange.at,
        "method": exchange.method,
        "path": exchange.path if texts else anonymous(exchange.path),
        "status": exchange.status,
        "preset": explained.preset,
        "confidence": explained.confidence,
        "events": explained.events,
        "asked": asked if texts else len(asked),
        "answered": answered if texts else len(answered),
        "shape": explained.shape,
        "unread": explained.unread,
        "gaps": explained.gaps,
        "unreadable": explained.unreadable,
    }
