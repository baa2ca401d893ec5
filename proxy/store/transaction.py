"""A watched transaction in two round trips: keys are watched and read in one, all commands are written in the other.

redis-py sends WATCH, waits, then reads; it encodes each command in Python and waits for each reply under a timer of its own,
which was half of the observer's processor time for a commit. Here hiredis encodes, one timer is over all replies, and the
connection's rules are redis-py's: a connection on which anything failed is closed, never handed on with replies unread.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any, Final

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError, WatchError

ANSWER_TIME: Final = 5.0
"""Seconds to wait for an answer: far longer than any command of ours takes, far shorter than people wait for a page."""

Command = tuple[str | bytes | int | float, ...]


class Transaction(Pipeline):
    """`watched`, then `multi`, the commands, and `execute`; as redis-py's pipeline for everything else."""

    async def watched(self, names: Sequence[str]) -> list[bytes | None]:
        """Watch some keys and give their values; raises one of `connect.AWAY`. May be called again, for more keys."""
        if self.connection is None:
            self.connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]  # not annotated in redis-py
        replies = await self._exchange([("WATCH", *names), ("MGET", *names)])
        self.watching = True
        _raise_first(replies)
        return [value if isinstance(value, bytes) else None for value in replies[1]]

    def queue(self, *command: str | bytes | float) -> None:
        """Queue a command between `multi` and `execute` as it is: redis-py's methods take 2 us to make the same of arguments."""
        self.command_stack.append((command, {}))  # type: ignore[arg-type]  # annotated without numbers, which are packed as well

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Write what is queued, or raise WatchError. Replies to a watched transaction are as the server gives them."""
        if not (self.explicit_transaction and self.watching):
            return await super().execute(raise_on_error)
        commands = [arguments for arguments, _ in self.command_stack]
        try:
            _, *queued, done = await self._exchange([("MULTI",), *commands, ("EXEC",)])
            self.watching = False
        finally:
            await self.reset()  # type: ignore[no-untyped-call]  # not annotated in redis-py
        _raise_first([*queued, done])
        if done is None:
            raise WatchError("a watched key was written by another")
        _raise_first(done)
        return list(done)

    async def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands and read all their replies, the server's errors among them."""
        connection: AbstractConnection | None = self.connection
        if connection is None or (self.watching and not connection.is_connected):
            self.watching = False
            raise RedisError("the connection that watched is gone")
        try:
            async with asyncio.timeout(ANSWER_TIME):
                await connection.send_packed_command(
                    [b"".join([_packed(command) for command in commands])], check_health=not self.watching
                )
                parsed = connection._read_response_from_parser  # noqa: SLF001 - what read_response does beside it is done for the last
                return [*[await parsed() for _ in commands[1:]], await _reply(connection)]
        except BaseException:
            self.watching = False  # a closed connection watches nothing, and UNWATCH would open it again
            await connection.disconnect(nowait=True)
            raise


def _packed(command: Command) -> bytes:
    packed: bytes = pack_command(command)  # type: ignore[arg-type]  # annotated as a tuple of one
    return packed


async def _reply(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response(timeout=math.inf)
    except ResponseError as error:
        return error


def _raise_first(replies: Sequence[object]) -> None:
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply


class Client(Redis):
    """redis-py's client, whose pipelines are `Transaction`s."""

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Transaction:
        """Give a pipeline."""
        return Transaction(self.connection_pool, self.response_callbacks, transaction, shard_hint)

    async def by_node(self, keys: Sequence[str]) -> Sequence[Sequence[str]]:
        """Part keys by the node that has them, for pipelines: here there is one."""
        return [keys]
