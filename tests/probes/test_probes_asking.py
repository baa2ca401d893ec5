"""Whatever an assistant does, a probe gets a verdict within its time, and what it asks is what it was told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.kpi.uptime import Attempt, Verdict
from proxy.meaning.patterns import Pattern
from proxy.probes.asking import BODY, Answer, Asker
from proxy.probes.rounds import Prober, judge
from proxy.settings.model import Assistant, Probe
from tests.ports import free_port

Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[TestServer] = []

    async def begin(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}"

    yield begin
    for server in servers:
        await server.close()


async def fine(request: web.Request) -> web.StreamResponse:
    return web.json_response({"answer": "You have 25 days."})


async def hung(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def broken(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.abort()
    return response


async def moved(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/login")


async def endless(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * (2 * BODY) + b"25 days")


async def verdicts(probe: Probe, upstream: str, *replicas: str) -> list[Verdict]:
    assistant = Assistant(upstream=upstream, replicas=replicas, name="rh", probes=(probe,))
    prober = Prober([assistant], lambda attempts: None, lambda: 1000.0)
    expect = Pattern(probe.expect) if probe.expect else None
    attempts = await prober.round(assistant, probe, Asker(assistant), expect)
    assert all(attempt.at == 1000.0 and attempt.assistant == "rh" and attempt.probe == probe.name for attempt in attempts)
    assert all((attempt.seconds is None) == (attempt.verdict in ("timeout", "unreachable", "broken")) for attempt in attempts)
    return [attempt.verdict for attempt in attempts]


@pytest.mark.parametrize(
    ("handler", "probe", "verdict"),
    [
        (fine, Probe(), "ok"),
        (fine, Probe(expect="2[0-9] days"), "ok"),
        (fine, Probe(expect="30 days"), "pattern"),
        (fine, Probe(status=(204,)), "status"),
        (moved, Probe(), "status"),
        (moved, Probe(status=(200, 302)), "ok"),
        (hung, Probe(timeout=0.1), "timeout"),
        (broken, Probe(), "broken"),
        (endless, Probe(expect="25 days"), "pattern"),
    ],
)
async def test_verdicts(
    serve: Serve, handler: Callable[..., Awaitable[web.StreamResponse]], probe: Probe, verdict: Verdict
) -> None:
    assert await verdicts(probe, await serve(handler)) == [verdict]


async def test_each_address_is_asked(serve: Serve) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    assert await verdicts(Probe(), nobody, await serve(fine), await serve(moved)) == [
        "unreachable",
        "ok",
        "status",
    ]


async def test_a_unix_socket_is_asked(tmp_path: Path) -> None:
    app = web.Application()
    app.router.add_get("/", fine)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "socket")).start()
    assert await verdicts(Probe(expect="25"), f"unix:{tmp_path}/socket") == ["ok"]
    await runner.cleanup()


async def test_a_question_is_posted_with_its_headers_and_marked(serve: Serve, tmp_path: Path) -> None:
    seen: list[tuple[str, str, bytes, dict[str, str]]] = []

    async def note(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path_qs, await request.read(), dict(request.headers)))
        return web.Response()

    (tmp_path / "headers").write_text("Authorization: Bearer s3cret\n\nX-Tenant: rh\n")
    upstream = await serve(note)
    asked = Probe(path="/v1/chat?a=%20b", question='{"q": "é"}', headers_file=str(tmp_path / "headers"))
    assert await verdicts(asked, upstream) == ["ok"]
    assert await verdicts(Probe(headers_file=str(tmp_path / "gone")), upstream) == ["ok"]
    (method, path, body, headers), (plain, *_) = seen
    assert (method, path, body, plain) == ("POST", "/v1/chat?a=%20b", '{"q": "é"}'.encode(), "GET")
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["X-Tenant"] == "rh"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Synthetic"] == "1"
    assert headers["User-Agent"].startswith("kpi-proxy-probe/")


class EnoughError(Exception):
    """Ends an endless loop of a test."""


async def test_rounds_go_on_at_their_interval_and_a_change_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    answers = iter([Answer(200), Answer(500), Answer(failure="timeout"), Answer(200)])
    told: list[list[Attempt]] = []
    slept: list[float] = []

    class Scripted:
        addresses = 1

        async def ask(self, replica: int, probe: Probe, headers: object) -> Answer:
            return next(answers)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 4:
            raise EnoughError

    assistant = Assistant(upstream="http://127.0.0.1:1", name="rh", probes=(Probe(interval=3600.0),))
    prober = Prober(
        [assistant], lambda attempts: told.append(list(attempts)), lambda: 0.0, asker=lambda _: Scripted(), sleep=sleep
    )
    with pytest.raises(EnoughError):
        await prober.run()
    assert [attempt.verdict for (attempt,) in told] == ["ok", "status", "timeout", "ok"]
    assert all(3000.0 < seconds <= 3600.0 for seconds in slept)
    assert [record.getMessage() for record in caplog.records] == ["rh: probe up: status", "rh: probe up: ok"]


def test_a_failure_is_its_own_verdict() -> None:
    assert judge(Answer(failure="unreachable"), Probe(), None) == "unreachable"
