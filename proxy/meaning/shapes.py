"""The shape of a value: which fields it has, and never what stands in them.

{message,session_id}      an object with these fields
[{content,role}]          a list of objects
text, number, nothing     anything else

Names of fields are for the operator's eyes: an API may make them of what people wrote. Metrics have `kind`, a closed set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from proxy.wire.messages import Messages

FIELDS: Final = 8
"""Fields of one object that are named, in the order of the alphabet: enough to know an API again."""
LEAVES: Final = 2000
"""Values of one body that are looked at: a chat's history has some hundred."""
TEXT: Final = 3
"""Words that make a text: names and states have fewer."""
STREAM: Final = 10
"""Events of a stream that are taken for the pieces of a text."""
Leaf = Literal["text", "number", "flag", "nothing"]
"""What a value without others in it is."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.$-]{0,31}")


def shape(value: Any) -> str:
    """The shape of one decoded value."""
    match value:
        case dict():
            names = sorted(name if isinstance(name, str) and _NAME.fullmatch(name) else "?" for name in value)
            return "{" + ",".join(dict.fromkeys(names[:FIELDS])) + (",...}" if len(names) > FIELDS else "}")
        case list():
            return f"[{shape(value[0])}]" if value else "[]"
        case _:
            return leaf_kind(value)


def leaf_kind(value: object) -> Leaf:
    """The word for a value that holds no others."""
    match value:
        case str():
            return "text"
        case bool():
            return "flag"
        case int() | float():
            return "number"
        case _:
            return "nothing"


def kind(messages: Messages) -> str:
    """One of few words for a side of an exchange: `object with text` and `events with text` look like a chat."""
    if not messages.messages:
        return "unread" if messages.gaps else "nothing"
    values = [message.value for message in messages.messages]
    first = "object" if isinstance(values[0], dict) else "list" if isinstance(values[0], list) else "value"
    what = "events" if messages.stream else first
    said = any(isinstance(leaf, str) and len(leaf.split()) >= TEXT for value in values[:100] for _, leaf in leaves(value))
    return f"{what} with text" if said or (messages.stream and len(values) >= STREAM) else what


def exchanged(method: str, request: Messages, response: Messages) -> str:
    """The shape of an exchange: `POST {message} -> {answer}`; events of a stream as `events {delta,type}`."""
    return f"{method} {_side(request)} -> {_side(response)}"


def _side(messages: Messages) -> str:
    if not messages.messages:
        return "unread" if messages.gaps else "nothing"
    values = [message.value for message in messages.messages if isinstance(message.value, dict | list)]
    first = shape(values[0] if values else messages.messages[0].value)
    return f"events {first}" if messages.stream else first


def leaves(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value that is no object and no list, with its path, breadth first, at most LEAVES."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    seen = 0
    for path, each in waiting:  # grows while it is walked
        match each:
            case dict():
                waiting += [((*path, str(name)), under) for name, under in each.items()]
            case list():
                waiting += [((*path, at), under) for at, under in enumerate(each)]
            case _:
                yield path, each
                seen += 1
        if seen >= LEAVES or len(waiting) > 4 * LEAVES:
            return


def spelled(path: tuple[str | int, ...]) -> str:
    """A path as a person writes it, lists by [*]: `messages[*].content`."""
    text = ""
    for part in path:
        name = part if isinstance(part, int) or _NAME.fullmatch(part) else "?"
        text += "[*]" if isinstance(name, int) else f".{name}" if text else name
    return text
