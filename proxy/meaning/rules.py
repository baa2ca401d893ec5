"""What a preset reads, compiled: from requests and answers, from sockets and from feedback calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from proxy.kpi.events import MarkKind, Scale
from proxy.meaning.closures import Getter
from proxy.meaning.paths import Tree
from proxy.meaning.routes import Route
from proxy.meaning.sources import Source

SkipReason = Literal["polling", "listing", "counting", "not_chat", "background", "tools"]


class Condition(msgspec.Struct, frozen=True):
    """An expression that must be true of a body, and as it was parsed: from that is known which fields it needs."""

    holds: Getter
    tree: Tree


class Skip(msgspec.Struct, frozen=True):
    """Requests that are near this API and no turn; with `shape`, those whose body it holds for."""

    route: Route
    reason: SkipReason
    shape: tuple[Condition, ...] = ()


class RequestRules(msgspec.Struct, frozen=True):
    """What is read from a request, or from each message of a socket's client.

    `continues`: no new user message in it. `background`: not made by a person. `aside`: beside the conversation, so that
    only its marks count. `delivers`: asks for an answer that is awaited, and counts if it comes. `history`: the messages so far,
    where a client sends them again. `marks` are over {"path": groups, "body": body}. `speech`: the user has stopped speaking.
    `said`: words of the assistant, which calls back.
    """

    user: tuple[Source, ...] = ()
    conversation: tuple[Source, ...] = ()
    text: Getter | None = None
    said: Getter | None = None
    model: tuple[Source, ...] = ()
    parent: Getter | None = None
    continues: Getter | None = None
    background: Getter | None = None
    aside: Getter | None = None
    delivers: Getter | None = None
    history: Getter | None = None
    speech: Getter | None = None
    marks: tuple[tuple[MarkKind, Getter], ...] = ()


class AnswerRules(msgspec.Struct, frozen=True):
    """What is read from a JSON answer, or from each event of a stream.

    `message` gives the text of a message that is now whole, `whole` all of the text so far again. `final` gives an object
    that the preset's `response` reads; `terminal` is true at the last event. On a socket `speech` is true when the user has
    stopped speaking, and `heard` gives what was said. `trees`: the expressions as they were parsed, by key (marks as
    "marks.KIND"), from which `sieve` knows what they need.
    """

    text: Getter | None = None
    message: Getter | None = None
    whole: Getter | None = None
    facts: tuple[tuple[str, Getter], ...] = ()
    marks: tuple[tuple[MarkKind, Getter], ...] = ()
    final: Getter | None = None
    terminal: Getter | None = None
    speech: Getter | None = None
    heard: Getter | None = None
    trees: Mapping[str, Tree] = {}


class SocketRules(msgspec.Struct, frozen=True):
    """How the messages of a WebSocket are framed: JSON as it is, or packets of Engine.IO."""

    engineio: bool = False


class FeedbackRules(msgspec.Struct, frozen=True):
    """A feedback call. `values` maps wire values to up, down, revoke; what is not in it is read by `ratings`.

    `each` gives the list of the pieces of feedback in a body that holds several; the rest is read from each of them.
    """

    route: Route
    score: Getter
    shape: tuple[Condition, ...] = ()
    each: Getter | None = None
    scale: Scale | None = None
    scale_field: Getter | None = None
    values: Mapping[str, Literal["up", "down", "revoke"]] = {}
    revoked: Getter | None = None
    user: tuple[Source, ...] = ()
    conversation: tuple[Source, ...] = ()
    message: tuple[Source, ...] = ()
