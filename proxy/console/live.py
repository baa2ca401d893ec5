"""The last hour, kept in memory: a pure rolling window over changes."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from proxy.console.status import Live
from proxy.kpi.changes import Change, TurnCounted
from proxy.kpi.events import Turn

MINUTES: Final = 60
RECENT: Final = 15
"""Minutes shown, and minutes that p95 and the error share look at: fewer turns than that make both jump."""

SESSIONS: Final = 50_000
"""Conversations remembered per assistant to count the open ones (22 characters and a time each: about 10 MB)."""

_GROWTH: Final = math.log(1.05)  # a duration is known to 2.5 %: enough for a figure that changes every 2 s


class _Minute:
    """Sums of one minute of one assistant."""

    __slots__ = ("durations", "errors", "turns", "valid")

    def __init__(self) -> None:
        self.turns = 0
        self.valid = 0
        self.errors = 0
        self.durations: Counter[int] = Counter()  # by logarithmic bucket

    def add(self, turn: Turn, *, human: bool) -> None:
        self.turns += 1
        if turn.result != "cancelled":  # who left early says nothing about the assistant
            self.valid += 1
            self.errors += turn.result in ("error", "timeout")
        if turn.duration is not None and not human:
            self.durations[round(math.log(max(turn.duration, 0.001)) / _GROWTH)] += 1


class _Window:
    """The last hour of one assistant."""

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._minutes: dict[int, _Minute] = {}
        self._seconds: Counter[int] = Counter()  # turns of the last minute by second
        self._seen: OrderedDict[str, float] = OrderedDict()  # conversation -> last turn, the oldest first

    def add(self, turn: Turn, now: float, *, human: bool) -> None:
        at = min(turn.at, now)
        if turn.conversation is not None and at > now - self._idle:
            self._seen.pop(turn.conversation, None)
            self._seen[turn.conversation] = at
            if len(self._seen) > SESSIONS:
                self._seen.popitem(last=False)
        minute = int(at // 60)
        if turn.continues or minute <= now // 60 - MINUTES:
            return
        self._minutes.setdefault(minute, _Minute()).add(turn, human=human)
        if at > now - 60:
            self._seconds[int(at)] += 1

    def snapshot(self, now: float) -> Live:
        this = int(now // 60)
        for minute in [minute for minute in self._minutes if minute <= this - MINUTES]:
            del self._minutes[minute]
        while self._seen and next(iter(self._seen.values())) <= now - self._idle:
            self._seen.popitem(last=False)
        turns = tuple(self._turns(minute) for minute in range(this - MINUTES + 1, this + 1))
        recent = [sums for minute, sums in self._minutes.items() if minute > this - RECENT]
        valid = sum(sums.valid for sums in recent)
        for second in [second for second in self._seconds if second <= now - 60]:
            del self._seconds[second]
        return Live(
            minutes=turns,
            rate=self._seconds.total(),
            p95=_quantile(sum((sums.durations for sums in recent), Counter()), 0.95),
            errors=sum(sums.errors for sums in recent) / valid if valid else None,
            open_sessions=len(self._seen),
        )

    def _turns(self, minute: int) -> int:
        sums = self._minutes.get(minute)
        return sums.turns if sums else 0


class Rolling:
    """Fed by changes as they are applied. Turns of the past (replayed history) fall outside the window by their time.

    `idle` is each assistant's idle timeout in seconds; `clock` gives Unix seconds.
    """

    def __init__(self, idle: Mapping[str, float], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows = {assistant: _Window(seconds) for assistant, seconds in idle.items()}

    def apply(self, changes: Sequence[Change]) -> None:
        """Take note of the turns among the changes."""
        now = self._clock()
        for change in changes:
            if isinstance(change, TurnCounted) and (window := self._windows.get(change.turn.assistant)) is not None:
                window.add(change.turn, now, human=change.human)

    def snapshot(self, assistant: str) -> Live:
        """The last hour of an assistant of the settings."""
        return self._windows[assistant].snapshot(self._clock())


def _quantile(buckets: Counter[int], share: float) -> float | None:
    wanted = buckets.total() * share
    reached = 0
    for bucket in sorted(buckets):
        reached += buckets[bucket]
        if reached >= wanted:
            return math.exp(bucket * _GROWTH)
    return None
