"""Which assistant a request is for, where several share a listening socket: by host name, then by path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

Target = TypeVar("Target")


class Rule(msgspec.Struct, frozen=True):
    """What an assistant's requests have in common; the empty rule fits all."""

    hosts: tuple[str, ...] = ()  # lower case, without ports; "*.NAME" for all names below one
    prefix: str = ""  # of the path as it came, up to the end of a segment


class Routes(Generic[Target]):
    """A table that is asked once for each head: the closest host wins, then the longest path."""

    def __init__(self, rules: Iterable[tuple[Rule, Target]]) -> None:
        rows = [(host.encode(), rule.prefix.encode(), target) for rule, target in rules for host in rule.hosts or ("",)]
        self._rows = sorted(rows, key=lambda row: (not row[0], row[0].startswith(b"*"), -len(row[0]), -len(row[1])))

    def find(self, host: bytes, target: bytes) -> Target | None:
        """The assistant for a Host value and a target; None when no rule fits."""
        name = host.lower()
        if not name.endswith(b"]"):
            name = name.rpartition(b":")[0] or name
        name = name.rstrip(b".")
        path = target.partition(b"?")[0]
        for wanted, prefix, found in self._rows:
            if (not wanted or wanted == name or (wanted[:1] == b"*" and name.endswith(wanted[1:]))) and _under(path, prefix):
                return found
        return None


def _under(path: bytes, prefix: bytes) -> bool:
    return path.startswith(prefix) and (prefix[-1:] in {b"", b"/"} or path[len(prefix) : len(prefix) + 1] in {b"", b"/"})
