"""One listening socket of a relay, and what all connections that come through it share."""

from __future__ import annotations

import sys

from proxy.relay.client import Client
from proxy.relay.counters import Counters
from proxy.relay.request import RequestReader
from proxy.relay.site import Site
from proxy.settings.model import Limits


class Door:
    """Lets connections in, counts them, reads their requests."""

    def __init__(self, site: Site, limits: Limits, counters: Counters, clients: set[Client]) -> None:
        self.site = site
        self.limits = limits
        self.head_limit = limits.head or sys.maxsize
        self.requests = RequestReader(site.curtain.request_fields, headers=limits.headers)
        self.draining = False
        self._counters = counters
        self._clients = clients  # of the whole relay
        self._by_peer: dict[str, int] = {}

    def enter(self, client: Client) -> bool:
        """Note a new connection; whether it is within the limits."""
        self._clients.add(client)
        self._counters.add("connections", "client", "opened")
        count = self._by_peer[client.peer] = self._by_peer.get(client.peer, 0) + 1
        most, each = self.limits.connections, self.limits.client_connections
        return not ((most and len(self._clients) > most) or (each and count > each))

    def leave(self, client: Client) -> None:
        """Note the end of a connection."""
        self._clients.discard(client)
        self._counters.add("connections", "client", "closed")
        if (left := self._by_peer.get(client.peer, 1) - 1) > 0:
            self._by_peer[client.peer] = left
        else:
            self._by_peer.pop(client.peer, None)

    def refused(self, detail: str) -> None:
        """Count an answer of the relay's own to what never became an exchange."""
        self._counters.add("errors", self.site.name, f"refused_{detail}")
