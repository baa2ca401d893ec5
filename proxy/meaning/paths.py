"""Expressions over decoded JSON: JMESPath, compiled to closures.

The language and its parser are jmespath's; only the evaluation is ours, because its tree walk costs some 20 times as much
and a stream needs half a dozen expressions for each event. Every node that presets use becomes a Python closure; an
expression with any other node is left to jmespath as a whole. A property test holds the two equal.

A null result is normal. A function given the wrong type raises in JMESPath (`join` of null, for one); here that is
`Unreadable`, which readers take as null and count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

from proxy.meaning.functions import FUNCTIONS, Unreadable, false, same

Getter = Callable[[Any], Any]
"""From a decoded value to what an expression finds in it, None for nothing; may raise `Unreadable`, nothing else."""

_Node = Mapping[str, Any]


class ExpressionError(ValueError):
    """A text that is no JMESPath expression."""


class _ForeignNodeError(Exception):
    """A node without a closure: the whole expression goes to jmespath."""


def compile_expression(text: str) -> Getter:
    """Compile one expression; raises `ExpressionError`."""
    try:
        parsed = jmespath.compile(text)
    except JMESPathError as error:
        raise ExpressionError(" ".join(str(error).split("\n")[0].split())) from error
    try:
        return _closure(parsed.parsed)
    except _ForeignNodeError:
        return _walked(parsed.parsed)


def _walked(tree: Any) -> Getter:
    interpreter = TreeInterpreter()

    def walk(value: Any) -> Any:
        try:
            return interpreter.visit(tree, value)
        except (JMESPathError, TypeError, ValueError, AttributeError) as error:  # its functions check only some arguments
            raise Unreadable from error

    return walk


def _closure(node: _Node) -> Getter:
    make = _NODES.get(node["type"])
    if make is None:
        raise _ForeignNodeError
    return make(node)


def _children(node: _Node) -> list[Getter]:
    return [_closure(child) for child in node["children"]]


def _field(node: _Node) -> Getter:
    name = node["value"]
    return lambda value: value.get(name) if type(value) is dict else None


def _index(node: _Node) -> Getter:
    at = node["value"]
    least = at + 1 if at >= 0 else -at
    return lambda value: value[at] if type(value) is list and len(value) >= least else None


def _steps(node: _Node) -> list[Getter]:
    """The steps of a chain, with nested chains made flat and the steps that change nothing left out."""
    steps = []
    for child in node["children"]:
        if child["type"] in ("subexpression", "index_expression", "pipe"):
            steps += _steps(child)
        elif child["type"] not in ("identity", "current"):
            steps.append(_closure(child))
    return steps


def _chain(node: _Node) -> Getter:
    if (names := _names(node)) is not None:
        return _path(names)
    steps = _steps(node)
    match steps:
        case []:
            return _same_value
        case [one]:
            return one
        case [one, two]:
            return lambda value: two(one(value))

    def chain(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return chain


def _names(node: _Node) -> list[str | int] | None:
    """The fields and indexes of a plain path (`choices[0].delta.content`); None when it is more than that."""
    names: list[str | int] = []
    for child in node["children"]:
        match child["type"]:
            case "field" | "index":
                names.append(child["value"])
            case "subexpression" | "index_expression" | "pipe":
                inner = _names(child)
                if inner is None:
                    return None
                names += inner
            case "identity" | "current":
                pass
            case _:
                return None
    return names


def _path(names: list[str | int]) -> Getter:
    def path(value: Any) -> Any:
        for name in names:
            if type(value) is dict:
                value = value.get(name)
            elif type(value) is list and type(name) is int:
                if not -len(value) <= name < len(value):
                    return None
                value = value[name]
            else:
                return None
        return value

    return path


def _same_value(value: Any) -> Any:
    return value


def _identity(_: _Node) -> Getter:
    return _same_value


def _literal(node: _Node) -> Getter:
    literal = node["value"]
    return lambda _: literal


def _or(node: _Node) -> Getter:
    left, right = _children(node)

    def either(value: Any) -> Any:
        found = left(value)
        return right(value) if found is None or false(found) else found

    return either


def _and(node: _Node) -> Getter:
    left, right = _children(node)

    def both(value: Any) -> Any:
        found = left(value)
        return found if found is None or found is False or false(found) else right(value)

    return both


def _not(node: _Node) -> Getter:
    (inner,) = _children(node)

    def negated(value: Any) -> bool:
        found = inner(value)
        if type(found) in (int, float):
            return False  # numbers are true in JMESPath, zero included
        return not found

    return negated


def _comparator(node: _Node) -> Getter:
    left, right = _children(node)
    if node["value"] not in ("eq", "ne"):
        raise _ForeignNodeError
    equal = node["value"] == "eq"
    literal = node["children"][1]["value"] if node["children"][1]["type"] == "literal" else None
    if type(literal) is str:
        return (lambda value: left(value) == literal) if equal else (lambda value: left(value) != literal)
    return lambda value: same(left(value), right(value)) is equal


def _projection(node: _Node) -> Getter:
    base, each = _children(node)

    def project(value: Any) -> Any:
        elements = base(value)
        if type(elements) is not list:
            return None
        return [found for element in elements if (found := each(element)) is not None]

    return project


def _filter(node: _Node) -> Getter:
    base, each, condition = _children(node)

    def project(value: Any) -> Any:
        elements = base(value)
        if type(elements) is not list:
            return None
        return [found for element in elements if not false(condition(element)) and (found := each(element)) is not None]

    return project


def _flatten(node: _Node) -> Getter:
    (base,) = _children(node)

    def flatten(value: Any) -> Any:
        elements = base(value)
        if type(elements) is not list:
            return None
        merged: list[Any] = []
        for element in elements:
            if type(element) is list:
                merged += element
            else:
                merged.append(element)
        return merged

    return flatten


def _list(node: _Node) -> Getter:
    inner = _children(node)
    return lambda value: None if value is None else [get(value) for get in inner]


def _function(node: _Node) -> Getter:
    function = FUNCTIONS.get(node["value"])
    arguments = _children(node)
    if function is None or (function.arguments is not None and len(arguments) != function.arguments):
        raise _ForeignNodeError  # a function without a closure, or a count that jmespath complains about
    call = function.call
    match arguments:
        case [one]:
            return lambda value: call(one(value))
        case [one, two]:
            return lambda value: call(one(value), two(value))
    return lambda value: call(*[argument(value) for argument in arguments])


_NODES: Mapping[str, Callable[[_Node], Getter]] = {
    "field": _field,
    "index": _index,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "identity": _identity,
    "current": _identity,
    "literal": _literal,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "comparator": _comparator,
    "projection": _projection,
    "filter_projection": _filter,
    "flatten": _flatten,
    "multi_select_list": _list,
    "function_expression": _function,
}
