"""A connection that the relay reads and writes itself, on both kinds of watch."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import Callable
from typing import cast

import pytest

from proxy.relay.dial import Address
from proxy.relay.plain import Plain
from proxy.relay.pool import Pool
from proxy.relay.watch import EpollWatch, LoopWatch, Watch
from tests.relay.sockets import PATIENCE

BIG = b"x" * 4_000_000
"""More than the system holds for both."""
watches = pytest.mark.parametrize("make", [EpollWatch, LoopWatch])
Make = Callable[[], Watch]


class Noting(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.lost = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.told.append(data)
        if data == b"fault":
            raise ValueError("a fault")

    def eof_received(self) -> bool:
        self.told.append("eof")
        return False

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(type(exc))
        self.lost.set()


def pair(watch: Watch) -> tuple[Plain, Noting, socket.socket]:
    """A transport, whom it tells, and the peer, which waits for what it does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        peer = socket.create_connection(listening.getsockname(), PATIENCE)
        connection, _ = listening.accept()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)  # else the system takes megabytes
    noting = Noting()
    return Plain(connection, noting, watch), noting, peer


async def away(call: Callable[..., bytes], *arguments: object) -> bytes:
    """Let the peer wait in a thread."""
    return await asyncio.wait_for(asyncio.to_thread(call, *arguments), PATIENCE)


def all_of(peer: socket.socket) -> bytes:
    """What comes until the end."""
    return b"".join(iter(lambda: peer.recv(1 << 20), b""))


async def gone(noting: Noting) -> list[object]:
    """What was told, when all is over."""
    await asyncio.wait_for(noting.lost.wait(), PATIENCE)
    return noting.told


@watches
async def test_what_the_socket_does_not_take_pauses_and_goes_out_before_the_end(make: Make) -> None:
    plain, noting, peer = pair(make())
    plain.write(BIG)
    plain.write(b"behind")
    assert noting.told == ["pause"]
    assert plain.get_write_buffer_size() > 0
    plain.close()
    plain.write(b"after the end")
    with peer:
        assert await away(all_of, peer) == BIG + b"behind"
    assert await gone(noting) == ["pause", type(None)]


@watches
async def test_a_peer_that_has_caught_up_is_told_and_half_an_end_comes_behind(make: Make) -> None:
    plain, noting, peer = pair(make())
    plain.write(BIG)
    plain.write_eof()
    with peer:
        assert await away(all_of, peer) == BIG
        peer.sendall(b"still heard")
    assert await gone(noting) == ["pause", "resume", b"still heard", "eof", type(None)]


@watches
async def test_what_came_before_a_reset_is_passed_on(make: Make) -> None:
    plain, noting, peer = pair(make())
    plain.pause_reading()
    peer.sendall(b"last words")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    plain.resume_reading()
    assert await gone(noting) == [b"last words", ConnectionResetError]
    assert plain.get_extra_info("socket").fileno() < 0


@watches
async def test_a_paused_connection_is_not_read(make: Make) -> None:
    plain, noting, peer = pair(make())
    plain.pause_reading()
    plain.pause_reading()
    with peer:
        peer.sendall(b"waits")
        for _ in range(5):
            await asyncio.sleep(0)
        assert noting.told == []
        plain.resume_reading()
    assert await gone(noting) == [b"waits", "eof", type(None)]


@watches
async def test_an_abort_sends_nothing_more(make: Make) -> None:
    plain, noting, peer = pair(make())
    plain.write(BIG)
    plain.abort()
    plain.abort()
    assert plain.is_closing()
    assert await gone(noting) == ["pause", type(None)]
    with peer:
        assert len(await away(all_of, peer)) < len(BIG)


@watches
async def test_a_write_to_who_has_gone_ends_it(make: Make) -> None:
    plain, noting, peer = pair(make())
    plain.pause_reading()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    plain.write(b"one")
    plain.write(b"two")
    told = await gone(noting)
    assert told in ([ConnectionResetError], [BrokenPipeError])


@watches
async def test_a_fault_ends_its_connection_alone(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    watch = make()
    _, noting, peer = pair(watch)
    other, heard, friend = pair(watch)
    with peer, friend:
        peer.sendall(b"fault")
        friend.sendall(b"fine")
        assert await gone(noting) == [b"fault", ValueError]
        assert "a connection is ended by an error" in caplog.text
        other.write(b"answer")
        assert await away(friend.recv, 100) == b"answer"
    assert await gone(heard) == [b"fine", "eof", type(None)]


class Blind:
    """A watch of a system that watches no more."""

    round = None

    def set(self, file: int, called: Callable[[int], None], events: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def defer(self, do: Callable[[], None]) -> None:
        do()


async def test_what_cannot_be_watched_is_closed_and_a_pool_has_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as peer:
        connection, _ = listening.accept()
        with pytest.raises(OSError, match="No space"):
            Plain(connection, Noting(), Blind())
        assert connection.fileno() < 0
        assert peer.recv(1) == b""
        count: list[str] = []
        address = Address("127.0.0.1", listening.getsockname()[1])
        pool = Pool(address, None, "", count.append, Blind(), size=1, idle=1.0, connect_time=1.0)
        assert pool.open() is None
        assert count == []


class Echo(asyncio.Protocol):
    """Sends back what comes, in two writes, and notes when that has gone out."""

    def __init__(self, watch: Watch, told: list[str], name: str) -> None:
        self.watch = watch
        self.told = told
        self.name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("Plain", transport)

    def data_received(self, data: bytes) -> None:
        self.told.append(f"{self.name} reads")
        self.transport.write(data)
        self.transport.write(b"!")
        self.watch.defer(self.fault)
        self.watch.defer(lambda: self.told.append(f"{self.name} has sent"))
        if data == b"close":
            self.transport.close()
        elif data == b"abort":
            self.transport.abort()

    def fault(self) -> None:
        raise ValueError(self.name)


@pytest.mark.parametrize("last", [b"stay", b"close", b"abort"])
async def test_a_round_reads_everything_before_it_sends_anything(last: bytes, caplog: pytest.LogCaptureFixture) -> None:
    watch, told = EpollWatch(), list[str]()
    peers = []
    for name in "ab":
        with socket.create_server(("127.0.0.1", 0)) as listening:
            peers.append(socket.create_connection(listening.getsockname(), PATIENCE))
            connection, _ = listening.accept()
        connection.setblocking(False)
        Plain(connection, Echo(watch, told, name), watch)
    for peer in peers:
        peer.sendall(last)
    assert [await away(receive, peer, len(last) + 1) for peer in peers] == [last + b"!"] * 2
    assert told == ["a reads", "b reads", "a has sent", "b has sent"]
    assert caplog.text.count("Traceback") == 2, "a fault in what was put off is told, and keeps nothing else from being done"
    caplog.clear()
    for peer in peers:
        with peer:
            peer.shutdown(socket.SHUT_WR)
            assert await away(all_of, peer) == b""


def receive(peer: socket.socket, size: int) -> bytes:
    """So many bytes."""
    return peer.recv(size, socket.MSG_WAITALL)
