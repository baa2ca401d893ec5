"""Live people against the real demo assistant, at a hundred times their pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.demo.assistant import Assistant
from proxy.demo.crowd import Crowd
from proxy.demo.people import visitors
from proxy.demo.visit import CHAT, FEEDBACK, Visit

SPEED = 200.0


class CountingAssistant:
    """The demo assistant with a count of what came and what was left in the middle."""

    def __init__(self, speed: float) -> None:
        self.paths: Counter[str] = Counter()
        self.users: set[str] = set()
        self.left = asyncio.Event()
        self.busy = asyncio.Event()
        self.app = Assistant(speed=speed, name="crowd").app()
        self.app.middlewares.append(self._count)

    @web.middleware
    async def _count(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.paths[request.path] += 1
        if self.paths.total() == 20:
            self.busy.set()
        self.users.add((await request.json())["user"])
        try:
            response: web.StreamResponse = await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response


@pytest.fixture(params=[SPEED])
async def assistant(request: pytest.FixtureRequest) -> AsyncIterator[tuple[CountingAssistant, str]]:
    counting = CountingAssistant(request.param)
    server = TestServer(counting.app)
    await server.start_server()
    yield counting, str(server.make_url("")).rstrip("/")
    await server.close()


async def test_visits_end_and_come_in_all_kinds(assistant: tuple[CountingAssistant, str]) -> None:
    counting, url = assistant
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        crowd = Crowd(url, speed=SPEED, name="test", session=session)
        people = visitors()
        await asyncio.gather(*(crowd.visit(person, f"test/{at}") for at, person in enumerate(people)))
    assert counting.paths[CHAT] > 1.5 * len(people)
    assert counting.paths[FEEDBACK] > 5
    assert len(counting.users) > 0.9 * len(people)  # in a hurry two hundred times as large, some leave before they ask
    assert set(counting.paths) == {CHAT, FEEDBACK}


@pytest.mark.parametrize("assistant", [4.0], indirect=True)
async def test_who_is_in_a_hurry_leaves_in_the_middle(assistant: tuple[CountingAssistant, str]) -> None:
    counting, url = assistant
    person = next(person for person in visitors() if person.streams)
    names = (f"hurry/{at}" for at in range(1000))
    name = next(name for name in names if (call := Visit(person, name, 1.0).next_call(None)) and (call.leave or 9) < 0.4)
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        await Crowd(url, speed=4.0, name="test", session=session).visit(person, name)
        await counting.left.wait()
    assert counting.paths == {CHAT: 1}


async def test_people_without_a_proxy_give_up_quietly(unused_tcp_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        crowd = Crowd(f"http://127.0.0.1:{unused_tcp_port}", speed=10_000.0, name="test", session=session)
        await asyncio.gather(*(crowd.visit(person, person.user) for person in visitors()[:10]))
    captured = capsys.readouterr()
    assert not captured.out
    assert not captured.err


async def test_they_keep_coming_until_cancelled(assistant: tuple[CountingAssistant, str]) -> None:
    counting, url = assistant
    async with aiohttp.ClientSession() as session, asyncio.timeout(120):
        crowd = Crowd(url, speed=SPEED, name="coming", session=session)
        coming = asyncio.get_running_loop().create_task(crowd.run())
        await counting.busy.wait()
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
    assert crowd._present == 0
