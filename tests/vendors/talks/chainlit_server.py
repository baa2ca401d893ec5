"""Chainlit's own server with the assistant of `chainlit_app`, and the Socket.IO client of those who made its server's half."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import socketio

APP = Path(__file__).with_name("chainlit_app.py")
START_TIME = 180.0
"""Seconds that the server may take to start."""


@contextmanager
def serving(port: int) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as directory, Path(directory, "log").open("wb") as log:
        command = [str(Path(sys.executable).parent / "chainlit"), "run", str(APP), "--headless", "--port", str(port)]
        environment = {**os.environ, "CHAINLIT_APP_ROOT": directory, "CHAINLIT_HOST": "127.0.0.1"}
        process = subprocess.Popen(command, cwd=directory, env=environment, stdout=log, stderr=log)
        try:
            ready(f"http://127.0.0.1:{port}/", process)
            yield
        finally:
            process.terminate()
            process.wait(60)


def ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIME
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=60):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Chainlit's server did not start")


async def converse(url: str, texts: tuple[str, ...]) -> list[Any]:
    """One connection in which these things are said one after the other."""
    heard: list[Any] = []
    ended = asyncio.Event()
    client = socketio.AsyncClient(reconnection=False)

    @client.on("*")
    async def event(name: str, *found: Any) -> None:
        if name in ("new_message", "update_message") and found[0]["type"] == "assistant_message":
            heard.append([name, found[0]["output"]])
        if name == "stream_token":
            heard.append([name, found[0]["token"]])
        if name == "task_end":
            ended.set()

    auth = {"sessionId": str(uuid.uuid4()), "clientType": "webapp", "threadId": "", "userEnv": "{}", "chatProfile": ""}
    await client.connect(url, socketio_path="/ws/socket.io", transports=["websocket"], auth=auth)
    await client.emit("connection_successful")
    await asyncio.wait_for(ended.wait(), 120)  # the server ends what may have been going on before
    for text in texts:
        ended.clear()
        message = {"id": str(uuid.uuid4()), "threadId": "", "name": "ada", "type": "user_message", "output": text}
        await client.emit("client_message", {"message": {**message, "createdAt": "2026-11-23T14:00:00Z"}, "fileReferences": []})
        await asyncio.wait_for(ended.wait(), 120)
    await client.disconnect()
    return heard


def talk(url: str) -> list[Any]:
    return [asyncio.run(converse(url, texts)) for texts in (("hello", "un conseiller"), ("break",))]


def main() -> None:
    port, proxied = int(sys.argv[1]), sys.argv[2]
    with serving(port):
        heard = [talk(f"http://127.0.0.1:{port}"), talk(proxied)]
    print(json.dumps(heard), flush=True)  # noqa: T201 - what it heard is its output


main()
