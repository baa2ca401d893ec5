"""Expressions over decoded JSON: JMESPath, compiled to closures.

The language and its parser are jmespath's; only the evaluation is ours, because its tree walk costs some 20 times as much.
Every kind of node that presets use becomes a closure; an expression with any other node is left to jmespath as a whole. A
property test holds the two equal.

A null result is normal. A function given the wrong type raises in JMESPath (`join` of null, for one); here that is
`Unreadable`, which readers take as null and count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

from proxy.meaning import closures
from proxy.meaning.closures import Getter
from proxy.meaning.functions import FUNCTIONS, Unreadable

Tree = Mapping[str, Any]
"""A parsed expression: nodes with a `type`, a `value` and `children`, as jmespath gives them."""

_CHAINS: Final = ("subexpression", "index_expression", "pipe")
_CURRENT: Final = ("identity", "current")


class ExpressionError(ValueError):
    """A text that is no JMESPath expression."""


class _ForeignNodeError(Exception):
    """A node without a closure: the whole expression goes to jmespath."""


def compile_expression(text: str) -> Getter:
    """Compile one expression; raises `ExpressionError`."""
    tree = parsed(text)
    try:
        return _closure(tree)
    except _ForeignNodeError:
        return _walked(tree)


def parsed(text: str) -> Tree:
    """Parse one expression; raises `ExpressionError`."""
    try:
        tree: Tree = jmespath.compile(text).parsed
    except JMESPathError as error:
        raise ExpressionError(" ".join(str(error).split("\n")[0].split())) from error
    return tree


def _walked(tree: Any) -> Getter:
    interpreter = TreeInterpreter()

    def walk(value: Any) -> Any:
        try:
            return interpreter.visit(tree, value)
        except (JMESPathError, TypeError, ValueError, AttributeError) as error:  # its functions check only some arguments
            raise Unreadable from error

    return walk


def _closure(node: Tree) -> Getter:
    make = _NODES.get(node["type"])
    if make is None:
        raise _ForeignNodeError
    return make(node)


def _children(node: Tree) -> list[Getter]:
    return [_closure(child) for child in node["children"]]


def _plain(node: Tree) -> Getter:
    return closures.path([node["value"]])


def _chain(node: Tree) -> Getter:
    names = names_of(node)
    return closures.chain(_steps(node)) if names is None else closures.path(names)


def _steps(node: Tree) -> list[Getter]:
    """The steps of a chain, with nested chains made flat and the steps that change nothing left out."""
    steps = []
    for child in node["children"]:
        if child["type"] in _CHAINS and names_of(child) is None:
            steps += _steps(child)
        elif child["type"] not in _CURRENT:
            steps.append(_closure(child))
    return steps


def names_of(node: Tree) -> list[str | int] | None:
    """The fields and indexes of a plain path (`choices[0].delta.content`); None when it is more than that."""
    names: list[str | int] = []
    for child in node["children"]:
        if child["type"] in ("field", "index"):
            names.append(child["value"])
        elif child["type"] in _CHAINS:
            inner = names_of(child)
            if inner is None:
                return None
            names += inner
        elif child["type"] not in _CURRENT:
            return None
    return names


def _alternatives(node: Tree) -> list[Getter]:
    """The sides of `one || two || three`, which is parsed as two of two."""
    left, right = node["children"]
    return [*(_alternatives(left) if left["type"] == "or_expression" else [_closure(left)]), _closure(right)]


def _literal(node: Tree) -> Getter:
    literal = node["value"]
    return lambda _: literal


def _comparator(node: Tree) -> Getter:
    if node["value"] not in ("eq", "ne"):
        raise _ForeignNodeError
    left, right = _children(node)
    equal = node["value"] == "eq"
    other = node["children"][1]
    if other["type"] == "literal" and type(other["value"]) is str:
        return closures.compared_to_text(left, other["value"], equal=equal)
    return closures.compared(left, right, equal=equal)


def _function(node: Tree) -> Getter:
    function = FUNCTIONS.get(node["value"])
    arguments = _children(node)
    if function is None or (function.arguments is not None and len(arguments) != function.arguments):
        raise _ForeignNodeError  # a function without a closure, or a count that jmespath complains about
    return closures.called(function.call, arguments)


_NODES: Final[Mapping[str, Callable[[Tree], Getter]]] = {
    "field": _plain,
    "index": _plain,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "identity": lambda _: closures.itself,
    "current": lambda _: closures.itself,
    "literal": _literal,
    "or_expression": lambda node: closures.either(_alternatives(node)),
    "and_expression": lambda node: closures.both(*_children(node)),
    "not_expression": lambda node: closures.negated(*_children(node)),
    "comparator": _comparator,
    "projection": lambda node: closures.projected(*_children(node)),
    "filter_projection": lambda node: closures.filtered(*_children(node)),
    "flatten": lambda node: closures.flattened(*_children(node)),
    "multi_select_list": lambda node: closures.listed(_children(node)),
    "function_expression": _function,
}
