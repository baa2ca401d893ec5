"""The JMESPath functions and comparisons that presets use, with jmespath's exact idea of truth, equality and types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Unreadable(Exception):  # noqa: N818 - a value that an expression can't read is no error of the program
    """An expression met a value of a type it does not take. Counts as null."""


def false(value: Any) -> bool:
    """JMESPath's falsehood: null, false, and what is empty. Numbers are true, zero included."""
    return value is None or value is False or (not value and type(value) in (str, list, dict))


def same(left: Any, right: Any) -> bool:
    """JMESPath's equality as jmespath has it.

    Its rule that keeps 0 and 1 apart from false and true applies to the outermost values only; so does this one.
    """
    if type(left) in (int, float) and left in (0, 1):
        return type(right) is not bool and bool(left == right)
    if type(right) in (int, float) and right in (0, 1):
        return type(left) is not bool and bool(left == right)
    return bool(left == right)


def type_name(value: Any) -> str:
    """The JMESPath name of a value's type."""
    return _TYPES.get(type(value), "null")


_TYPES = {str: "string", bool: "boolean", list: "array", dict: "object", int: "number", float: "number"}


def _join(glue: Any, parts: Any) -> str:
    if type(glue) is not str or type(parts) is not list:
        raise Unreadable
    try:
        return glue.join(parts)
    except TypeError as error:
        raise Unreadable from error


def _contains(subject: Any, search: Any) -> bool:
    if type(subject) is list:
        return search in subject
    if type(subject) is str and type(search) is str:
        return search in subject
    raise Unreadable


def _starts_with(text: Any, start: Any) -> bool:
    if type(text) is not str or type(start) is not str:
        raise Unreadable
    return text.startswith(start)


def _ends_with(text: Any, end: Any) -> bool:
    if type(text) is not str or type(end) is not str:
        raise Unreadable
    return text.endswith(end)


def _sum(numbers: Any) -> int | float:
    if type(numbers) is not list or not all(type(number) in (int, float) for number in numbers):
        raise Unreadable
    return sum(numbers)


def _keys(value: Any) -> list[str]:
    if type(value) is not dict:
        raise Unreadable
    return list(value)


def _not_null(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


class Function(msgspec.Struct, frozen=True):
    """A function and how many arguments it takes; None: one or more."""

    call: Callable[..., Any]
    arguments: int | None


FUNCTIONS: Mapping[str, Function] = {
    "type": Function(type_name, 1),
    "join": Function(_join, 2),
    "contains": Function(_contains, 2),
    "starts_with": Function(_starts_with, 2),
    "ends_with": Function(_ends_with, 2),
    "sum": Function(_sum, 1),
    "keys": Function(_keys, 1),
    "not_null": Function(_not_null, None),
}
