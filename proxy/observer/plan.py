"""What an observer process is told at its start."""

from __future__ import annotations

import msgspec

from proxy.settings.model import Settings


class ObserverPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an observer process knows; `console` is the file descriptor of the console's listening socket."""

    settings: Settings
    state: str
    secret: str  # key of the hashes, hex
    console: int
    relays: int  # processes that are to connect
