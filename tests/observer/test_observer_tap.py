"""The tap hands copies to whoever is connected, and waits for nobody."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import msgspec
import pytest

from proxy.observer import tap as module
from proxy.observer.tap import RECORDERS, SOCKET, Tap, Tapped
from proxy.wire.exchange import Body, Exchange


def made(number: int, size: int = 10) -> Exchange:
    body = Body(b"x" * size, ((size, 0.1),))
    return Exchange(str(number), "rh", 0.0, "", "POST", "/", {}, {}, body, 0.0, 200, 0.0, {}, Body(), "complete", 0.1)


async def next_of(reader: asyncio.StreamReader) -> Tapped:
    length = int.from_bytes(await reader.readexactly(4), "big")
    return msgspec.msgpack.decode(await reader.readexactly(length), type=Tapped)


@pytest.fixture
async def tap(tmp_path: Path):
    (tmp_path / "run").mkdir()
    tapped = Tap(tmp_path)
    await tapped.start()
    yield tapped, tmp_path / SOCKET
    await tapped.stop()
    assert not (tmp_path / SOCKET).exists()


async def connect(tapped: Tap, path: Path):
    before = len(tapped.recorders)
    reader, writer = await asyncio.open_unix_connection(str(path))
    while len(tapped.recorders) == before:  # noqa: ASYNC110 - the tap tells nobody of a new recorder
        await asyncio.sleep(0)
    return reader, writer


async def test_a_recorder_is_handed_exchanges_while_it_is_connected(tap):
    tapped, path = tap
    tapped.hand(made(1))  # nobody is there
    reader, writer = await connect(tapped, path)
    tapped.hand(made(2))
    assert await next_of(reader) == Tapped(made(2), 0)
    writer.close()
    await writer.wait_closed()


async def test_the_socket_is_its_owners(tap):
    _, path = tap
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_recorder_that_reads_too_slowly_misses_exchanges_and_is_told(tap, monkeypatch):
    monkeypatch.setattr(module, "WAITING", 1_000_000)
    tapped, path = tap
    reader, writer = await connect(tapped, path)
    for number in range(8):
        tapped.hand(made(number, 1_000_000))
    seen = [await next_of(reader)]
    while tapped.recorders and next(iter(tapped.recorders)).transport.get_write_buffer_size() > 0:
        seen.append(await next_of(reader))
    tapped.hand(made(99))
    while seen[-1].exchange.id != "99":
        seen.append(await next_of(reader))
    assert seen[-1].missed == 9 - len(seen) > 0
    writer.close()
    await writer.wait_closed()


async def test_recorders_are_few(tap):
    tapped, path = tap
    writers = [(await connect(tapped, path))[1] for _ in range(RECORDERS)]
    reader, late = await asyncio.open_unix_connection(str(path))
    assert await reader.read() == b""
    for writer in (*writers, late):
        writer.close()
        await writer.wait_closed()
