"""Case 96: the cases of the Autobahn|Testsuite give the same verdict and close code without and with the relay.

Autobahn's own runner needs Python 2; kosoku drives the same case files. Of the 270 cases of compression, which take
minutes (up to 1,000 messages each) and differ in sizes and offers alone, one of each chapter is here.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from proxy.relay.plan import Upstream
from tests.relay.conftest import Start

RUNS: Final = ([*(f"{chapter}.*" for chapter in range(1, 8)), "10.*", "12.1.1", "13.1.1"], ["9.*.1"])
"""One after the other: cases of the first have a second for an answer, and the megabytes of the last would take it from them."""
AT_ONCE: Final = "32"


async def echo(request: web.Request) -> web.WebSocketResponse:
    """Send everything back."""
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_get("/", echo)
    server = TestServer(app, host="127.0.0.1")
    async with server:
        yield server


async def verdicts(port: int, reports: Path) -> dict[str, tuple[str, str, int | None]]:
    """What the suite says of each case at a port: of its messages, of its close, and the close code that came."""
    suite = str(Path(sys.executable).parent / "kosoku")
    cases: dict[str, dict[str, Any]] = {}
    for number, chosen in enumerate(RUNS):
        include = [option for case in chosen for option in ("-i", case)]
        report = reports / str(number)
        process = await asyncio.create_subprocess_exec(
            suite, *include, "-p", AT_ONCE, "-o", str(report), f"127.0.0.1:{port}", stdout=asyncio.subprocess.DEVNULL
        )
        await process.wait()  # its status says whether all cases passed: aiohttp fails one or two by itself
        (found,) = json.loads((report / "index.json").read_text()).values()
        cases |= found
    return {name: (case["behavior"], case["behaviorClose"], case["remoteCloseCode"]) for name, case in cases.items()}


async def test_96_the_suite_finds_no_relay(start: Start, server: TestServer, tmp_path: Path) -> None:
    assert server.port is not None
    relay = start(Upstream(host="127.0.0.1", port=server.port, authority="a"))
    direct = await verdicts(server.port, tmp_path / "direct")
    assert len(direct) > 240
    assert sum(behaviour == "OK" for behaviour, _, _ in direct.values()) > 230
    assert await verdicts(relay.port, tmp_path / "relay") == direct
