"""The embedded store: keeps everything, ends with its parent, one user at a time."""

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from redis.asyncio import Redis

from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.connect import connect
from proxy.store.embedded import SOCKET_PATH_LIMIT, Embedded, EmbeddedError, socket_path
from tests.store.conftest import answers
from tests.store.making import ledger, numbered, traffic


async def test_a_restart_keeps_everything(tmp_path: Path, assistant: Assistant):
    first = Embedded(tmp_path)
    await first.start()
    client = connect(first.url)
    await Applier(client, {"rh": assistant}, "one").apply(numbered(traffic(100)))
    found = await ledger(client)
    await first.stop()
    await client.aclose()
    assert first.pid is None
    second = Embedded(tmp_path)
    await second.start()
    client = connect(second.url)
    assert await ledger(client) == found
    await client.aclose()
    await second.stop()


async def test_a_killed_server_comes_back_with_everything(embedded: Embedded, assistant: Assistant):
    client = connect(embedded.url)
    await Applier(client, {"rh": assistant}, "one").apply(numbered(traffic(100)))
    found = await ledger(client)
    first = embedded.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(60):
        while embedded.restarts == 0:  # noqa: ASYNC110 - the product needs no event for it
            await asyncio.sleep(0.01)
    await answers(client)
    assert embedded.pid != first
    assert await ledger(client) == found
    await client.aclose()


async def test_a_torn_tail_is_mended(tmp_path: Path):
    store = Embedded(tmp_path)
    await store.start()
    client = connect(store.url)
    await client.set("whole", "1")
    await client.aclose()
    await store.stop()
    (tail,) = (tmp_path / "store" / "appendonlydir").glob("*.incr.aof")
    with tail.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
    again = Embedded(tmp_path)
    await again.start()
    client = connect(again.url)
    assert await client.get("whole") == b"1"
    await client.aclose()
    await again.stop()


async def test_a_second_user_is_told(embedded: Embedded, tmp_path: Path):
    with pytest.raises(EmbeddedError, match="in use by another kpi-proxy"):
        await Embedded(tmp_path).start()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path):
    directory = tmp_path / "store" / "appendonlydir"
    directory.mkdir(parents=True)
    (directory / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(EmbeddedError, match="does not start"):
        await Embedded(tmp_path).start()
    with pytest.raises(EmbeddedError, match="does not start"):  # and the locks are free again
        await Embedded(tmp_path).start()


async def test_everything_is_private(embedded: Embedded, tmp_path: Path):
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "store" / "socket").stat().st_mode & 0o077 == 0


async def test_a_long_path_gets_a_short_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    short = tempfile.mkdtemp(prefix="kpi")
    request.addfinalizer(lambda: shutil.rmtree(short))
    monkeypatch.setenv("XDG_RUNTIME_DIR", short)
    state = tmp_path / ("x" * 90)
    assert len(str(socket_path(state / "store"))) <= SOCKET_PATH_LIMIT
    store = Embedded(state)
    await store.start()
    client: Redis = connect(store.url)
    assert await client.ping()
    await client.aclose()
    await store.stop()
    assert socket_path(state / "store").parent.stat().st_mode & 0o777 == 0o700


USER = """
import asyncio, sys
from pathlib import Path
from proxy.store.connect import connect
from proxy.store.embedded import Embedded

async def main():
    store = Embedded(Path(sys.argv[1]))
    await store.start()
    client = connect(store.url)
    number = 0
    while True:
        number += 1
        await client.set("number", number)
        print(store.pid, number, flush=True)

asyncio.run(main())
"""


async def test_the_server_ends_with_its_killed_parent_and_keeps_everything(tmp_path: Path):
    command = [sys.executable, "-c", USER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as user:  # noqa: ASYNC220 - nothing else runs meanwhile
        assert user.stdout is not None
        server, told = 0, 0
        for line in user.stdout:
            server, told = map(int, line.split())
            if told == 100:
                user.kill()
    assert server
    with (tmp_path / "store" / "server.lock").open("ab") as lock:  # the server holds it until it has written everything
        await asyncio.wait_for(asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX), 60)
    again = Embedded(tmp_path)
    await again.start()
    client = connect(again.url)
    assert int(await client.get("number") or 0) >= told >= 100
    await client.aclose()
    await again.stop()
