"""The one place that makes a Redis client: to the embedded store's socket, or to a redis:// or rediss:// URL."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from proxy.store.embedded import EmbeddedError

CONNECT_TIME: Final = 3.0
"""Seconds to wait for a connection."""
ANSWER_TIME: Final = 5.0
"""Seconds to wait for an answer: far longer than any command of ours takes, far shorter than people wait for a page."""
CONNECTIONS: Final = 16
"""Of one process: keeper, settling and some pages at a time."""

AWAY: Final[tuple[type[Exception], ...]] = (RedisError, OSError, EmbeddedError)
"""What is raised when the store can't be reached or can't serve; what was to be written waits in the outbox."""


def as_bytes(reply: object) -> bytes | None:
    """Narrow the reply of a GET: redis-py's annotations leave open what this client is set to do."""
    return reply if isinstance(reply, bytes) else None


def connect(url: str) -> Redis:
    """Make a client; it connects at its first command. `unix://` URLs are the embedded store's."""
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIME,
        socket_timeout=ANSWER_TIME,
        max_connections=CONNECTIONS,
        retry=Retry(NoBackoff(), 0),  # who calls knows better when to try again
        health_check_interval=30,
        client_name="kpi-proxy",
    )
