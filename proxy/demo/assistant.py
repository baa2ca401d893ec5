"""The demo assistant's server: an OpenAI-like chat API with the pace of a real one, and a feedback call."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from aiohttp import web

from proxy.demo.answers import STREAM, Reply, reply

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a request: far more than a conversation of the demo, little enough for a laptop."""

_ABOUT = """The demo assistant of kpi-proxy.

It answers questions of a help desk, in French and English, without any model behind it:
  POST /v1/chat/completions   like OpenAI's, streaming or not
  POST /v1/feedback           {"message_id": "...", "conversation_id": "...", "user": "...", "rating": "up" | "down" | 1..5}

Through the proxy, the same calls go to the proxy's address. Try:
  curl PROXY/v1/chat/completions -H 'content-type: application/json' -d \\
    '{"messages": [{"role": "user", "content": "How do I book a room?"}], "user": "me", "stream": true}'
"""


class Feedback(msgspec.Struct):
    """A rating of one answer."""

    message_id: str
    rating: Literal["up", "down", 1, 2, 3, 4, 5]
    conversation_id: str = ""
    user: str = ""


@dataclass(slots=True)
class Assistant:
    """The handlers. `speed` divides every wait; `name` makes the chance of this start its own."""

    speed: float = 1.0
    name: str = "assistant"
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/", self._about)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/feedback", self._feedback)
        return app

    async def _about(self, _request: web.Request) -> web.Response:
        return web.Response(text=_ABOUT)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        answer = reply(await request.read(), f"{self.name}/{next(self._count)}", time.time())
        if answer.media != STREAM:
            after, body = answer.pieces[0]
            await asyncio.sleep(after / self.speed)
            return web.Response(status=answer.status, body=body, content_type=answer.media)
        return await self._stream(request, answer)

    async def _stream(self, request: web.Request, answer: Reply) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": answer.media, "cache-control": "no-cache"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        passed = 0.0
        for after, piece in answer.pieces:
            if after > passed:
                await asyncio.sleep((after - passed) / self.speed)
                passed = after
            await response.write(piece)
        await response.write_eof()
        return response

    async def _feedback(self, request: web.Request) -> web.Response:
        try:
            msgspec.json.decode(await request.read(), type=Feedback)
        except msgspec.MsgspecError as error:
            return _json({"error": {"message": str(error), "type": "invalid_request_error"}}, status=400)
        return _json({"ok": True})


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


async def serve(assistant: Assistant, port: int, stop: asyncio.Event) -> None:
    """Serve on a port of loopback (0: any) until told to stop; the port goes to standard output as the first line."""
    # Departures of clients cancel the handler, as a real assistant stops to generate.
    runner = web.AppRunner(assistant.app(), access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=1.0).start()
        print(runner.addresses[0][1], flush=True)  # noqa: T201 - how the parent learns the port
        await stop.wait()
    finally:
        await runner.cleanup()
