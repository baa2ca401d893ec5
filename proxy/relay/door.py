"""One listening socket of a relay, and what all connections that come through it share."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Protocol
from weakref import ref

from proxy.relay.counters import Counters
from proxy.relay.fields import Refusal
from proxy.relay.known import Known, known
from proxy.relay.pattern import KNOWN_LIMIT
from proxy.relay.plan import AssistantPlan, Entrance
from proxy.relay.request import RequestReader
from proxy.relay.routes import Routes, Rule
from proxy.relay.site import Site
from proxy.settings.model import Limits


class Guest(Protocol):
    """A connection that a door has let in, as the relay looks after it."""

    door: Door
    peer: str
    secure: bool

    def sweep(self, now: float) -> None:
        """Once a second."""

    def forget(self) -> None:
        """The settings have changed."""

    def drain(self) -> None:
        """End it soon."""

    def cut(self) -> None:
        """End it now."""


class Door:
    """Lets connections in, counts them, reads their requests, knows whom these are for."""

    def __init__(self, counters: Counters, clients: set[Guest]) -> None:
        self.draining = False
        self.limits = Limits()
        self.head_limit = 0
        self.tls: ssl.SSLContext | None = None
        self.trusted: tuple[str, ...] = ()  # networks of balancers that speak the PROXY protocol
        self.requests = RequestReader()
        self._known: ref[Known] | None = None
        self._name = ""
        self._counters = counters
        self._clients = clients  # of the whole relay
        self._by_peer: dict[str, int] = {}
        self._routes = Routes[Site](())

    def furnish(self, sites: Sequence[tuple[AssistantPlan, Site]], limits: Limits, tls: ssl.SSLContext | None) -> None:
        """Set, or set anew, what stands behind it. Connections stay; what has begun goes on as it began."""
        self.tls = tls
        self.trusted = sites[0][0].entrance.proxied
        self.limits = limits
        self.head_limit = limits.head or sys.maxsize
        wanted = frozenset[bytes]().union(*(site.curtain.request_fields for _, site in sites))
        self.requests = RequestReader(wanted, headers=limits.headers)
        self._known = None
        self._routes = Routes((Rule(plan.hosts, plan.prefix), site) for plan, site in sites)
        self._name = sites[0][1].name

    def read(self, raw: bytes, client: Guest) -> Known | Refusal:
        """Read the head of a request and find the assistant that it is for; 404: there is none."""
        head = self.requests.read(raw) if len(raw) <= self.head_limit else Refusal(431, "the head is too large")
        if isinstance(head, Refusal):
            return head
        site = self._routes.find(head.host, head.target)
        if site is None:
            return Refusal(404, "no assistant has this host and path")
        found = known(head, site, site.curtain.shown(head), site.onward(head, raw, client.peer, secure=client.secure))
        self._known = ref(found) if len(raw) <= KNOWN_LIMIT and not site.adds else None
        return found

    @property
    def known(self) -> Known | None:
        """The last head, which a program's next connection mostly begins with; None once no connection has it any more.

        A head may hold credentials: nobody's are kept for longer than a connection of theirs.
        """
        return self._known() if self._known is not None else None

    def trusts(self, peer: str) -> bool:
        """Whether a peer is a balancer that speaks for others."""
        address = ip_address(peer.partition("%")[0].removeprefix("::ffff:"))
        return any(address in ip_network(network, strict=False) for network in self.trusted)

    def enter(self, client: Guest) -> bool:
        """Note a new connection; whether it is within the limits."""
        self._clients.add(client)
        self._counters.add("connections", "client", "opened")
        count = self._by_peer[client.peer] = self._by_peer.get(client.peer, 0) + 1
        most, each = self.limits.connections, self.limits.client_connections
        return not ((most and len(self._clients) > most) or (each and count > each))

    def leave(self, client: Guest) -> None:
        """Note the end of a connection."""
        self._clients.discard(client)
        self._counters.add("connections", "client", "closed")
        if (left := self._by_peer.get(client.peer, 1) - 1) > 0:
            self._by_peer[client.peer] = left
        else:
            self._by_peer.pop(client.peer, None)

    def refused(self, detail: str) -> None:
        """Count an answer of the relay's own to what never became an exchange."""
        self._counters.add("errors", self._name, f"refused_{detail}")


def listening_tls(entrance: Entrance) -> ssl.SSLContext | None:
    """How clients are spoken to; raises OSError (ssl.SSLError is one) when the certificate can't be used."""
    if entrance.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(entrance.certificate, entrance.key, password="")
    return context
