"""What a relay process is told at its start: the part of the settings that forwarding needs, already resolved.

The supervisor makes it from the settings and the presets and hands it over as JSON on standard input, so that a relay
reads no YAML and no environment, and no file but certificates. A new plan may follow on the same way while it runs, and listening
sockets that it names ahead of it (proxy.parent).
"""

from __future__ import annotations

import msgspec

from proxy.settings.model import Capture, Limits, Log


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """Where the assistant answers. `unix` is the path of a socket, "" for TCP."""

    host: str
    port: int
    tls: bool = False
    unix: str = ""
    verify: bool = True
    ca_file: str | None = None
    server_name: str = ""  # that its certificate must have, and SNI; "": the host
    certificate: str | None = None  # ours, for an assistant that asks for one
    key: str | None = None
    authority: str = ""  # the Host header value of the upstream


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """How connections come in at a listening socket. `listener` is the supervisor's descriptor of it."""

    listener: int
    certificate: str | None = None  # PEM; with it, clients come by TLS
    key: str | None = None
    proxied: tuple[str, ...] = ()  # networks whose connections begin with a PROXY header


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What of a head may leave the relay, names lower case. Everything else stays.

    `headers` and `query` pass as they are. `hashed_headers` and `cookies` leave as a keyed hash (identity only);
    of the tokens in `jwt_headers` only the payload leaves, without its signature: it opens nothing. Those in `token_headers`
    leave whole, for an observer that is to verify them (`identity.jwt`): nothing else of such a header does.
    """

    headers: frozenset[str] = frozenset()
    response_headers: frozenset[str] = frozenset()
    query: frozenset[str] = frozenset()
    hashed_headers: frozenset[str] = frozenset()
    cookies: frozenset[str] = frozenset()
    jwt_headers: frozenset[str] = frozenset()
    token_headers: frozenset[str] = frozenset()


class AssistantPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One assistant as a relay sees it. Those with the same entrance are told apart by `hosts` and `prefix`."""

    name: str
    entrance: Entrance
    upstreams: tuple[Upstream, ...]  # that all answer alike
    hosts: tuple[str, ...] = ()  # host names of its requests, "*.NAME" for all below one; none: any
    prefix: str = ""  # of the paths of its requests
    keep_host: bool = True
    via: bool = False
    append_forwarded: bool = False
    wanted: Wanted


class RelayPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a relay process knows."""

    relay: str  # identity of this start
    observer: str  # path of the observer's socket
    secret: str  # key of the hashes, hex
    assistants: tuple[AssistantPlan, ...]
    capture: Capture
    limits: Limits
    log: Log
    inherited: tuple[int, ...] = ()  # listening sockets that the process was started with
    handover: int | None = None  # socket on which more may come
    handed: int = 0  # messages with such that were sent there ahead of this plan, since the process was started
