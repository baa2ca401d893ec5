"""What the parts of an exchange know of each other: its two connections of it, it of them.

Each side is written against these, so that none has to import the others.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from proxy.relay.body import Tracker
from proxy.relay.reading import Reading
from proxy.settings.model import Limits


class Underway(Protocol):
    """What two connections carry at the moment: an exchange, on its long or its short way, or a tunnel."""

    @property
    def client(self) -> Caller:
        """Whose request it is."""

    def request_data(self, data: bytes) -> bytes:
        """Pass on bytes of the client; gives those back that come after the request."""

    def client_gone(self, detail: str = "") -> None:
        """The client has left."""

    def hold(self) -> None:
        """Do not read from the assistant until the client has caught up."""

    def go_on(self) -> None:
        """Read on."""

    def response_data(self, data: bytes) -> None:
        """Pass on bytes of the assistant."""

    def upstream_ended(self) -> None:
        """The assistant has sent its FIN."""

    def upstream_lost(self, *, broken: bool, fresh: bool) -> None:
        """The connection to the assistant is gone, by a reset when `broken`; `fresh` when it has served nothing before."""

    def sweep(self, now: float) -> None:
        """Once a second: end what is overdue, ship what waits."""

    def cut(self) -> None:
        """Break it off at the end of a drain."""


class Caller(Protocol):
    """The connection of a client, as what it carries knows it."""

    transport: asyncio.Transport
    reading: Reading
    exchange: Underway | None
    peer: str  # an address; "" for a Unix socket
    full: bool  # it reads slower than the assistant answers
    keep_alive: bool

    @property
    def limits(self) -> Limits:
        """Those that hold for it."""

    @property
    def draining(self) -> bool:
        """Whether the relay takes no new requests."""

    def exchange_done(self, request: Tracker) -> None:
        """The answer has gone out whole; `request` says whether the question has come whole."""

    def switched(self) -> None:
        """The connection is a tunnel now."""

    def close_with(self, data: bytes) -> None:
        """Send a last answer of the relay's own."""

    def finish(self) -> None:
        """Close when everything is out."""
