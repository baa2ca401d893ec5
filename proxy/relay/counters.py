"""The relay's own accounting: plain aggregates, shipped once a second. No metrics library here."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from proxy.records import OVERHEAD_BOUNDS, Counts


class Counters:
    """Cumulative since the start of the relay. Names and label values as `records.Counts` documents them."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._overhead = [0] * (len(OVERHEAD_BOUNDS) + 1)
        self._overhead_sum = 0.0

    def add(self, name: str, label: str, value: str, amount: int = 1) -> None:
        """Count; `amount` may be negative for what is open now."""
        self._values[name, label, value] += amount

    def exchange(self, assistant: str, status: str, sizes: tuple[int, int], overhead: float) -> None:
        """Count one ended exchange: its class of status, the bytes of its bodies, the seconds it spent in the relay."""
        values = self._values
        values["requests", assistant, status] += 1
        values["bytes", assistant, "in"] += sizes[0]
        values["bytes", assistant, "out"] += sizes[1]
        self._overhead[bisect_left(OVERHEAD_BOUNDS, overhead)] += 1
        self._overhead_sum += overhead

    def get(self, name: str, label: str, value: str) -> int:
        """Read one figure."""
        return self._values.get((name, label, value), 0)

    def counts(self, pending: int, pending_bytes: int) -> Counts:
        """A snapshot to ship."""
        return Counts(dict(self._values), tuple(self._overhead), self._overhead_sum, pending, pending_bytes)
