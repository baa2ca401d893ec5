"""The notes for nginx in docs/operating.md, in a real nginx before the product: streams pass piece by piece, connections stay."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")


@contextmanager
def nginx(directory: Path, upstream: int) -> Iterator[int]:
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(binary).exists():
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail("nginx is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip("nginx is not installed")
    (notes,) = re.findall(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
    port = free_port()
    notes = notes.replace("kpi-proxy:80", f"127.0.0.1:{upstream}").replace("server {", f"server {{ listen 127.0.0.1:{port};")
    settings = directory / "nginx.conf"
    settings.write_text(
        f"daemon off; master_process off; pid {directory}/nginx.pid; error_log {directory}/error.log;"
        f"events {{}} http {{ access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;"
        f"fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;\n{notes}}}"
    )
    process = subprocess.Popen([binary, "-p", str(directory), "-c", str(settings), "-e", f"{directory}/error.log"])

    def listening() -> bool | None:
        assert process.poll() is None, (directory / "error.log").read_text()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.connect()
        finally:
            connection.close()
        return True

    try:
        until(listening, "nginx listens")
        yield port
    finally:
        process.terminate()
        process.wait(20)


class Hesitant:
    """Streams one event, and the rest only when the client says that it has the first."""

    def __init__(self) -> None:
        self.seen = threading.Event()
        self.waited = True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/slow/v1/chat/completions":
            return await chat(request)
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"un"}}]}\n\n')
        self.waited = await asyncio.to_thread(self.seen.wait, 20)
        await response.write(b'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        return response


def test_streams_pass_nginx_and_the_product_piece_by_piece(start: Start, tmp_path: Path) -> None:
    hesitant = Hesitant()
    with Server(hesitant.handle) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        with nginx(tmp_path, product.listen["chat"]) as port:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            body = '{"messages": [{"role": "user", "content": "bonjour"}], "stream": true, "user": "a"}'
            connection.request("POST", "/slow/v1/chat/completions", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert b'"un"' in answer.readline()
            hesitant.seen.set()
            assert b"[DONE]" in answer.read()
            connection.close()
            assert hesitant.waited, "the first event came with the last: something buffers"
            for number in range(5):
                assert b"Vous" in say(port, f"question {number}", user="a")
            until(lambda: True if product.kpis("chat")["kpis"]["turns"]["value"] == 6 else None, "every turn is counted")
            until(lambda: True if clients(product) == [1.0] else None, "nginx keeps its one connection")


def clients(product: Product) -> list[float]:
    """Connections of clients that are open, as the relays last said."""
    found = re.findall(r'^proxy_connections\{.*side="client".*\} (\S+)', product.get("/metrics").decode(), re.MULTILINE)
    return [float(count) for count in found]
