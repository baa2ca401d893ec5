"""The tap: a Unix socket on which `kpi-proxy record` is handed copies of whole exchanges, while it is connected.

Whoever may connect may read the traffic: the socket lies in the state directory (0700) and is its owner's alone (0600). A
recorder that reads too slowly misses exchanges and is told how many; nothing waits for it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final, cast

import msgspec

from proxy.wire.exchange import Exchange

SOCKET: Final = "run/tap.sock"
"""Where the tap is, within the state directory."""
WAITING: Final = 32 * 1024 * 1024
"""Bytes that wait for one recorder, some seconds of full load; past it exchanges are missed."""
RECORDERS: Final = 4
"""Recorders at a time: each is handed all the traffic."""


class Tapped(msgspec.Struct, frozen=True, array_like=True):
    """One frame: MessagePack after its length in 4 bytes, big-endian. `missed`: exchanges before it that were not handed over."""

    exchange: Exchange
    missed: int = 0


class _Recorder(asyncio.Protocol):
    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self.missed = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self._tap.recorders) >= RECORDERS:
            transport.close()
            return
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance
        self._tap.recorders.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tap.recorders.discard(self)


class Tap:
    """The listening socket and the recorders that are connected."""

    def __init__(self, state: Path) -> None:
        self._path = state / SOCKET
        self._server: asyncio.Server | None = None
        self.recorders: set[_Recorder] = set()

    async def start(self) -> None:
        """Listen; a socket file that an observer before left behind is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: _Recorder(self), str(self._path))
        os.chmod(self._path, 0o600)  # noqa: PTH101 - a socket's mode

    def hand(self, exchange: Exchange) -> None:
        """Hand a copy to every recorder that keeps up."""
        for recorder in tuple(self.recorders):
            transport = recorder.transport
            if transport is None or transport.is_closing():
                continue
            if transport.get_write_buffer_size() > WAITING:
                recorder.missed += 1
                continue
            frame = msgspec.msgpack.encode(Tapped(exchange, recorder.missed))
            recorder.missed = 0
            transport.write(len(frame).to_bytes(4, "big") + frame)

    async def stop(self) -> None:
        """Let the recorders go, with what was handed to them."""
        if self._server is not None:
            self._server.close()
        for recorder in tuple(self.recorders):
            if recorder.transport is not None:
                recorder.transport.close()
        self._path.unlink(missing_ok=True)
