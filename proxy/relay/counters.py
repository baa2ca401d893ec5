"""The relay's own accounting: plain aggregates, shipped once a second. No metrics library here."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import Final

from proxy.records import OVERHEAD_BOUNDS, Counts

_CLASSES: Final = ("none", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx")


class Tally:
    """What is counted at the end of each exchange of one assistant."""

    def __init__(self) -> None:
        self._requests = [0] * len(_CLASSES)
        self._bytes_in = 0
        self._bytes_out = 0
        self.overhead = [0] * (len(OVERHEAD_BOUNDS) + 1)
        self.overhead_sum = 0.0

    def exchange(self, status: int, bytes_in: int, bytes_out: int, overhead: float) -> None:
        """Count one ended exchange: its status (0: none), the bytes of its bodies, the seconds it spent in the relay."""
        self._requests[status // 100] += 1
        self._bytes_in += bytes_in
        self._bytes_out += bytes_out
        self.overhead[bisect_left(OVERHEAD_BOUNDS, overhead)] += 1
        self.overhead_sum += overhead

    def values(self, assistant: str) -> dict[tuple[str, str, str], int]:
        """The figures as `records.Counts` names them; nothing before the first exchange."""
        counted = {("requests", assistant, name): n for name, n in zip(_CLASSES, self._requests, strict=True) if n}
        if counted:
            counted["bytes", assistant, "in"] = self._bytes_in
            counted["bytes", assistant, "out"] = self._bytes_out
        return counted


class Counters:
    """Cumulative since the start of the relay. Names and label values as `records.Counts` documents them."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._tallies: dict[str, Tally] = {}

    def add(self, name: str, label: str, value: str, amount: int = 1) -> None:
        """Count; `amount` may be negative for what is open now."""
        self._values[name, label, value] += amount

    def tally(self, assistant: str) -> Tally:
        """The one tally of an assistant."""
        return self._tallies.setdefault(assistant, Tally())

    def counts(self, pending: int, pending_bytes: int, level: int) -> Counts:
        """A snapshot to ship."""
        values = dict(self._values)
        for assistant, tally in self._tallies.items():
            values |= tally.values(assistant)
        overhead = [sum(each) for each in zip(*(tally.overhead for tally in self._tallies.values()), strict=True)]
        return Counts(
            values,
            tuple(overhead),
            sum(tally.overhead_sum for tally in self._tallies.values()),
            pending,
            pending_bytes,
            level,
        )
