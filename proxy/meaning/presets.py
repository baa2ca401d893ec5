"""A preset: what one assistant API looks like on the wire, compiled from YAML.

`request` is read from the request's body and head, `response` from a JSON answer, `event` from each message of a stream.
`config/presets/` holds the files, with the meaning of every key beside `openai-chat.yaml`'s. A preset compiles whole or not
at all; its `examples` are run by `kpi-proxy check` and by the tests (see `examples`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast, get_args

import msgspec

from proxy.kpi.events import MarkKind, Scale, TurnResult
from proxy.meaning.closures import Getter
from proxy.meaning.paths import compile_expression
from proxy.meaning.patterns import Pattern
from proxy.meaning.sources import Source, compile_source
from proxy.meaning.tables import Fault, RulesError, Table

Finish = TurnResult | Literal["pending"]
"""What a finish reason says of the turn; `pending`: the answer comes later, by polling."""

SkipReason = Literal["polling", "listing", "counting", "not_chat", "background"]

Mode = Literal["append", "replace", "final_repeats"]
"""How the texts of a stream join: pieces; each one the whole so far; pieces, and the last may repeat them all."""

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class Route(msgspec.Struct, frozen=True):
    """Requests by method and path. The pattern is searched in the path without the query."""

    methods: frozenset[str]
    path: Pattern

    def groups(self, method: str, path: str) -> dict[str, str] | None:
        """The named groups when the request is on this route, else None."""
        return self.path.groups(path) if method in self.methods else None


class Skip(msgspec.Struct, frozen=True):
    """Requests that are near this API and no turn."""

    route: Route
    reason: SkipReason


class RequestRules(msgspec.Struct, frozen=True):
    """What is read from a request. `continues`: no new user message in it. `background`: not made by a person."""

    user: tuple[Source, ...] = ()
    conversation: tuple[Source, ...] = ()
    text: Getter | None = None
    model: tuple[Source, ...] = ()
    parent: Getter | None = None
    continues: Getter | None = None
    background: Getter | None = None


class AnswerRules(msgspec.Struct, frozen=True):
    """What is read from a JSON answer, or from each event of a stream.

    `final` gives an object that the preset's `response` reads; `terminal` is true at the last event.
    """

    text: Getter | None = None
    facts: tuple[tuple[str, Getter], ...] = ()
    marks: tuple[tuple[MarkKind, Getter], ...] = ()
    final: Getter | None = None
    terminal: Getter | None = None


class FeedbackRules(msgspec.Struct, frozen=True):
    """A feedback call. `values` maps wire values to up, down, revoke; what is not in it is read by `ratings`."""

    route: Route
    score: Getter
    scale: Scale | None = None
    scale_field: Getter | None = None
    values: Mapping[str, Literal["up", "down", "revoke"]] = {}
    revoked: Getter | None = None
    user: tuple[Source, ...] = ()
    conversation: tuple[Source, ...] = ()
    message: tuple[Source, ...] = ()


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled preset. `shape` must be true of a request's body; without routes, any POST of that shape matches."""

    id: str
    title: str
    routes: tuple[Route, ...]
    shape: tuple[Getter, ...]
    skips: tuple[Skip, ...]
    request: RequestRules
    response: AnswerRules
    event: AnswerRules
    mode: Mode
    results: Mapping[str, Finish]
    feedback: tuple[FeedbackRules, ...]
    examples: Mapping[str, Any]


FACTS: Final = ("model", "tokens_in", "tokens_out", "finish", "error", "refusal", "parts", "tools", "messages", "conversation")
_RESULTS: Final = frozenset((*get_args(TurnResult), "pending"))


def compile_presets(raw: Mapping[str, object]) -> dict[str, Preset]:
    """Compile presets from plain data, keyed by name; raises `RulesError` with every fault of every preset."""
    faults: list[Fault] = []
    presets = {name: _preset(name, Table(value, name, faults)) for name, value in raw.items()}
    if faults:
        raise RulesError(tuple(faults))
    return presets


def _preset(name: str, table: Table) -> Preset:
    identifier = table.text("id", needed=True)
    if identifier and identifier != name:
        table.fault("id", f'"{identifier}" is not the name of the file', f'write "{name}"')
    request = table.table("request")
    stream = table.table("stream")
    examples = table.raw("examples")
    preset = Preset(
        id=name,
        title=table.text("title", needed=True),
        routes=tuple(_route(route) for route in table.tables("match")),
        shape=tuple(getter for text in table.texts("shape") if (getter := table.compiled("shape", text, compile_expression))),
        skips=tuple(_skip(skip) for skip in table.tables("skip")),
        request=_request(request),
        response=_answer(table.table("response")),
        event=_answer(table.table("event")),
        mode=cast("Mode", stream.choice("mode", get_args(Mode), "append")),
        results=_results(table.table("results")),
        feedback=tuple(_feedback(feedback) for feedback in table.tables("feedback")),
        examples=examples if isinstance(examples, dict) else {},
    )
    stream.close()
    table.close()
    return preset


def _route(table: Table, *, close: bool = True) -> Route:
    methods = table.texts("method") or ("POST",)
    for method in methods:
        if method not in METHODS:
            table.fault("method", f'"{method}" is none of {", ".join(sorted(METHODS))}')
    pattern = table.compiled("path", table.text("path", needed=True), Pattern)
    if close:
        table.close()
    return Route(frozenset(methods), pattern or Pattern(""))


def _skip(table: Table) -> Skip:
    reason = table.choice("reason", get_args(SkipReason), "not_chat")
    skip = Skip(_route(table, close=False), cast("SkipReason", reason))
    table.close()
    return skip


def _getter(table: Table, key: str) -> Getter | None:
    text = table.text(key)
    return table.compiled(key, text, compile_expression) if text else None


def _sources(table: Table, key: str) -> tuple[Source, ...]:
    return tuple(source for text in table.texts(key) if (source := table.compiled(key, text, compile_source)))


def _request(table: Table) -> RequestRules:
    rules = RequestRules(
        user=_sources(table, "user"),
        conversation=_sources(table, "conversation"),
        text=_getter(table, "text"),
        model=_sources(table, "model"),
        parent=_getter(table, "parent"),
        continues=_getter(table, "continues"),
        background=_getter(table, "background"),
    )
    table.close()
    return rules


def _answer(table: Table) -> AnswerRules:
    marks = table.table("marks")
    kinds = get_args(MarkKind)
    for kind in marks.every():
        if kind not in kinds:
            marks.fault(kind, f"no such mark; known are {', '.join(kinds)}")
    rules = AnswerRules(
        text=_getter(table, "text"),
        facts=tuple((fact, getter) for fact in FACTS if (getter := _getter(table, fact))),
        marks=tuple((cast("MarkKind", kind), getter) for kind in marks.every() if (getter := _getter(marks, kind))),
        final=_getter(table, "final"),
        terminal=_getter(table, "terminal"),
    )
    table.close()
    return rules


def _results(table: Table) -> Mapping[str, Finish]:
    return {key: cast("Finish", table.choice(key, _RESULTS, "ok")) for key in table.every()}


def _feedback(table: Table) -> FeedbackRules:
    values = table.table("values")
    scale = table.choice("scale", ("", *get_args(Scale)), "")
    rules = FeedbackRules(
        route=_route(table.table("match")),
        score=_getter(table, "score") or compile_expression("`null`"),
        scale=cast("Scale", scale) if scale else None,
        scale_field=_getter(table, "scale_field"),
        values={key: cast("Any", values.choice(key, ("up", "down", "revoke"), "up")) for key in values.every()},
        revoked=_getter(table, "revoked"),
        user=_sources(table, "user"),
        conversation=_sources(table, "conversation"),
        message=_sources(table, "message"),
    )
    table.close()
    return rules
