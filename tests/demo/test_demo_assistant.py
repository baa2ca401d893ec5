"""The demo assistant's server, over HTTP."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from proxy.demo.answers import dice, reply, trouble
from proxy.demo.assistant import Assistant
from proxy.demo.visit import hear

QUESTION = {"messages": [{"role": "user", "content": "Comment installer le VPN ?"}], "user": "me@company.example"}


def steady() -> str:
    """A name under which the first request meets no trouble."""
    return next(name for name in map(str, range(100)) if trouble(dice(f"{name}/0")) is None)


@pytest.fixture
async def client(aiohttp_client: Any) -> TestClient[Any, Any]:
    client: TestClient[Any, Any] = await aiohttp_client(Assistant(speed=1000.0, name=steady()).app())
    return client


async def test_the_front_page_says_what_it_is(client: TestClient[Any, Any]) -> None:
    response = await client.get("/")
    assert response.status == 200
    assert "demo assistant of kpi-proxy" in await response.text()


async def test_a_whole_answer(client: TestClient[Any, Any]) -> None:
    response = await client.post("/v1/chat/completions", json=QUESTION)
    assert response.status == 200
    document = await response.json()
    assert document["choices"][0]["message"]["content"].startswith("Installez la version 6")
    assert document["usage"]["total_tokens"] > 0


async def test_a_streamed_answer_is_what_the_mind_said(client: TestClient[Any, Any]) -> None:
    response = await client.post("/v1/chat/completions", json={**QUESTION, "stream": True})
    assert response.content_type == "text/event-stream"
    assert response.headers["transfer-encoding"] == "chunked"
    got = await response.read()
    said = reply(b'{"messages": [{"role": "user", "content": "Comment installer le VPN ?"}], "stream": true}', f"{steady()}/0", 0)

    def timeless(data: bytes) -> bytes:
        return re.sub(rb'"created":\d+', b'"created":0', data)

    assert timeless(got) == timeless(b"".join(piece for _, piece in said.pieces))
    assert hear(200, "text/event-stream", got).text.startswith("Installez la version 6")


async def test_a_stream_is_paced() -> None:
    assistant = Assistant(speed=4.0, name=steady())
    said = reply(b'{"messages": [{"role": "user", "content": "Comment installer le VPN ?"}], "stream": true}', f"{steady()}/0", 0)
    loop = asyncio.get_running_loop()
    async with TestClient(TestServer(assistant.app())) as paced:
        began = loop.time()
        response = await paced.post("/v1/chat/completions", json={**QUESTION, "stream": True})
        await response.read()
        assert loop.time() - began >= said.pieces[-1][0] / 4.0


async def test_no_request(client: TestClient[Any, Any]) -> None:
    assert (await client.post("/v1/chat/completions", data=b"{")).status == 400


@pytest.mark.parametrize("rating", ["up", "down", 1, 3, 5])
async def test_feedback_is_taken(client: TestClient[Any, Any], rating: str | int) -> None:
    response = await client.post("/v1/feedback", json={"message_id": "m", "conversation_id": "c", "user": "u", "rating": rating})
    assert response.status == 200
    assert await response.json() == {"ok": True}


@pytest.mark.parametrize("body", [{"rating": "up"}, {"message_id": "m", "rating": 6}, {"message_id": "m", "rating": "good"}, []])
async def test_feedback_that_says_nothing_is_refused(client: TestClient[Any, Any], body: object) -> None:
    assert (await client.post("/v1/feedback", json=body)).status == 400
