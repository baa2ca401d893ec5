"""A compressed WebSocket through the product, by aiohttp at both ends: each turn once though observers are killed in answers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.ports import free_port

pytestmark = pytest.mark.e2e

TURNS = 5
KILLS = (1, 3)
SECRET = "canari7f3a-socket"


async def realtime(request: web.Request) -> web.WebSocketResponse:
    """Answers each text in two pieces; the second when the client says "go"."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    assert socket.compress
    await socket.send_json({"type": "conversation.created", "conversation": {"id": SECRET}})
    async for message in socket:
        kind = json.loads(message.data)["type"]
        if kind == "conversation.item.create":
            await socket.send_json({"type": "response.output_text.delta", "delta": f"{SECRET} twelve "})
        if kind == "go":
            await socket.send_json({"type": "response.output_text.delta", "delta": "days"})
            done = {"id": "r", "status": "completed", "usage": {"input_tokens": 3, "output_tokens": 2}}
            await socket.send_json({"type": "response.done", "response": done})
    return socket


async def talk(product: Product) -> None:
    """One connection: while some answers are half said, the observer is killed and replaced."""
    url = product.url("voice", "/v1/realtime?model=gpt-realtime")
    async with aiohttp.ClientSession() as session, session.ws_connect(url, compress=15) as socket:
        await socket.receive_json()
        for turn in range(TURNS):
            item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": f"{SECRET} {turn}?"}]}
            await socket.send_json({"type": "conversation.item.create", "item": item})
            await socket.receive_json()
            if turn in KILLS:
                dead = await asyncio.to_thread(product.part, "proxy.observer")
                os.kill(dead, signal.SIGKILL)
                await asyncio.to_thread(until, lambda dead=dead: replaced(product, dead), "another observer")
            await socket.send_json({"type": "go"})
            await socket.receive_json()
            await socket.receive_json()
        await asyncio.to_thread(until, lambda: counted(product), "all turns, while the connection is open")


def replaced(product: Product, dead: int) -> bool | None:
    return product.part("proxy.observer") != dead or None


def counted(product: Product) -> bool | None:
    turns = product.kpis("voice")["kpis"]["turns"]["value"]
    assert (turns or 0) <= TURNS
    return turns == TURNS or None


async def played(start: Start) -> Product:
    application = web.Application()
    application.router.add_get("/v1/realtime", realtime)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    settings = {"assistants": [{"name": "voice", "upstream": f"http://127.0.0.1:{port}"}], "log": {"level": "debug"}}
    product = await asyncio.to_thread(start, settings)
    try:
        await talk(product)
    finally:
        await runner.cleanup()
    return product


def kept(directory: Path) -> list[str]:
    """Files with what was said."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    return [str(file) for file in files if SECRET.encode() in file.read_bytes()]


def test_each_turn_once_though_observers_are_killed_and_nothing_said_is_kept(start: Start) -> None:
    product = asyncio.run(played(start))
    kpis = product.kpis("voice")["kpis"]
    assert kpis["turns"]["value"] == TURNS
    assert kpis["response_time"]["n"] == TURNS
    assert kept(product.directory) == []
