"""The pieces that compiled expressions are made of: each takes getters and gives one, with JMESPath's semantics.

They are closures and not a tree that is walked, since a stream asks half a dozen expressions of every event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from proxy.meaning.functions import false, same

Getter = Callable[[Any], Any]
"""From a decoded value to what an expression finds in it, None for nothing; may raise `Unreadable`, nothing else."""


def itself(value: Any) -> Any:
    """The current node."""
    return value


def path(names: Sequence[str | int]) -> Getter:
    """Fields and indexes one after another: `choices[0].delta.content`."""
    match names:
        case [str() as name]:
            return lambda value: value.get(name) if type(value) is dict else None
        case [str() as outer, str() as name]:  # half of what presets ask for

            def inner(value: Any) -> Any:
                found = value.get(outer) if type(value) is dict else None
                return found.get(name) if type(found) is dict else None

            return inner

    def walk(value: Any) -> Any:
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

    return walk


def chain(steps: Sequence[Getter]) -> Getter:
    """Each step on what the step before found."""
    match steps:
        case []:
            return itself
        case [one]:
            return one
        case [one, two]:
            return lambda value: two(one(value))

    def run(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return run


def either(alternatives: Sequence[Getter]) -> Getter:
    """`one || two || three`."""

    def get(value: Any) -> Any:
        found = None
        for alternative in alternatives:
            found = alternative(value)
            if found is not None and not false(found):
                return found
        return found

    return get


def both(left: Getter, right: Getter) -> Getter:
    """`left && right`."""

    def get(value: Any) -> Any:
        found = left(value)
        return found if found is None or found is False or false(found) else right(value)

    return get


def negated(inner: Getter) -> Getter:
    """`!inner`. Numbers are true in JMESPath, zero included."""

    def get(value: Any) -> bool:
        found = inner(value)
        return False if type(found) in (int, float) else not found

    return get


def compared(left: Getter, right: Getter, *, equal: bool) -> Getter:
    """`left == right`, or `!=`."""
    return lambda value: same(left(value), right(value)) is equal


def compared_to_text(left: Getter, text: str, *, equal: bool) -> Getter:
    """`left == 'text'`, or `!=`."""
    if equal:
        return lambda value: left(value) == text
    return lambda value: left(value) != text


def projected(base: Getter, each: Getter) -> Getter:
    """`base[*].each`: what is null is left out; null when the base is no list."""

    def get(value: Any) -> Any:
        elements = base(value)
        if type(elements) is not list:
            return None
        return [found for element in elements if (found := each(element)) is not None]

    return get


def filtered(base: Getter, each: Getter, condition: Getter) -> Getter:
    """`base[?condition].each`."""

    def get(value: Any) -> Any:
        elements = base(value)
        if type(elements) is not list:
            return None
        return [found for element in elements if not false(condition(element)) and (found := each(element)) is not None]

    return get


def flattened(base: Getter) -> Getter:
    """`base[]`: one level of lists is taken out."""

    def get(value: Any) -> Any:
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

    return get


def called(call: Callable[..., Any], arguments: Sequence[Getter]) -> Getter:
    """`call(arguments...)`."""
    match arguments:
        case [one]:
            return lambda value: call(one(value))
        case [one, two]:
            return lambda value: call(one(value), two(value))
    return lambda value: call(*[argument(value) for argument in arguments])


def listed(inner: Sequence[Getter]) -> Getter:
    """`[a, b]`; null of null."""
    return lambda value: None if value is None else [get(value) for get in inner]
