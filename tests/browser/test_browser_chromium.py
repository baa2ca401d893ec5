"""The driver of the browser, on answers that a browser gives too late."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import WSMsgType, web

from tests.browser import chromium
from tests.browser.chromium import Page


async def devtools(request: web.Request) -> web.WebSocketResponse:
    """Answer the first command only after the second one came."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    numbers = [(await socket.receive_json())["id"] for _ in range(2)]
    for number in numbers:
        await socket.send_json({"id": number, "result": {"answers": number}})
    assert (await socket.receive()).type is WSMsgType.CLOSE
    return socket


async def test_an_answer_after_its_time_is_dropped_and_the_next_is_read(
    aiohttp_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = web.Application()
    app.router.add_get("/", devtools)
    client = await aiohttp_client(app)
    async with client.ws_connect("/") as socket, Page(socket) as page:
        with monkeypatch.context() as patched:
            patched.setattr(chromium, "PATIENCE", 0.0)
            with pytest.raises(TimeoutError):
                await page.call("Page.enable")
        assert await page.call("Runtime.enable") == {"answers": 2}
