"""Keys are read again from a file and fetched again from a server; one that fails changes nothing, and is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.meaning.tokens import KeysError
from proxy.observer import keyring as module
from proxy.observer.keyring import Keyring, fetched, keyring
from proxy.settings.people import Jwt
from proxy.tasks import Tasks
from tests.tokens import Issuer


def ids(ring: Keyring) -> set[str]:
    return {key.id.rpartition("-")[2] for key in ring.keys}


class Published:
    """A server of keys: what it answers is set by the test."""

    def __init__(self) -> None:
        self.body = Issuer("1").jwks()
        self.status = 200
        self.location = ""
        self.asked = 0
        self.news = asyncio.Event()

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        self.news.set()
        return web.Response(body=self.body, status=self.status, headers={"Location": self.location} if self.location else {})

    async def next(self) -> None:
        """Wait until it is asked."""
        await asyncio.wait_for(self.news.wait(), 60)
        self.news.clear()


@pytest.fixture
async def served() -> AsyncIterator[tuple[Published, str]]:
    published = Published()
    application = web.Application()
    application.router.add_get("/keys", published.answer)
    server = TestServer(application)
    await server.start_server()
    yield published, str(server.make_url("/keys"))
    await server.close()


async def test_a_rotated_set_replaces_the_one_before(served):
    published, url = served
    ring = keyring("rh", Jwt(keys_url=url))
    assert not ring.keys
    await ring.look()
    assert ids(ring) == {"1"}
    published.body = Issuer("2").jwks()
    await ring.look()
    assert ids(ring) == {"2"}


@pytest.mark.parametrize(
    ("status", "body", "told"), [(503, b"", "answered 503"), (302, b"", "answered 302"), (200, b"{}", "no set of keys")]
)
async def test_a_failed_fetch_keeps_the_keys_and_is_told_once(served, caplog, status: int, body: bytes, told: str):
    published, url = served
    ring = keyring("rh", Jwt(keys_url=url))
    await ring.look()
    published.status, published.body, published.location = status, body, url if status == 302 else ""
    await ring.look()
    await ring.look()
    assert ids(ring) == {"1"}
    assert told in ring.stale
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    published.status, published.body, published.location = 200, Issuer("2").jwks(), ""
    await ring.look()
    assert (ids(ring), ring.stale) == ({"2"}, "")


async def test_what_is_too_large_or_silent_or_gone_is_no_set(served, monkeypatch):
    published, url = served
    published.body = b" " * (module.SIZE + 1)
    with pytest.raises(KeysError, match="more than"):
        await fetched(url)
    silent = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    held: list[asyncio.StreamWriter] = []
    port = silent.sockets[0].getsockname()[1]
    monkeypatch.setattr(module, "TIME", 0.05)
    with pytest.raises(KeysError, match="did not answer"):
        await fetched(f"http://127.0.0.1:{port}/keys")
    silent.close()
    for writer in held:
        writer.close()
    with pytest.raises(KeysError, match="can't be fetched"):
        await fetched(f"http://127.0.0.1:{port}/keys")


async def test_an_unknown_key_is_asked_for_before_its_time(served):
    published, url = served
    ring = Keyring("rh", lambda: fetched(url), pause=0.0, refresh=3600.0)
    tasks = Tasks()
    tasks.start(ring.watch(), "keys")
    await published.next()
    for number in (2, 3):
        published.body = Issuer(str(number)).jwks()
        ring.want()
        await published.next()
    await tasks.stop()
    assert published.asked == 3


@pytest.mark.parametrize("failing", [False, True])
async def test_unknown_keys_make_no_fetch_within_the_pause(failing: bool):
    asked = 0
    document = Issuer().jwks()

    async def load() -> bytes:
        nonlocal asked
        asked += 1
        if failing:
            raise KeysError("away")
        return document

    ring = Keyring("rh", load, pause=3600.0, refresh=7200.0)
    tasks = Tasks()
    tasks.start(ring.watch(), "keys")
    for _ in range(100):
        ring.want()
        await asyncio.sleep(0)
    await tasks.stop()
    assert asked == 1


async def test_a_file_is_there_at_once_and_read_again(tmp_path: Path):
    file = tmp_path / "keys.json"
    file.write_bytes(Issuer("1").jwks())
    ring = keyring("rh", Jwt(keys_file=str(file)))
    assert ids(ring) == {"1"}
    file.write_bytes(Issuer("2").jwks()[:200])
    await ring.look()
    assert ids(ring) == {"1"}
    assert ring.stale
    file.write_bytes(Issuer("2").jwks())
    await ring.look()
    assert (ids(ring), ring.stale) == ({"2"}, "")
    file.unlink()
    await ring.look()
    assert ids(ring) == {"2"}
    assert "can't be read" in ring.stale
    assert keyring("rh", Jwt(keys_file=str(file))).stale
