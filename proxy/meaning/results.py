"""How a turn ended: one table from ending, status, in-stream error and finish reason to a result and an error class.

    what was seen                                                   result      error class
    relay's own 504, ending "timeout", status 408 or 504            timeout     timeout
    the client left before the answer's last event or an error      cancelled
    upstream unreachable / broken before the last event             error       upstream_unreachable / upstream_broken
    refused by the relay / cut by a drain                           error       refused / drained
    status 400..499 that names a content filter                     blocked     content_filter
    status 429; other 4xx                                           error       rate_limited; client_error
    status 503 or 529; other 5xx                                    error       overloaded; server_error
    an error inside a 200 answer                                    by its own words, see `error_class`
    a finish reason that the preset maps (content_filter, refusal)  as mapped
    a refusal field; a whole answer without text and tools          no_answer
    anything else                                                   ok

An answer ends with its last event, not with the connection: a client that leaves or an upstream that breaks after the
terminal event has ended nothing; nor has one that does so at the news of an error.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.kpi.events import TurnResult
from proxy.meaning.facts import Answer
from proxy.meaning.presets import Preset
from proxy.wire.exchange import Exchange


class Verdict(msgspec.Struct, frozen=True):
    """A turn's result. `whole`: the answer is complete, so that it has a duration. `pending`: it comes by another exchange."""

    result: TurnResult
    error: str = ""
    whole: bool = False
    pending: bool = False


_TIMEOUT: Final = Verdict("timeout", "timeout")
_CANCELLED: Final = Verdict("cancelled")

# In this order: the first words that occur in a code, type or message decide.
_CLASSES: Final = (
    ("content_filter", ("content_filter", "content_policy", "contentfilter", "responsibleai", "guardrail")),
    ("rate_limited", ("rate_limit", "rate limit", "ratelimit", "too many requests", "quota", "throttl")),
    ("overloaded", ("overloaded", "capacity", "unavailable")),
    ("timeout", ("timeout", "timed out", "deadline")),
    ("client_error", ("invalid", "not_found", "authentication", "permission", "unauthorized", "context_length")),
)


def error_class(error: str) -> str:
    """The enumerated class of an error's own words: a code, a type or a message."""
    words = error.lower()
    for name, marks in _CLASSES:
        if any(mark in words for mark in marks):
            return name
    return "stream_error" if not words.isdigit() else _status_error(int(words[:3])).error or "stream_error"


def verdict(exchange: Exchange, answer: Answer, preset: Preset, *, readable: bool) -> Verdict:
    """Judge an exchange; `readable`: the answer was understood to its end."""
    if not answer.ended and not answer.error:
        match exchange.ending:
            case "timeout":
                return _TIMEOUT
            case "client_gone":
                return _CANCELLED
            case "upstream_unreachable" | "upstream_broken" | "refused" | "drained":
                return Verdict("error", exchange.ending)
            case "complete":
                pass
    status = exchange.status or 0
    if status >= 400:
        if 400 <= status < 500 and error_class(answer.error) == "content_filter":
            return Verdict("blocked", "content_filter", whole=True)
        return _status_error(status)
    if answer.error:
        return _worded(answer.error)
    mapped = "pending" if answer.awaited else preset.results.get(answer.finish, "ok")
    match mapped:
        case "pending":
            return Verdict("ok", pending=True)
        case "ok":
            empty = readable and not (answer.text.strip() or answer.tools or answer.parts or answer.marks)
            no_answer = answer.refusal or empty
            return Verdict("no_answer" if no_answer else "ok", whole=True)
        case "blocked":
            return Verdict("blocked", "content_filter", whole=True)
        case "error" | "timeout":
            return Verdict(mapped, answer.finish if answer.finish == "timeout" else "server_error")
        case "cancelled":
            return _CANCELLED
        case "no_answer":
            return Verdict("no_answer", whole=True)


def _status_error(status: int) -> Verdict:
    match status:
        case 408 | 504:
            return _TIMEOUT
        case 429:
            return Verdict("error", "rate_limited")
        case 503 | 529:
            return Verdict("error", "overloaded")
        case _ if 400 <= status < 500:
            return Verdict("error", "client_error")
        case _ if status >= 500:
            return Verdict("error", "server_error")
    return Verdict("error", "")


def _worded(error: str) -> Verdict:
    name = error_class(error)
    match name:
        case "content_filter":
            return Verdict("blocked", name, whole=True)
        case "timeout":
            return _TIMEOUT
        case _:
            return Verdict("error", name)
