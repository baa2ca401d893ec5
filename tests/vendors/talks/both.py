"""A talk is a program: `TALK.py PORT PROXIED` serves on PORT, talks to it directly and through PROXIED, prints what was heard.

It runs in the vendors' environment, where nothing of the project is. `serving` runs any ASGI application.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

Answer = Callable[[Request, Any], Response]
"""Of a request and its JSON body, None without one."""


def application(answer: Answer) -> Starlette:
    """An application that answers every request by one function."""

    async def handle(request: Request) -> Response:
        body = await request.body()
        return answer(request, json.loads(body) if body else None)

    return Starlette(routes=[Route("/{path:path}", handle, methods=["GET", "POST", "PUT", "DELETE"])])


def said(text: str, status: int = 200, media: str = "application/json") -> Response:
    """An answer in one piece."""
    return Response(text, status, media_type=media)


def streamed(pieces: Iterator[str | bytes], media: str = "text/event-stream") -> Response:
    """An answer in pieces, each sent for itself."""

    async def send() -> AsyncIterator[str | bytes]:
        for piece in pieces:
            yield piece
            await asyncio.sleep(0)

    return StreamingResponse(send(), media_type=media)


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    """Serve an ASGI application on a loopback port until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="auto"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise SystemExit("the server did not start")
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(10)


def both(app: Any, talk: Callable[[str], Any]) -> None:
    """Talk directly and through the proxy, and print both."""
    port, proxied = int(sys.argv[1]), sys.argv[2]
    with serving(app, port):
        heard = [talk(f"http://127.0.0.1:{port}"), talk(proxied)]
    print(json.dumps(heard), flush=True)  # noqa: T201 - what it heard is its output
