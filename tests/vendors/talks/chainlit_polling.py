"""Chainlit's events by polling: python-socketio's own server and client, on aiohttp, in one process.

Chainlit's own server does not let go of a client that polls, so the server is written here; packets and transports are theirs.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import socketio
from aiohttp import web

PATH = "/ws/socket.io"
TRANSPORTS: tuple[list[str], ...] = (["polling"], ["polling", "websocket"])


def assistant() -> web.Application:
    server = socketio.AsyncServer(async_mode="aiohttp")

    @server.on("client_message")
    async def answer(sid: str, data: dict[str, Any]) -> None:
        said = f"You said {data['message']['output']}"
        await server.emit("task_start", {}, to=sid)
        await server.emit("stream_start", {"id": f"{said}-{sid}", "type": "assistant_message", "output": ""}, to=sid)
        for piece in said.split():
            await server.sleep(0.05)
            await server.emit("stream_token", {"token": piece, "isSequence": False, "isInput": False}, to=sid)
        await server.emit("audio_chunk", {"data": b"\x00\x1e4"}, to=sid)
        await server.emit("new_message", {"id": f"{said}-{sid}", "type": "assistant_message", "output": said}, to=sid)
        if data["message"]["output"] == "un conseiller":
            handover = "Je vous mets en relation avec un conseiller."
            await server.emit("new_message", {"id": f"h-{sid}", "type": "assistant_message", "output": handover}, to=sid)
        await server.sleep(0.1)
        await server.emit("task_end", {}, to=sid)

    application = web.Application()
    server.attach(application, socketio_path=PATH)
    return application


async def converse(url: str, transports: list[str], texts: tuple[str, ...]) -> list[str]:
    """One session in which these things are said one after the other."""
    heard: list[str] = []
    ended = asyncio.Event()
    client = socketio.AsyncClient(reconnection=False)

    @client.on("new_message")
    async def message(data: dict[str, Any]) -> None:
        heard.append(data["output"])

    @client.on("task_end")
    async def end(_: dict[str, Any]) -> None:
        ended.set()

    await client.connect(url, socketio_path=PATH, transports=transports)
    for text in texts:
        ended.clear()
        await client.emit("client_message", {"message": {"name": "ada", "type": "user_message", "output": text}})
        await asyncio.wait_for(ended.wait(), 120)
    return heard


async def main() -> None:
    port, proxied = int(sys.argv[1]), sys.argv[2]
    runner = web.AppRunner(assistant(), shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    said = ("hello", "un conseiller")
    heard = [[await converse(url, each, said) for each in TRANSPORTS] for url in (f"http://127.0.0.1:{port}", proxied)]
    print(json.dumps(heard), flush=True)  # noqa: T201 - what it heard is its output
    os._exit(0)  # a client that polls does not leave before the server has answered its last poll


asyncio.run(main())
