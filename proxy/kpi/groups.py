"""What sums are told apart by: the labels of a turn, and the groups that a ledger keeps a sum for.

The ledger keeps one sum for everything, one for each label of each dimension, and one for each pair of department and
profile. Not every combination: five dimensions together would be as many sums as turns, and groups too small to be shown.
A label that is not known ("") makes no group; what a breakdown leaves over is the total without its groups.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, get_args

import msgspec

Dimension = Literal["channel", "department", "profile", "model", "route"]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)

PEOPLE: Final[frozenset[Dimension]] = frozenset({"department", "profile"})
"""Dimensions that are about who asks: groups by them may point at persons."""

Scope = tuple[tuple[Dimension, str], ...]
"""A group: its dimensions with their labels, in the order of DIMENSIONS. Empty: everything."""

WHOLE: Final[Scope] = ()


class Labels(msgspec.Struct, frozen=True, cache_hash=True):
    """The labels of a turn or session; "" where not known."""

    channel: str = ""
    department: str = ""
    profile: str = ""
    model: str = ""
    route: str = ""


NONE: Final = Labels()


@lru_cache(maxsize=4096)  # as many as the label sets of a busy assistant
def labelled(channel: str, department: str, profile: str, model: str, route: str) -> Labels:
    """Give labels, equal ones by the same object: sums are looked up by them a dozen times for a turn."""
    return Labels(channel, department, profile, model, route)


@lru_cache(maxsize=4096)
def scopes(labels: Labels) -> tuple[Scope, ...]:
    """Give all groups that something with these labels is counted in, but the whole."""
    single: list[Scope] = [((name, label),) for name in DIMENSIONS if (label := getattr(labels, name))]
    return (*single, *_pair(labels))


@lru_cache(maxsize=4096)
def people_scopes(labels: Labels) -> tuple[Scope, ...]:
    """Give the groups in which a person is counted, but the whole."""
    single: list[Scope] = [((name, label),) for name in DIMENSIONS if name in PEOPLE and (label := getattr(labels, name))]
    return (*single, *_pair(labels))


def _pair(labels: Labels) -> tuple[Scope, ...]:
    if not labels.department or not labels.profile:
        return ()
    return ((("department", labels.department), ("profile", labels.profile)),)


def kept(scope: Scope) -> bool:
    """Say whether the ledger has sums of this group."""
    names = [name for name, _ in scope]
    return len(names) < 2 or names == ["department", "profile"]
