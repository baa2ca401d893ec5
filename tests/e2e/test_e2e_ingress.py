"""Behind an ingress as docs/operating.md sets it up: streams pass piece by piece, WebSockets open, the client's address comes."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.e2e.conftest import Start
from tests.e2e.ingresses import Ingress, envoy, nginx, traefik
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CLIENT = "127.0.0.7"
CUT = 5
"""Times that an ingress may be asked before it has to bring an answer whole. Traefik 3.7.15 cut some, right before an assistant
as well: 15 of 2,527 answers in its first seconds, where kpi-proxy alone brought 2,810 of 2,810."""


class Hesitant:
    """Streams one event, and the rest only when the client says that it has the first; notes whom it is told to be asked by."""

    def __init__(self) -> None:
        self.seen = threading.Event()
        self.waited = True
        self.addresses: set[str] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.addresses.add(request.headers.get("X-Forwarded-For", "nobody"))
        if request.path == "/ws":
            opened = web.WebSocketResponse()
            await opened.prepare(request)
            await opened.send_str(await opened.receive_str())
            await opened.close()
            return opened
        if request.path != "/slow/v1/chat/completions":
            return await chat(request)
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"un"}}]}\n\n')
        self.waited = await asyncio.to_thread(self.seen.wait, 60)
        await response.write(b'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        return response


@pytest.fixture(params=[nginx, envoy, traefik], ids=lambda each: each.__name__)
def way(request: Any, start: Start, tmp_path: Path) -> Iterator[tuple[int, Product, Hesitant]]:
    """The port of an ingress before the product, before an assistant."""
    ingress: Ingress = request.param
    hesitant = Hesitant()
    with Server(hesitant.handle) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        with ingress(tmp_path, product.listen["chat"]) as port:
            yield port, product, hesitant


def test_what_people_and_assistant_say_passes_as_they_say_it(way: tuple[int, Product, Hesitant]) -> None:
    port, product, hesitant = way
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120, source_address=(CLIENT, 0))
    number = itertools.count()

    def ask(path: str) -> http.client.HTTPResponse:
        asked = {"messages": [{"role": "user", "content": f"question {next(number)}"}], "stream": True, "user": "a"}
        connection.request("POST", path, json.dumps(asked), {"Content-Type": "application/json", "Accept-Encoding": "gzip"})
        return connection.getresponse()

    def passes() -> bool | None:
        try:
            answer = ask("/v1/chat/completions")
            return (answer.read() != b"" and answer.status == 200) or None
        except (http.client.HTTPException, OSError):
            connection.close()  # the next question opens another
            return None

    until(passes, "the way is open")
    for left in reversed(range(CUT)):
        hesitant.seen.clear()
        try:
            answer = ask("/slow/v1/chat/completions")
            assert b'"un"' in answer.readline()
            hesitant.seen.set()
            assert b"[DONE]" in answer.read()
            assert hesitant.waited, "the first event came with the last: something buffers"
            for _ in range(4):
                assert b"Vous" in ask("/v1/chat/completions").read()
            break
        except (http.client.HTTPException, OSError):
            connection.close()
            if not left:
                raise
    connection.close()
    opened = [float(count) for count in range(1, CUT - left + 1)]  # one, and one more for each that was cut
    until(lambda: True if clients(product) in [[count] for count in opened] else None, "the ingress keeps its connection")
    assert asyncio.run(echoed(port)) == "bonjour"
    assert hesitant.addresses == {CLIENT}
    until(lambda: True if product.kpis("chat")["kpis"]["turns"]["value"] >= 6 else None, "every turn is counted")


async def echoed(port: int) -> str:
    """What a WebSocket gives back."""
    connector = aiohttp.TCPConnector(local_addr=(CLIENT, 0))
    async with aiohttp.ClientSession(connector=connector) as session, session.ws_connect(f"http://127.0.0.1:{port}/ws") as opened:
        await opened.send_str("bonjour")
        return await opened.receive_str(timeout=60)


def clients(product: Product) -> list[float]:
    """Connections of clients that are open, as the relays last said."""
    found = re.findall(r'^proxy_connections\{.*side="client".*\} (\S+)', product.get("/metrics").decode(), re.MULTILINE)
    return [float(count) for count in found]
