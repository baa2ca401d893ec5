"""Connections to addresses: at once where they are near, else awaited; none is left behind where there is nobody."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from proxy.relay.dial import Address, dial, dialled
from proxy.relay.watch import watching
from tests.ports import free_port
from tests.relay.sockets import PATIENCE


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("host", "near"), [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("192.0.2.1", False), ("2001:db8::1", False)]
)
def test_what_is_near(host: str, *, near: bool) -> None:
    assert Address(host, 80).near is near
    assert Address(unix="/run/assistant").near
    assert not Address().near


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
async def test_it_is_open_at_once_and_in_time(family: socket.AddressFamily, host: str) -> None:
    with socket.create_server((host, 0), family=family) as listening:
        address = Address(host, listening.getsockname()[1])
        connections = [dialled(address), await dial(address, watching())]
        for connection in connections:
            assert connection is not None
            assert not connection.getblocking()
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            connection.send(b"hello")
            taken, _ = listening.accept()
            with connection, taken:
                assert taken.recv(9) == b"hello"


async def test_nobody_there_is_an_error_and_leaves_nothing_open(tmp_path: Path) -> None:
    nowhere = Address("127.0.0.1", free_port())
    watch = watching()
    before = descriptors()
    for address in (nowhere, Address(unix=str(tmp_path / "nobody"))):
        assert dialled(address) is None
        with pytest.raises(OSError, match=r"refused|No such file"):
            await asyncio.wait_for(dial(address, watch), PATIENCE)
    assert descriptors() <= before


async def test_a_full_queue_does_not_count_as_open_and_time_may_pass(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as unix, socket.socket() as inet:
        unix.bind(path)
        unix.listen(0)
        inet.bind(("127.0.0.1", 0))
        inet.listen(0)
        watch = watching()
        tcp = Address("127.0.0.1", inet.getsockname()[1])
        waiting = [found for _ in range(3) for address in (Address(unix=path), tcp) if (found := dialled(address))]
        before = descriptors()
        assert dialled(tcp) is None
        with pytest.raises(BlockingIOError):
            await dial(Address(unix=path), watch)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await dial(tcp, watch)
        assert descriptors() <= before
        for each in waiting:
            each.close()
