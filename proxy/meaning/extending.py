"""A preset may extend another: what it does not say itself is as the other says.

`request`, `response`, `event` and `results` are taken over key by key, an empty key takes one away; `shape` and `stream` are
taken over whole. Routes, skips, feedback and examples are each preset's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from proxy.meaning.tables import Fault, nearest

DEPTH_LIMIT: Final = 4
"""Presets above one another; nobody can follow a longer chain."""

_MERGED: Final = ("request", "response", "event", "results")
_TAKEN: Final = ("shape", "stream")


def extended(name: str, raw: Mapping[str, object], faults: list[Fault]) -> tuple[object, int, bool]:
    """The plain data of a preset with what it extends laid under it; how many presets that were; whether it is `narrowed`.

    A narrowed preset has a shape of its own: without a readable body it can't be told from what it extends.
    """
    value = raw[name]
    narrowed = isinstance(value, Mapping) and "extends" in value and "shape" in value
    depth = 0
    base = _base(value)
    while base is not None:
        if base not in raw:
            faults.append(Fault(f"{name}.extends", f'there is no preset "{base}"', nearest(str(base), raw)))
            break
        if depth == DEPTH_LIMIT:
            faults.append(Fault(f"{name}.extends", f"more than {DEPTH_LIMIT} presets extend one another, or in a circle"))
            break
        depth += 1
        value = _laid(value, raw[base])
        base = _base(raw[base])
    return value, depth, narrowed


def _base(value: object) -> Any:
    return value.get("extends") if isinstance(value, Mapping) else None


def _laid(over: Any, under: Any) -> Any:
    if not isinstance(under, Mapping):
        return over
    merged = dict(over)
    for key in _TAKEN:
        if key not in merged and key in under:
            merged[key] = under[key]
    for key in _MERGED:
        above, below = merged.get(key, {}), under.get(key, {})
        if isinstance(above, Mapping) and isinstance(below, Mapping):
            merged[key] = {**below, **above}
    return merged
