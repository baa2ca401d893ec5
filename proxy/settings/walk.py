"""One walker over the model: a YAML document becomes settings, and each fault on the way a `Problem`.

msgspec's own conversion stops at the first fault. This walk goes on: a field that can't be read takes its default, so that
what follows is still checked. What comes back is usable only when there are no problems.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import inspect

from proxy.settings import written
from proxy.settings.problem import Problem, did_you_mean

Walked = tuple[Any, list[Problem]]
LIST_LIMIT: Final = 10_000
"""Entries of one list; the longest sensible ones are service accounts under `identity.exclude`."""


def walk(model: type[Any], value: object, base: Path) -> Walked:
    """Read `value` as `model`; relative paths in it start at `base`."""
    return _any(inspect.type_info(model), value, "", base)


def child(path: str, key: str) -> str:
    """The path of a key below `path`."""
    return f"{path}.{key}" if path else key


def _any(kind: inspect.Type, value: object, path: str, base: Path) -> Walked:
    match kind:
        case inspect.StructType():
            return _struct(kind, value, path, base)
        case inspect.Metadata():
            return _written(kind, value, path, base)
        case inspect.UnionType():
            return _union(kind, value, path, base)
        case inspect.VarTupleType():
            return _list(kind, value, path, base)
        case inspect.TupleType():
            return _tuple(kind, value, path, base)
        case inspect.LiteralType():
            if isinstance(value, str) and value in kind.values:
                return value, []
            return kind.values[0], [_wrong(path, value, did_you_mean(str(value), map(str, kind.values)) or "not known")]
        case inspect.BoolType():
            return (value, []) if isinstance(value, bool) else (False, [_wrong(path, value, "write true or false")])
        case inspect.IntType():
            whole = isinstance(value, int) and not isinstance(value, bool)
            return (value, []) if whole else (0, [_wrong(path, value, "a whole number is wanted")])
        case inspect.FloatType():
            number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            return (value, []) if number else (0.0, [_wrong(path, value, "a number is wanted")])
        case inspect.StrType():
            if isinstance(value, str):
                return value, []
            quoted = isinstance(value, (bool, int, float))
            return "", [_wrong(path, value, f"a text is wanted{', put it in quotes' if quoted else ''}")]
        case inspect.NoneType():
            return None, [] if value is None else [_wrong(path, value, "must be empty")]
        case _:
            raise TypeError(f"{path}: the model has a type that this walk does not know: {kind}")


def _struct(kind: inspect.StructType, value: object, path: str, base: Path) -> Walked:
    fields = {field.encode_name: field for field in kind.fields}
    problems: list[Problem] = []
    given: dict[str, Any] = {}
    if value is None:  # "session:" with nothing below it
        value = {}
    if not isinstance(value, dict):
        problems.append(_wrong(path or "the file", value, "keys and values are wanted"))
        return kind.cls(**{field.name: _nothing(field.type) for field in kind.fields if field.required}), problems
    for key, under in value.items():
        where = child(path, str(key))
        if not isinstance(key, str) or (field := fields.get(key)) is None:
            problems.append(Problem(where, "unknown", did_you_mean(str(key), fields)))
        elif under is None and not field.required:
            continue  # "idle:" with nothing behind it means the default
        else:
            read, found = _any(field.type, under, where, base)
            problems += found
            if not found or field.required or isinstance(field.type, inspect.StructType | inspect.VarTupleType):
                given[field.name] = read
    for field in kind.fields:
        if field.required and field.encode_name not in value:
            problems.append(Problem(child(path, field.encode_name), "missing"))
            given[field.name] = _nothing(field.type)
    return kind.cls(**given), problems


def _nothing(kind: inspect.Type) -> Any:
    return () if isinstance(kind, inspect.VarTupleType) else ""


def _written(kind: inspect.Metadata, value: object, path: str, base: Path) -> Walked:
    how = str((kind.extra or {})["written"])
    try:
        if how == "path":
            return written.path(value, base), []
        return written.READERS[how](value), []
    except ValueError as error:
        return "", [Problem(path, str(error))]


def _union(kind: inspect.UnionType, value: object, path: str, base: Path) -> Walked:
    """The alternatives of the model differ in their YAML shape: nothing, a list, or a scalar."""
    if value is None and kind.includes_none:
        return None, []
    lists = [each for each in kind.types if isinstance(each, inspect.VarTupleType | inspect.TupleType)]
    rest = [each for each in kind.types if each not in lists and not isinstance(each, inspect.NoneType)]
    choice = lists if isinstance(value, list) and lists else rest
    return _any(choice[0], value, path, base)


def _list(kind: inspect.VarTupleType, value: object, path: str, base: Path) -> Walked:
    if not isinstance(value, list):
        what = "a list of texts is wanted" if isinstance(kind.item_type, inspect.StrType) else "a list is wanted"
        example = f", did you mean [{value}]?" if isinstance(value, str) else ""
        return (), [_wrong(path, value, what + example)]
    if len(value) > LIST_LIMIT:
        return (), [Problem(path, f"{len(value)} entries, the limit is {LIST_LIMIT}")]
    return _joined(_any(kind.item_type, each, f"{path}[{at}]", base) for at, each in enumerate(value))


def _tuple(kind: inspect.TupleType, value: object, path: str, base: Path) -> Walked:
    if not isinstance(value, list) or len(value) != len(kind.item_types):
        return (), [_wrong(path, value, f"a list of {len(kind.item_types)} values is wanted")]
    return _joined(
        _any(each, under, f"{path}[{at}]", base) for at, (each, under) in enumerate(zip(kind.item_types, value, strict=True))
    )


def _joined(parts: Iterator[Walked]) -> Walked:
    values, problems = [], []
    for value, found in parts:
        values.append(value)
        problems += found
    return tuple(values), problems


def _wrong(path: str, value: object, what: str) -> Problem:
    return Problem(path, f"{written.shown(value)} does not fit", what)
