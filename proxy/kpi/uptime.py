"""Uptime: the share of rounds of a probe in which the assistant answered as it should, at one of its addresses at least.

Apart from availability, which is what people met: a probe also asks at night, and only what it was told to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

Verdict = Literal[
    "ok",
    "status",  # another status than the expected ones
    "pattern",  # the answer lacks what was expected in it
    "timeout",
    "unreachable",  # no connection
    "broken",  # a connection, and no whole answer
]

SLOT: Final = 900.0
"""Seconds of one cell of a strip."""
SLOTS: Final = 96
"""Cells of a strip: 24 hours, two numbers each."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one address. `replica` counts the addresses of the settings from 0; `seconds` to the whole answer."""

    assistant: str
    probe: str
    replica: int
    at: float
    verdict: Verdict
    seconds: float | None = None


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """The last 24 hours of a probe: the share of good rounds in each cell, the oldest first, None without rounds."""

    probe: str
    up: bool  # by the last round
    share: float
    cells: tuple[float | None, ...]


class _History:
    """Rounds of one probe by slot: all, and good ones."""

    __slots__ = ("slots", "up")

    def __init__(self) -> None:
        self.slots: dict[int, tuple[int, int]] = {}
        self.up = False


class Uptime:
    """Remembers the rounds of all probes of this host for 24 hours."""

    def __init__(self) -> None:
        self._histories: dict[tuple[str, str], _History] = {}

    def add(self, attempts: Sequence[Attempt]) -> None:
        """Take one round: the attempts of one probe at all addresses."""
        first = attempts[0]
        history = self._histories.setdefault((first.assistant, first.probe), _History())
        history.up = any(attempt.verdict == "ok" for attempt in attempts)
        slot = int(first.at // SLOT)
        rounds, good = history.slots.get(slot, (0, 0))
        history.slots[slot] = rounds + 1, good + history.up
        for old in [known for known in history.slots if known <= slot - SLOTS]:
            del history.slots[old]

    def strips(self, assistant: str, now: float) -> tuple[Strip, ...]:
        """The strips of an assistant's probes that were asked within the last 24 hours."""
        last = int(now // SLOT)
        found = []
        for (name, probe), history in self._histories.items():
            slots = [history.slots.get(slot) for slot in range(last - SLOTS + 1, last + 1)]
            rounds = sum(slot[0] for slot in slots if slot is not None)
            if name == assistant and rounds:
                good = sum(slot[1] for slot in slots if slot is not None)
                cells = tuple(None if slot is None else slot[1] / slot[0] for slot in slots)
                found.append(Strip(probe=probe, up=history.up, share=good / rounds, cells=cells))
        return tuple(found)
