"""What a request for figures narrows them to, or wants them cut into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from proxy.kpi.calendar import INTERVALS, Interval
from proxy.kpi.groups import DIMENSIONS, PEOPLE, WHOLE, Dimension, Scope, kept

T = TypeVar("T")


class WishError(ValueError):
    """No figures can be given for it; the message says why, `hint` what can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Wish(msgspec.Struct, frozen=True):
    """A group, and either the dimension or the interval that its figures are cut by."""

    scope: Scope = WHOLE
    by: Dimension | None = None
    interval: Interval | None = None


def wished(query: Mapping[str, str]) -> Wish:
    """Read the parameters channel, department, profile, model, route, by and interval; raises `WishError`."""
    scope: Scope = tuple([(name, query[name]) for name in DIMENSIONS if name in query])
    if any(not label for _, label in scope):
        raise WishError("a group without a name", "what has no label is in the breakdown, as the group with the empty label")
    if not kept(scope):
        raise WishError("these groups are not kept together", "narrow to one dimension, or to a department and a profile")
    by = _one_of("by", query, DIMENSIONS)
    interval = _one_of("interval", query, INTERVALS)
    if by is not None and interval is not None:
        raise WishError("by and interval together", "ask for the series of one group, as department=NAME&interval=week")
    if by is not None and scope and {by, *[name for name, _ in scope]} != PEOPLE:
        raise WishError(f"no figures by {by} within this group", "by=profile within a department, by=department within a profile")
    if interval == "day" and any(name in PEOPLE for name, _ in scope):
        raise WishError(
            "no days for a department or profile: they would tell of single people", "interval=week or interval=month"
        )
    return Wish(scope, by, interval)


def _one_of(name: str, query: Mapping[str, str], values: tuple[T, ...]) -> T | None:
    if name not in query:
        return None
    for value in values:
        if value == query[name]:
            return value
    raise WishError(f"{name} is not known: {query[name][:40]!r}", f"one of: {', '.join(map(str, values))}")
