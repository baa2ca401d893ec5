"""Servers that the product stands in front of in these tests, in threads of the test's process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HANDOVER = "Je vous mets en relation avec un conseiller."


class Server:
    """An aiohttp application on a free loopback port; a context manager."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self.port = 0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _start(self) -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handler)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)


async def rasa(request: web.Request) -> web.StreamResponse:
    """Answers in the format of Rasa's REST channel; a message with "conseiller" is handed over."""
    asked = await request.json()
    text = HANDOVER if "conseiller" in asked["message"] else f"Vous avez dit : {asked['message']}"
    return web.json_response([{"recipient_id": asked["sender"], "text": text}])


async def chat(request: web.Request) -> web.StreamResponse:
    """An OpenAI-like assistant: echoes the last user message, as a stream when asked to."""
    asked = await request.json()  # a server that answers before it has read lets the relay drop what comes late
    if request.path.endswith("/feedback"):
        return web.json_response({"ok": True})
    said = asked["messages"][-1]["content"]
    words = HANDOVER.split(" ") if "conseiller" in said else ["Vous", "avez", "dit", ":", said]
    if not asked.get("stream"):
        message = {"role": "assistant", "content": " ".join(words)}
        answer = {
            "id": f"chatcmpl-{said}",
            "model": "echo",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }
        return web.json_response({**answer, "usage": {"prompt_tokens": 5, "completion_tokens": len(words)}})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for word in words:
        await response.write(_event(f'{{"id":"chatcmpl-s","choices":[{{"index":0,"delta":{{"content":"{word} "}}}}]}}'))
        await asyncio.sleep(float(asked.get("pause", 0)))
    await response.write(_event('{"id":"chatcmpl-s","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'))
    await response.write(_event("[DONE]"))
    return response


def _event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()
