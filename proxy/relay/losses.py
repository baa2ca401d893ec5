"""Exchanges that a full ring gave up whole, or from their openings on: counted until the observer is told.

What a relay has handed to its observer may be understood though the ring had no room to keep it. Such exchanges are lost only if
the connection ends before they are acknowledged.
"""

from __future__ import annotations

from typing import Final

from proxy.records import Lost

HOUR: Final = 3600
"""Seconds of which the exchanges of an assistant are told together: the ledger's own grain."""
KINDS: Final = 10_000
"""Hours of assistants that are told apart: four days of a hundred of them, in 2 MB. Past it an assistant has one for all."""

_ANY: Final = -1


class Losses:
    """A tally by assistant and hour, and what may have been understood after all."""

    def __init__(self) -> None:
        self._tally: dict[tuple[str, int], tuple[float, int]] = {}  # the last beginning, and how many
        self._unsure: dict[int, Lost] = {}  # by sequence number: as many as the buffers of a socket hold

    def __bool__(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._tally)

    def gave_up(self, lost: Lost, *, handed: bool) -> None:
        """Note what went with a record; `handed` when it is on its way to the observer or there."""
        if handed:
            self._unsure[lost.seq] = lost
        else:
            self._count(lost)

    def acknowledged(self, low: int, high: int) -> None:
        """The records of a closed range were understood."""
        unsure = self._unsure
        for seq in [seq for seq in unsure if low <= seq <= high] if high - low > len(unsure) else range(low, high + 1):
            unsure.pop(seq, None)

    def disconnected(self) -> None:
        """What was handed over and not acknowledged is lost."""
        unsure, self._unsure = self._unsure, {}
        for lost in unsure.values():
            self._count(lost)

    def take(self, seq: int) -> list[Lost]:
        """What is to be told, with sequence numbers after `seq`."""
        tally, self._tally = self._tally, {}
        return [Lost(number, assistant, at, count) for number, ((assistant, _), (at, count)) in enumerate(tally.items(), seq + 1)]

    def _count(self, lost: Lost) -> None:
        key = (lost.assistant, int(lost.at // HOUR))
        if key not in self._tally and len(self._tally) >= KINDS:
            key = (lost.assistant, _ANY)
        at, count = self._tally.get(key, (lost.at, 0))
        self._tally[key] = (max(at, lost.at), count + lost.exchanges)
