"""What is neither turn nor rating, by an enumerated reason: each is counted, none is guessed at."""

from __future__ import annotations

from typing import Final

from proxy.meaning.patterns import Pattern
from proxy.wire.exchange import Exchange

SKIP_REASONS: Final = {
    "preflight": "a browser's CORS question (OPTIONS)",
    "head": "a HEAD request",
    "probe": "a health check or a monitor, by user agent or path",
    "synthetic": "no person's call, by x-synthetic or the settings",
    "background": "made by a program beside the conversation: titles, tags",
    "polling": "asks for an answer that an earlier request began",
    "listing": "lists models or conversations",
    "counting": "counts tokens",
    "tools": "between an assistant and its tools (MCP)",
    "not_chat": "another call of a known API",
    "redirected": "the assistant named another place",
    "tunnel": "an upgraded connection that no preset knows",
    "not_found": "no such route (404, 405)",
    "page": "a GET that no preset knows",
    "unknown": "no preset knows it",
    "feedback_refused": "a feedback call that the assistant did not take",
    "feedback_unread": "a feedback call without a value that can be read",
    "fault": "a fault of this program on this exchange",
}

_PROBE_PATH: Final = Pattern(r"^/(?:health|healthz|healthcheck|livez|readyz|ready|live|ping|metrics|favicon\.ico|robots\.txt)/?$")


def apart(exchange: Exchange) -> str | None:
    """The reason for an exchange that no preset need look at, None for any other."""
    match exchange.method:
        case "OPTIONS":
            return "preflight"
        case "HEAD":
            return "head"
    if exchange.method == "GET" and _PROBE_PATH.hits(exchange.path.encode("utf-8", "replace")):
        return "probe"
    return "tunnel" if exchange.status == 101 else None


def unmatched(exchange: Exchange) -> str:
    """The reason for an exchange that no preset knows."""
    if exchange.status in (404, 405):
        return "not_found"
    return "page" if exchange.method == "GET" else "unknown"


def idle(exchange: Exchange) -> str:
    """The reason for which a call beside the conversation said nothing."""
    return "polling" if exchange.method == "GET" else "not_chat"
