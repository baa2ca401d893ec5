"""A cluster as one client. All keys of an assistant share a hash tag, so every command and every transaction has one node.

The node is that of the first argument with a tag; which node has which slots is asked of the cluster at the first command and
again after any failure, a fail-over or a moved slot included. Who calls tries again anyway (proxy.observer.keeper).
Rejected: redis-py's own asynchronous cluster client, whose transactions run each command after WATCH in a thread with an event
loop of its own and, when a connection dies, go on without what was watched (redis-py 8.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from redis.crc import key_slot
from redis.exceptions import RedisError

from proxy.store.transaction import Client, Transaction

_TAG: Final = re.compile(rb"\{[^}]+\}")

Node = tuple[str, int]


class Nodes:
    """Which node has which slots. `make` makes the client of one node."""

    def __init__(self, seeds: Sequence[Node], make: Callable[[Node], Client]) -> None:
        self._seeds = seeds
        self._make = make
        self._clients: dict[Node, Client] = {}
        self._ranges: list[tuple[int, int, Node]] = []

    def client(self, node: Node) -> Client:
        """Give the client of a node."""
        if node not in self._clients:
            self._clients[node] = self._make(node)
        return self._clients[node]

    async def of(self, arguments: Iterable[object]) -> Client:
        """Give the client of the node that has the keys of a command; without any, of some node."""
        if not self._ranges:
            self._ranges = await self._ask()
        slot = _slot(arguments)
        for low, high, node in self._ranges:
            if slot is None or low <= slot <= high:
                return self.client(node)
        self.forget()
        raise RedisError(f"no node of the cluster has slot {slot}")

    def forget(self) -> None:
        """Ask the cluster again before the next command."""
        self._ranges = []

    async def _ask(self) -> list[tuple[int, int, Node]]:
        failure: Exception = RedisError("the cluster names no slots")
        for node in dict.fromkeys((*self._seeds, *self._clients)):
            try:
                found = await self.client(node).execute_command("CLUSTER SLOTS")  # type: ignore[no-untyped-call]  # not annotated in redis-py
            except (RedisError, OSError) as error:
                failure = error
                continue
            if found:
                # Each is first slot, last slot, primary (host, port, ...), replicas. A node that does not know its own
                # address leaves the host out: it is the one that was asked.
                return [(low, high, (host.decode() if host else node[0], port)) for low, high, (host, port, *_), *_ in found]
        raise failure

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()


class Cluster(Client):
    """A client of the commands that proxy.store uses, each sent to the node that has its keys."""

    def __init__(self, nodes: Nodes, first: Node) -> None:
        super().__init__(connection_pool=nodes.client(first).connection_pool)
        self._nodes = nodes

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command to its node."""
        try:
            node = await self._nodes.of(args)
            return await node.execute_command(*args, **options)  # type: ignore[no-untyped-call]  # not annotated in redis-py
        except RedisError:
            self._nodes.forget()
            raise

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Transaction:
        """Give a pipeline; it belongs to the node of its first command."""
        return _Placed(self._nodes, self, transaction)

    async def by_node(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        """Part keys by the node that has them."""
        parted: dict[int, list[str]] = {}
        for key in keys:
            parted.setdefault(id(await self._nodes.of([key])), []).append(key)
        return list(parted.values())

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close all connections."""
        await self._nodes.aclose()


class _Placed(Transaction):
    """Commands of one node: found by the first that is sent or queued."""

    def __init__(self, nodes: Nodes, client: Cluster, transaction: bool) -> None:
        super().__init__(client.connection_pool, client.response_callbacks, transaction, None)
        self._nodes = nodes

    async def immediate_execute_command(self, *args: Any, **options: Any) -> Any:
        """Send WATCH, or a command after it."""
        try:
            await self._place(args)
            return await super().immediate_execute_command(*args, **options)  # type: ignore[no-untyped-call]  # not annotated in redis-py
        except RedisError:
            self._nodes.forget()
            raise

    async def watched(self, names: Sequence[str]) -> list[bytes | None]:
        """Watch and read keys of one node."""
        try:
            await self._place(names)
            return await super().watched(names)
        except (RedisError, OSError):
            self._nodes.forget()
            raise

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send what is queued."""
        try:
            if self.command_stack:
                await self._place(self.command_stack[0][0])
            return await super().execute(raise_on_error)
        except (RedisError, OSError):
            self._nodes.forget()
            raise

    async def _place(self, arguments: Iterable[object]) -> None:
        if self.connection is None:
            self.connection_pool = (await self._nodes.of(arguments)).connection_pool


def _slot(arguments: Iterable[object]) -> int | None:
    for argument in arguments:
        key = argument.encode() if isinstance(argument, str) else argument
        if isinstance(key, bytes) and (tag := _TAG.search(key)):
            return key_slot(tag[0])
    return None
