"""The one place that makes a Redis client: to the embedded store's socket, one server, Sentinel's master, or a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Sentinel
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from proxy.settings.model import Store
from proxy.settings.store_url import StoreUrl, store_url
from proxy.store.cluster import Cluster, Node, Nodes
from proxy.store.embedded import EmbeddedError
from proxy.store.transaction import ANSWER_TIME, Client

CONNECT_TIME: Final = 3.0
"""Seconds to wait for a connection."""
CONNECTIONS: Final = 24
"""Of one process, to each node: twice `abreast.LIMIT` for keeper or settler, the rest for judges, samples and pages, which wait
where they are more. It must exceed that LIMIT: those who hold one (WATCH) and wait for a second would else hold them all."""
ROOM_TIME: Final = 5.0
"""Seconds to wait for one of them to be free, as long as for an answer: then the store counts as away, and is tried again."""

_OPTIONS: Final[dict[str, Any]] = {
    "socket_connect_timeout": CONNECT_TIME,
    "socket_timeout": ANSWER_TIME,
    "max_connections": CONNECTIONS,
    "timeout": ROOM_TIME,
    "health_check_interval": 30,
    "client_name": "kpi-proxy",
}

AWAY: Final[tuple[type[Exception], ...]] = (RedisError, OSError, EmbeddedError)
"""What is raised when the store can't be reached or can't serve; what was to be written waits in the outbox."""


def as_bytes(reply: object) -> bytes | None:
    """Narrow the reply of a GET: redis-py's annotations leave open what this client is set to do."""
    return reply if isinstance(reply, bytes) else None


def as_hash(reply: Mapping[Any, Any]) -> dict[bytes, bytes]:
    """Narrow the reply of an HGETALL likewise."""
    return {name: value for name, value in reply.items() if isinstance(name, bytes) and isinstance(value, bytes)}


def connect(url: str, store: Store | None = None) -> Client:
    """Make a client; it connects at its first command. `store` has the certificates of a rediss:// URL. Raises ValueError."""
    if url.startswith("unix:"):  # the embedded store's own
        return _single(url, **_OPTIONS, retry=_once())
    where = store_url(url)
    options = {**_OPTIONS, "retry": _once(), **_files(where, store)}
    match where.kind:
        case "single":
            return _single(url, **options)
        case "sentinel":
            return _sentinel(where, _plain({**parse_url(where.base), **options}, tls=where.tls))
        case "cluster":
            shared = {**parse_url(where.base), **options}

            def make(node: Node) -> Client:
                return _pooled(BlockingConnectionPool(**{**shared, "host": node[0], "port": node[1]}))

            return Cluster(Nodes(where.hosts, make), where.hosts[0])


def _single(url: str, **options: Any) -> Client:
    return _pooled(BlockingConnectionPool.from_url(url, **options))


def _pooled(pool: BlockingConnectionPool) -> Client:
    client = Client(connection_pool=pool)
    client.auto_close_connection_pool = True  # as with redis-py's from_url, whose annotation forgets what it was called on
    return client


def _once() -> Retry:
    """Try once: who calls knows better when to try again."""
    return Retry(NoBackoff(), 0)


def _files(where: StoreUrl, store: Store | None) -> dict[str, str]:
    if store is None or not where.tls:
        return {}
    files = {"ssl_ca_certs": store.ca_file, "ssl_certfile": store.client_certificate, "ssl_keyfile": store.client_key}
    return {name: file for name, file in files.items() if file is not None}


class _Patient(SentinelConnectionPool, BlockingConnectionPool):
    """Sentinel's pool, where who finds no free connection waits for one; redis-py has no such pool."""


class _Followed(Client):
    """The master that Sentinels name: each new connection asks them, and a master that became a replica is left."""

    def __init__(self, sentinel: Sentinel, name: str) -> None:
        pool = _Patient(name, sentinel, **sentinel.connection_kwargs)  # type: ignore[no-untyped-call]  # not in redis-py
        super().__init__(connection_pool=pool)
        self._sentinel = sentinel

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close all connections, the Sentinels' too."""
        await self.connection_pool.aclose()
        for each in self._sentinel.sentinels:
            await each.aclose()


def _sentinel(where: StoreUrl, options: dict[str, Any]) -> Client:
    own = ("socket_connect_timeout", "socket_timeout", "ssl", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
    access: dict[str, Any] = {name: options[name] for name in own if name in options}
    if where.sentinel_password:
        access |= {"username": where.sentinel_user or None, "password": where.sentinel_password}
    sentinel = Sentinel(where.hosts, sentinel_kwargs=access, **options)  # type: ignore[no-untyped-call]  # not in redis-py
    return _Followed(sentinel, where.master)


def _plain(options: dict[str, Any], *, tls: bool) -> dict[str, Any]:
    """Turn a URL's options into those of a client: without its one host, and TLS as an option of its own."""
    left = {name: value for name, value in options.items() if name not in {"host", "port", "connection_class"}}
    return {**left, "ssl": True} if tls else left
