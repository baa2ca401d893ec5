"""A WebSocket implementation against itself, without and with the relay (case 96): the same messages, the same close codes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, WSMsgType, web
from aiohttp.test_utils import TestServer

from proxy.relay.plan import Upstream
from tests.relay.conftest import Start
from tests.relay.sockets import PATIENCE

MESSAGES: list[str | bytes] = [
    "",
    "x",
    "é" * 100,
    "x" * 125,
    "x" * 126,
    "x" * 65535,
    "x" * 65536,
    b"",
    b"\x00\xff",
    b"\x00" * 1_000_000,
]
CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
Verdict = tuple[list[tuple[WSMsgType, object]], int | None]


async def echo(request: web.Request) -> web.WebSocketResponse:
    """Send everything back; close with the code that the path names when asked to."""
    socket = web.WebSocketResponse(max_msg_size=0, compress=request.query["compress"] == "15")
    await socket.prepare(request)
    async for message in socket:
        if message.data == "close":
            await socket.close(code=int(request.match_info["code"]), message=b"as asked")
        elif message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    return socket


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_get("/{code}", echo)
    server = TestServer(app, host="127.0.0.1")
    async with server:
        yield server


async def talk(port: int, code: int, compress: int) -> Verdict:
    """Send every message, ping, ask for the end; gives what came."""
    came: list[tuple[WSMsgType, object]] = []
    url = f"ws://127.0.0.1:{port}/{code}?compress={compress}"
    async with ClientSession() as session, session.ws_connect(url, max_msg_size=0, compress=compress) as socket:
        assert socket.compress == compress
        for message in MESSAGES:
            if isinstance(message, str):
                await socket.send_str(message)
            else:
                await socket.send_bytes(message)
            await socket.ping(b"still there?")
            answer = await socket.receive(timeout=PATIENCE)
            came.append((answer.type, answer.data))
        await socket.send_str("close")
        last = await socket.receive(timeout=PATIENCE)
        came.append((last.type, last.data))
        return came, socket.close_code


@pytest.mark.parametrize("compress", [0, 15], ids=["plain", "deflate"])
async def test_96_the_same_verdicts_as_without_a_relay(start: Start, server: TestServer, compress: int) -> None:
    port = server.port
    assert port is not None
    relay = start(Upstream(host="127.0.0.1", port=port, authority="a"))
    for code in CODES:
        direct = await talk(port, code, compress)
        assert direct[1] == code
        assert await talk(relay.port, code, compress) == direct
