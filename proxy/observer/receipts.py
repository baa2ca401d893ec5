"""What one commit settles: which records are done, and what a relay is to keep of open connections."""

from __future__ import annotations

from collections.abc import Iterable

from proxy.observer.sockets import Open
from proxy.records import Acks, Kept, joined


class Receipts:
    """By relay: acknowledgements, and how many turns are then kept of open connections."""

    def __init__(self) -> None:
        self.acks: dict[str, Acks] = {}
        self.sockets: dict[tuple[str, int], int | None] = {}
        self._seqs: dict[str, list[int]] = {}
        self._kept: dict[str, list[Kept]] = {}
        self._unread: dict[str, list[int]] = {}

    def add(self, relay: str, seqs: Iterable[int]) -> None:
        """Records that are done."""
        self._seqs.setdefault(relay, []).extend(seqs)

    def settle(self, opened: Open, now: float) -> None:
        """What an open connection no longer needs, and what is to be kept for it."""
        head = opened.head
        done, state = opened.settled(now)
        if done:
            self.add(head.relay, done)
        if state is not None:
            self._kept.setdefault(head.relay, []).append(Kept(head.number, state))
            if opened.unread:
                self._unread.setdefault(head.relay, []).append(head.number)
        if done or opened.turns:
            self.sockets[head.relay, head.number] = opened.turns

    def close(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """Put the acknowledgements together; gives their ranges."""
        ranges = {relay: joined((seq, seq) for seq in seqs) for relay, seqs in self._seqs.items()}
        for relay, done in ranges.items():
            self.acks[relay] = Acks(done, tuple(self._kept.get(relay, ())), tuple(self._unread.get(relay, ())))
        return ranges
