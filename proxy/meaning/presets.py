"""A preset: what one assistant API looks like on the wire, compiled from YAML.

`request` is read from the request's body and head, `response` from a JSON answer, `event` from each message of a stream.
`config/presets/` holds the files, with the meaning of every key beside `openai-chat.yaml`'s. A preset compiles whole or not
at all; its `examples` are run by `kpi-proxy check` and by the tests (see `examples`).

An API's chat, its feedback and the desk beside it may be presets of their own: those of one assistant compose.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final, Literal, cast, get_args

import msgspec

from proxy.kpi.events import MarkKind, MarkSource, Scale, TurnResult
from proxy.meaning.closures import Getter
from proxy.meaning.extending import extended
from proxy.meaning.paths import ExpressionError, Tree, compile_expression, parsed
from proxy.meaning.routes import Route, route
from proxy.meaning.rules import AnswerRules, Condition, FeedbackRules, RequestRules, Skip, SkipReason, SocketRules
from proxy.meaning.sources import Source, compile_source
from proxy.meaning.tables import Fault, RulesError, Table

Finish = TurnResult | Literal["pending"]
"""What a finish reason says of the turn; `pending`: the answer comes later, by polling."""

Mode = Literal["append", "final_repeats"]
"""How the texts of a stream join: pieces; or pieces, and the last may repeat them all."""


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled preset. Every `shape` must be true of a request's body.

    `depth`: how many presets it extends; it is asked before them. `narrowed`: only by its shape is it told from them.
    `source` is where its marks come from. With `socket` its routes are WebSockets. `silent`: its answers say nothing.
    `named`: events are read as {"event": name, "data": value}. `elements`: a JSON
    array is a stream.
    """

    id: str
    title: str
    routes: tuple[Route, ...]
    shape: tuple[Condition, ...]
    skips: tuple[Skip, ...]
    request: RequestRules
    response: AnswerRules
    event: AnswerRules
    mode: Mode
    named: bool
    elements: bool
    silent: bool
    socket: SocketRules | None
    source: MarkSource
    depth: int
    narrowed: bool
    results: Mapping[str, Finish]
    feedback: tuple[FeedbackRules, ...]
    examples: Mapping[str, Any]


FACTS: Final = (
    *("model", "tokens_in", "tokens_out", "tokens_cached", "tokens_written", "tokens_reasoning"),
    *("finish", "error", "refusal", "parts", "tools", "messages", "targets", "conversation"),
)
_RESULTS: Final = frozenset((*get_args(TurnResult), "pending"))


def compile_presets(raw: Mapping[str, object]) -> dict[str, Preset]:
    """Compile presets from plain data, keyed by name; raises `RulesError` with every fault of every preset."""
    faults: list[Fault] = []
    presets = {}
    for name in raw:
        value, depth, narrowed = extended(name, raw, faults)
        presets[name] = _preset(Table(value, name, faults), depth, narrowed=narrowed)
    if faults:
        raise RulesError(tuple(faults))
    return presets


def _preset(table: Table, depth: int, *, narrowed: bool) -> Preset:
    name = table.path
    identifier = table.text("id", needed=True)
    if identifier and identifier != name:
        table.fault("id", f'"{identifier}" is not the name of the file', f'write "{name}"')
    request = table.table("request")
    response, event = _answer(table.table("response")), _answer(table.table("event"))
    stream = table.table("stream")
    examples = table.raw("examples")
    table.raw("extends")
    preset = Preset(
        id=name,
        title=table.text("title", needed=True),
        routes=tuple(_route(each) for each in table.tables("match")),
        shape=_shape(table),
        skips=tuple(_skip(skip) for skip in table.tables("skip")),
        request=_request(request),
        response=response,
        event=event,
        mode=cast("Mode", stream.choice("mode", get_args(Mode), "append")),
        named=stream.flag("named"),
        elements=stream.flag("elements"),
        silent=response == event == AnswerRules(),
        socket=_socket(table),
        source=cast("MarkSource", table.choice("source", ("protocol", "desk"), "protocol")),
        depth=depth,
        narrowed=narrowed,
        results=_results(table.table("results")),
        feedback=tuple(_feedback(feedback) for feedback in table.tables("feedback")),
        examples=examples if isinstance(examples, dict) else {},
    )
    stream.close()
    table.close()
    return preset


def _route(table: Table) -> Route:
    found = route(table)
    table.close()
    return found


def _socket(table: Table) -> SocketRules | None:
    if table.raw("socket") is None:
        return None
    socket = table.table("socket")
    rules = SocketRules(engineio=socket.flag("engineio"))
    socket.close()
    if not table.table("event").text("terminal"):
        table.fault("event.terminal", "a socket outlives its answers: say at which message one ends")
    return rules


def _shape(table: Table) -> tuple[Condition, ...]:
    return tuple(found for text in table.texts("shape") if (found := table.compiled("shape", text, _condition)))


def _condition(text: str) -> Condition:
    return Condition(compile_expression(text), parsed(text))


def _skip(table: Table) -> Skip:
    reason = table.choice("reason", get_args(SkipReason), "not_chat")
    skip = Skip(route(table), cast("SkipReason", reason), _shape(table))
    table.close()
    return skip


def _marks(parent: Table) -> tuple[tuple[MarkKind, Getter], ...]:
    table = parent.table("marks")
    kinds = get_args(MarkKind)
    for kind in table.every():
        if kind not in kinds:
            table.fault(kind, f"no such mark; known are {', '.join(kinds)}")
    return tuple((cast("MarkKind", kind), getter) for kind in table.every() if (getter := _getter(table, kind)))


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
        said=_getter(table, "said"),
        model=_sources(table, "model"),
        parent=_getter(table, "parent"),
        continues=_getter(table, "continues"),
        background=_getter(table, "background"),
        aside=_getter(table, "aside"),
        delivers=_getter(table, "delivers"),
        history=_getter(table, "history"),
        speech=_getter(table, "speech"),
        marks=_marks(table),
    )
    table.close()
    return rules


def _answer(table: Table) -> AnswerRules:
    rules = AnswerRules(
        text=_getter(table, "text"),
        message=_getter(table, "message"),
        whole=_getter(table, "whole"),
        facts=tuple((fact, getter) for fact in FACTS if (getter := _getter(table, fact))),
        marks=_marks(table),
        final=_getter(table, "final"),
        terminal=_getter(table, "terminal"),
        speech=_getter(table, "speech"),
        heard=_getter(table, "heard"),
        trees={
            **_trees(table, ("text", "message", "whole", "final", "terminal", *FACTS), ""),
            **_trees(table.table("marks"), get_args(MarkKind), "marks."),
        },
    )
    table.close()
    return rules


def _trees(table: Table, keys: Collection[str], prefix: str) -> dict[str, Tree]:
    """The expressions at keys of a table as they are parsed; what can't be has been told as a fault."""
    trees = {}
    for key in keys:
        if text := table.text(key):
            with suppress(ExpressionError):
                trees[prefix + key] = parsed(text)
    return trees


def _results(table: Table) -> Mapping[str, Finish]:
    return {key: cast("Finish", table.choice(key, _RESULTS, "ok")) for key in table.every()}


def _feedback(table: Table) -> FeedbackRules:
    values = table.table("values")
    scale = table.choice("scale", ("", *get_args(Scale)), "")
    rules = FeedbackRules(
        route=_route(table.table("match")),
        score=_getter(table, "score") or compile_expression("`null`"),
        shape=_shape(table),
        each=_getter(table, "each"),
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
