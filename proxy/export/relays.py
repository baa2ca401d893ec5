"""Sums over the relays of this host that never go down, though a relay that starts again counts from zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from proxy.records import OVERHEAD_BOUNDS, Counts

REMEMBERED: Final = 64
"""Relays that left and whose last counts are kept apart, in case one was only away. Older ones are folded into one sum."""

Key = tuple[str, str, str]

_OPEN: Final = {"open": 1, "opened": 1, "closed": -1}
"""What each state says about the connections that are open now."""


class Overhead(msgspec.Struct, frozen=True):
    """Exchanges by bucket of OVERHEAD_BOUNDS (not cumulated, the last one is above all bounds), and seconds in all."""

    buckets: tuple[int, ...] = (0,) * (len(OVERHEAD_BOUNDS) + 1)
    seconds: float = 0.0

    def plus(self, counts: Counts) -> Overhead:
        """The sum with one relay's counts."""
        padded = counts.overhead + (0,) * (len(self.buckets) - len(counts.overhead))
        return Overhead(tuple(map(sum, zip(self.buckets, padded, strict=False))), self.seconds + counts.overhead_sum)


class Worst(msgspec.Struct, frozen=True):
    """How near to giving up copies the relays are, each figure that of the worst of them: limits are one relay's."""

    level: int  # index of LEVELS
    pending: int  # records that the observer has not acknowledged
    held: int  # bytes of them, and of what is kept for open connections


class Totals(msgspec.Struct, frozen=True):
    """What the instruments show. `sums` only rise; `open` (connections by side) is of the relays that live; empty without one."""

    sums: Mapping[Key, int] = {}
    open: Mapping[str, int] = {}
    overhead: Overhead = Overhead()
    worst: Worst | None = None  # None without a relay


class RelaySums:
    """Takes the latest counts of the relays that are connected; yields totals."""

    def __init__(self) -> None:
        self._last: dict[str, Counts] = {}  # by relay id, the longest silent first
        self._folded: Counter[Key] = Counter()
        self._folded_overhead = Overhead()

    def update(self, counts_by_relay: Mapping[str, Counts]) -> Totals:
        """Totals with the given relays alive and all others gone.

        A relay id is new for every start, so a relay that comes back under its old id was only away: its counts
        replace what was remembered of it.
        """
        for relay, counts in counts_by_relay.items():
            self._last.pop(relay, None)
            self._last[relay] = counts
        self._forget(counts_by_relay)
        sums = Counter(self._folded)
        overhead = self._folded_overhead
        for counts in self._last.values():
            sums.update(_rising(counts))
            overhead = overhead.plus(counts)
        open_now: Counter[str] = Counter()
        for counts in counts_by_relay.values():
            open_now["client"] += 0  # a relay without clients says so; where the series is missing, no relay is connected
            for (name, side, state), value in counts.values.items():
                if name == "connections":
                    open_now[side] += _OPEN.get(state, 0) * value
        return Totals(sums, open_now, overhead, _worst(tuple(counts_by_relay.values())))

    def _forget(self, alive: Mapping[str, Counts]) -> None:
        gone = [relay for relay in self._last if relay not in alive]
        for relay in gone[: max(0, len(gone) - REMEMBERED)]:
            counts = self._last.pop(relay)
            self._folded.update(_rising(counts))
            self._folded_overhead = self._folded_overhead.plus(counts)


def _worst(alive: Collection[Counts]) -> Worst | None:
    if not alive:
        return None
    return Worst(
        level=max(counts.level for counts in alive),
        pending=max(counts.pending for counts in alive),
        held=max(counts.pending_bytes for counts in alive),
    )


def _rising(counts: Counts) -> dict[Key, int]:
    return {key: value for key, value in counts.values.items() if key[0] != "connections"}
