"""Parts gone through in their order: the turns that they make, and how far a session has come by them.

A commit looks at a conversation before and after an event, and what is new is mostly one part at the end. Taking a part is the
same wherever it is taken from, so `Replays` goes on from where the other state had come to, and takes each part once. It tells
what two states share by identity: a state that is folded holds the very parts of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from proxy.kpi.joining import grouped, joins
from proxy.kpi.opinions import placed
from proxy.kpi.parts import Part
from proxy.kpi.progress import Progress, advanced, begun

Turns = tuple[tuple[Part, bool], ...]
"""Turns in order, each with whether a human answered it."""


class _Replay(NamedTuple):
    prefix: Progress | None
    parts: Sequence[Part]
    progress: Progress
    turns: Turns


class Replays:
    """Replays of the states of one conversation. It keeps what it was given, for identities are those of what lives."""

    def __init__(self) -> None:
        self._known: dict[int, _Replay] = {}  # by the identity of what a session begins with

    def of(self, prefix: Progress | None, parts: Sequence[Part]) -> tuple[Progress, Turns]:
        """Give a session's progress and turns. `prefix` is what it remembers of parts before these, which may then be none."""
        begin = parts[0] if prefix is None else prefix
        progress, taken = prefix or begun(parts[0]), 0
        turns: Turns = ()
        known = self._known.get(id(begin))
        if known is not None and _goes_on(known, parts):
            progress, turns, taken = known.progress, known.turns, len(known.parts)
        more: list[tuple[Part, bool]] = []
        for part in grouped(parts[taken:]):
            more.append((placed(part, progress), progress.state == "human"))
            progress = advanced(progress, part)
        turns = (*turns, *more)
        self._known[id(begin)] = _Replay(prefix, parts, progress, turns)
        return progress, turns


def _goes_on(known: _Replay, parts: Sequence[Part]) -> bool:
    """Say whether all further parts stand behind the known ones, as turns of their own."""
    taken = len(known.parts)
    if known.parts != parts[:taken]:  # which are equal by being the same
        return False
    more = parts[taken:]
    if any(part.targets for part in more):
        return False
    return not (known.turns and more and joins(known.turns[-1][0], more[0]))
