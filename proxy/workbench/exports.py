"""Conversation exports as JSON Lines: what desks, data lakes and chat stores write when asked for their conversations.

Two forms, told apart line by line, with the usual names of fields:

    {"conversation": "c1", "user": "u1", "at": "2026-10-01T09:00:00Z", "role": "user", "text": "Hello"}
    {"conversation": "c1", "user": "u1", "messages": [{"role": "user", "text": "Hello", "at": ...}, {"role": "assistant", ...}]}

A user's messages up to the next answer are one turn. An export has no wire, so each turn becomes an exchange of Chat
Completions, and no preset has to be chosen. The response time is the time between question and answer, where both have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from proxy.wire.exchange import Body, Exchange

PRESET: Final = "openai-chat"
"""How the exchanges made here are to be read."""

_NAMES: Final = {
    "conversation": ("conversation", "conversation_id", "conversationId", "session", "session_id", "sessionId", "thread_id",
                     "threadId", "chat_id", "chatId", "id"),
    "user": ("user", "user_id", "userId", "email", "sender_id"),
    "at": ("at", "time", "timestamp", "created_at", "createdAt", "created", "date"),
    "role": ("role", "side", "author", "from", "sender"),
    "text": ("text", "content", "message", "body"),
}  # fmt: skip
_ROLES: Final = {"user": "user", "human": "user", "customer": "user", "visitor": "user", "assistant": "assistant",
                 "bot": "assistant", "ai": "assistant", "model": "assistant"}  # fmt: skip
_SILENT: Final = frozenset({"system", "developer", "tool", "function"})


class Said(msgspec.Struct, frozen=True):
    """One message of an export. `at` is Unix seconds."""

    conversation: str
    user: str
    at: float
    role: str
    text: str


def is_export(value: Mapping[str, Any]) -> bool:
    """Whether a line is one of an export."""
    return isinstance(value.get("messages"), list) or (_word(value, "role") is not None and _word(value, "text") is not None)


def said(value: Mapping[str, Any]) -> list[Said]:
    """The messages of a line; raises ValueError with what is missing in it."""
    conversation = _word(value, "conversation")
    if conversation is None:
        raise ValueError(f"no conversation: one of {', '.join(_NAMES['conversation'])} is wanted")
    user = _word(value, "user") or ""
    messages = value.get("messages")
    if not isinstance(messages, list):
        return [message] if (message := _message(value, conversation, user, None)) else []
    at = _time(value)
    found = []
    for number, each in enumerate(messages):
        if not isinstance(each, dict):
            raise ValueError(f"messages[{number}] is no object")  # noqa: TRY004 - every fault of a line is a ValueError
        message = _message(each, conversation, user, at)
        if message is not None:
            found.append(message)
            at = message.at
    return found


def exchanges(messages: list[Said]) -> Iterator[Exchange]:
    """The turns of all messages as exchanges, conversation by conversation, in order of time."""
    conversations: dict[str, list[Said]] = {}
    for message in messages:
        conversations.setdefault(message.conversation, []).append(message)
    turns = []
    for each in conversations.values():
        asked: list[Said] = []
        answers: list[Said] = []
        for message in sorted(each, key=lambda said: said.at):  # stable: messages of one time stay in their order
            if message.role == "user" and answers:
                turns.append((asked, answers))
                asked, answers = [], []
            (asked if message.role == "user" else answers).append(message)
        turns.append((asked, answers))
    turns = [turn for turn in turns if turn[0]]  # a greeting before the first question answers nothing
    for number, (asked, answers) in enumerate(sorted(turns, key=lambda turn: turn[0][0].at)):
        yield _exchange(number, asked, answers)


def _exchange(number: int, asked: list[Said], answers: list[Said]) -> Exchange:
    first, last = asked[0], asked[-1]
    body = {"user": first.user, "messages": [{"role": "user", "content": "\n".join(each.text for each in asked)}]}
    request = msgspec.json.encode(body if first.user else {"messages": body["messages"]})
    after = last.at - first.at
    response, ended = b"", after
    if answers:
        text = "\n".join(each.text for each in answers)
        response = msgspec.json.encode(
            {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
        )
        ended = max(answers[0].at - first.at, after)
    return Exchange(
        id=f"export.{number}",
        assistant="",
        at=first.at,
        client="127.0.0.1",
        method="POST",
        path="/v1/chat/completions",
        query={},
        headers={"content-type": "application/json", "x-conversation-id": first.conversation},
        request=Body(request, ((len(request), after),)),
        request_after=after,
        status=200 if answers else None,
        answered_after=ended if answers else None,
        response_headers={"content-type": "application/json"},
        response=Body(response, ((len(response), ended),)) if answers else Body(),
        ending="complete" if answers else "client_gone",
        ended_after=ended,
    )


def _message(value: Mapping[str, Any], conversation: str, user: str, at: float | None) -> Said | None:
    role = (_word(value, "role") or "").lower()
    if role in _SILENT:
        return None
    if role not in _ROLES:
        raise ValueError(f'"{role[:40]}" is no role: {", ".join(_ROLES)} are known' if role else "a message without a role")
    text = _word(value, "text")
    found = _time(value)
    if found is None:
        found = at
    if found is None:
        raise ValueError(f"no time: one of {', '.join(_NAMES['at'])} is wanted, in ISO 8601 or Unix seconds")
    return Said(conversation, user, found, _ROLES[role], text or "")


def _word(value: Mapping[str, Any], kind: str) -> str | None:
    for name in _NAMES[kind]:
        found = value.get(name)
        if isinstance(found, str) and found:
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
    return None


def _time(value: Mapping[str, Any]) -> float | None:
    for name in _NAMES["at"]:
        match value.get(name):
            case bool():
                continue
            case int() | float() as number:
                return float(number) / 1000 if number > 1e11 else float(number)  # milliseconds, from 1973 on
            case str() as text:
                try:
                    moment = datetime.fromisoformat(text)
                except ValueError:
                    raise ValueError(f'"{text[:40]}" is no time: ISO 8601 or Unix seconds are wanted') from None
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
