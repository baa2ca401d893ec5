"""Records that the observer has not acknowledged, within limits.

What does not fit is given up in steps, oldest first, each kept up as long as it makes room: the texts; then the fields of
heads, so that method, path, status, sizes and times remain; then whole records, so that only the relay's sums remain. Each
is counted, and the worst step of the last minute is what the relay says of itself. Exchanges that are gone with their records
are told to the observer (`Lost`), whose figures say how many they miss.

Beside them stands what the observer knows of open connections whose records it has acknowledged, within the same limits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from proxy.records import Kept, Lost, Record
from proxy.relay.counters import Counters
from proxy.relay.held import RECORD_SIZE, Held, held, without_fields, without_texts
from proxy.relay.losses import Losses
from proxy.settings.model import Capture as Limits

RELIEF: Final = 60.0
"""Seconds without a step after which a relay says that its captures are full again: two scrapes, and time to look."""
SPARE: Final = 256
"""A step that has to be taken makes this part of the limit free, so that not every record that comes takes one."""

_TEXTS, _HEADS = range(2)
_STEPS: Final = ("body", "head", "record")
_FULL, _RECORDS = 0, 3


class Ring:
    """Records by rising sequence number; `clock` is monotonic."""

    def __init__(self, limits: Limits, counters: Counters, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._counters = counters
        self._clock = clock
        self._records: OrderedDict[int, Held] = OrderedDict()
        self._kept: dict[int, Kept] = {}  # by exchange
        self._last = 0
        self._slim = [1, 1]  # by step: records below have lost their texts, their fields, or are gone
        self._stepped = [0.0, 0.0, 0.0]  # when each step was last taken; 0.0: never
        self.bytes = 0
        self.handed = 1  # records below were handed to the observer that is connected
        self.losses = Losses()

    def __len__(self) -> int:
        return len(self._records)

    @property
    def first(self) -> int:
        """The lowest sequence number that is held, or the next one to come."""
        return next(iter(self._records), self._last + 1)

    def get(self, seq: int) -> tuple[Record | Lost, int] | None:
        """A record with its size in bytes, None when it is acknowledged or given up."""
        found = self._records.get(seq)
        return (found.record, found.size) if found is not None else None

    def add(self, record: Record) -> int:
        """Take a record, for good; gives its size in bytes."""
        return self._take(held(record))

    def tell(self, lost: Lost) -> None:
        """Take what the observer is to be told of exchanges that are gone."""
        self._take(Held(lost, RECORD_SIZE))

    def _take(self, taken: Held) -> int:
        self._last = seq = taken.record.seq
        self._records[seq] = taken
        size = taken.size
        self.bytes += size
        if self.bytes > self._limits.total or len(self._records) > self._limits.records:
            self._make_room()
        return size

    def acknowledged(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Forget closed ranges of sequence numbers."""
        records = self._records
        for low, high in ranges:
            self.losses.acknowledged(low, high)
            if high - low > len(records):
                seqs: list[int] | range = [seq for seq in records if low <= seq <= high]
            else:
                seqs = range(low, high + 1)
            for seq in seqs:
                if (found := records.pop(seq, None)) is not None:
                    self._gone(found)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """What the observer knows of open connections."""
        return tuple(self._kept.values())

    def keep(self, kept: Kept) -> None:
        """Hold what the observer knows of an open connection, in place of what it knew before."""
        self._forget(kept.exchange)
        self.bytes += len(kept.state)
        self._kept[kept.exchange] = kept
        while self.bytes > self._limits.total and self._kept:
            self._forget(next(iter(self._kept)))  # the connection that has been silent for longest
            self._counters.add("dropped", "state", "ring_full")

    def _forget(self, exchange: int) -> None:
        if (kept := self._kept.pop(exchange, None)) is not None:
            self.bytes -= len(kept.state)

    def disconnected(self) -> None:
        """Whatever was handed over is to be handed over again."""
        self.handed = 1
        self.losses.disconnected()

    def give_up(self) -> None:
        """Hold nothing any more that was not handed over: there is nobody left to wait."""
        waiting = [seq for seq in self._records if seq >= self.handed]
        for seq in waiting:
            self._lose(self._records.pop(seq))
        if waiting:
            self._counters.add("dropped", _STEPS[_RECORDS - 1], "stopped", len(waiting))

    def _lose(self, found: Held) -> None:
        self._gone(found)
        record = found.record
        handed = record.seq < self.handed
        if isinstance(record, Lost):
            self.losses.gave_up(record, handed=handed)
        elif record.opened is not None:  # else an exchange whose opening is gone, or was understood as it passed
            self.losses.gave_up(Lost(record.seq, record.assistant, record.opened.at, 1), handed=handed)

    def _gone(self, found: Held) -> None:
        """Account for a record that is no longer held; with its ending an exchange needs nothing else."""
        self.bytes -= found.size
        if self._kept and isinstance(record := found.record, Record) and record.ending is not None:
            self._forget(record.exchange)

    def limit(self, limits: Limits) -> None:
        """Set the limits anew."""
        self._limits = limits

    @property
    def level(self) -> int:
        """How much of the captures has been given up of late: an index of `records.LEVELS`."""
        soonest = self._clock() - RELIEF
        return max((step + 1 for step, at in enumerate(self._stepped) if at > soonest and at), default=_FULL)

    # -- a full ring ----------------------------------------------------------------------------------------------

    def _make_room(self) -> None:
        first = self.first
        total, most = self._limits.total, self._limits.records
        room = total - total // SPARE
        for step, lighten in ((_TEXTS, without_texts), (_HEADS, without_fields)):
            self._slim[step] = max(self._slim[step], first)
            if self.bytes > total:
                self._lighten(step, lighten, room)
        records, gone = self._records, 0
        if self.bytes > total or len(records) > most:
            while records and (self.bytes > room or len(records) > most):
                self._lose(records.popitem(last=False)[1])
                gone += 1
        self._gave_up(_RECORDS - 1, gone)

    def _lighten(self, step: int, lighten: Callable[[Held], int], room: int) -> None:
        """Take one step with the oldest records that have it before them, until no more than `room` bytes are held."""
        seq, last, records = self._slim[step], self._last, self._records
        size, lightened = self.bytes, 0
        while size > room and seq <= last:
            if (found := records.get(seq)) is not None and (saved := lighten(found)):
                size -= saved
                lightened += 1
            seq += 1
        self.bytes = size
        self._slim[step] = seq
        self._gave_up(step, lightened)

    def _gave_up(self, step: int, times: int) -> None:
        if times:
            self._stepped[step] = self._clock()
            self._counters.add("dropped", _STEPS[step], "ring_full", times)
