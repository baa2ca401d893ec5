"""What the observer asks of those who understand; `proxy.meaning.understanding` does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from proxy.kpi.events import Event
from proxy.meaning.talk import Talk, TalkState
from proxy.wire.exchange import Exchange
from proxy.wire.gaps import Gap


class SocketReader(Protocol):
    """Understands the connections of one assistant."""

    def socket(self, head: Exchange, state: TalkState | None = None) -> Talk | None:
        """Give the reader of a connection's messages, None when no preset knows it."""
        ...

    def gaps(self, gaps: Sequence[Gap]) -> None:
        """Count what could not be read."""
        ...

    def fault(self) -> None:
        """Count a fault of this program on a connection."""
        ...


class Reader(SocketReader, Protocol):
    """Understands the exchanges of one assistant, too; never raises."""

    def read(self, exchange: Exchange) -> tuple[Event, ...]:
        """Give the turns and ratings of an exchange, or why it has none."""
        ...
