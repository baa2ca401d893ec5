"""A real Prometheus scrapes what is exported and answers every query of docs/metrics.md."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.export import gauges
from proxy.export.condition import FAMILIES, Condition, Judged
from proxy.export.gauges import Snapshot
from proxy.export.telemetry import Telemetry
from proxy.kpi.books import Books
from proxy.kpi.changes import (
    Change,
    HandoverMoved,
    HandoverStarted,
    RatingCounted,
    Recontacted,
    SessionSettled,
    SessionStarted,
    TurnCounted,
    TypedCounted,
)
from proxy.kpi.events import Mark, Sentiment, Turn
from proxy.kpi.report import Completeness, Figures, Measure
from proxy.kpi.uptime import Attempt
from proxy.records import OVERHEAD_BOUNDS, Counts
from proxy.settings.model import Assistant, Export, Settings
from tests.kpi.worths import VALUED, report_of
from tests.ports import free_port

DOCS = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
QUERIES = [line for line in DOCS.partition("```promql")[2].partition("```")[0].splitlines() if line and line[0] != "#"]
PROMETHEUS = shutil.which("prometheus")

ROUND: list[Change] = [
    *(
        TurnCounted(Turn(id="t", assistant="rh", at=0.0, result="ok", duration=seconds, first_text=0.3, tokens_in=5, model="m"))
        for seconds in (2.0, 4.0, 12.0)
    ),
    TurnCounted(Turn(id="t", assistant="rh", at=0.0, result="cancelled", echo="reformulated")),
    TurnCounted(Turn(id="t", assistant="rh", at=0.0, result="error", sentiment=Sentiment("negative", -0.8))),
    SessionStarted("rh", ""),
    *(SessionSettled("rh", "", outcome) for outcome in ("resolved_assumed", "handed_over", "failed", "excluded")),
    HandoverStarted("rh", "tool_call", "user_request"),
    HandoverMoved("rh", "accepted"),
    RatingCounted("rh", "binary", True),
    RatingCounted("rh", "binary", False),
    RatingCounted("rh", "nps", None, 10.0),
    TypedCounted("rh", "five", None),
    Recontacted("rh", ""),
    TurnCounted(
        Turn(
            id="t",
            assistant="rh",
            at=0.0,
            result="ok",
            preset="openai-chat",
            continues=True,
            duration=1.0,
            first_text=0.1,
            tokens_in=9,
            tokens_out=5,
            tokens_cached=4,
            tokens_written=1,
            tokens_reasoning=3,
            sentiment=Sentiment("positive", 0.7),  # of no new message: in no series
            marks=(Mark("thanks", "phrase_user", "thanks/merci"),),
        )
    ),
]
FULL = Measure(value=0.5, numerator=30, denominator=60)
FIGURES = Figures(
    assistant="rh",
    from_="2026-10-27",
    to="2026-11-23",
    time_zone="Europe/Paris",
    kpis=dict.fromkeys(
        (
            *("automation_rate", "automation_rate_confirmed", "durable_resolution_rate", "handover_rate", "csat"),
            *("adoption", "availability", "wau", "mau", "answer_precision_explicit"),
        ),
        FULL,
    ),
    provisional={},
    outcomes={},
    open_sessions=0,
    completeness=Completeness(captured=1.0, decoded=1.0, attributed=1.0, derived=0.25, dropped=0),
)


def feed(telemetry: Telemetry, times: int) -> None:
    for _ in range(times):
        telemetry.record(ROUND)
    values = dict.fromkeys(
        (
            ("requests", "rh", "2xx"),
            ("errors", "rh", "timeout"),
            ("bytes", "rh", "in"),
            ("connections", "client", "opened"),
            ("dropped", "body", "ring_full"),
        ),
        10 * times,
    )
    telemetry.probed([Attempt(assistant="rh", probe="home", replica=0, at=0.0, verdict="ok", seconds=0.1)])
    telemetry.relay({"r": Counts(values, (10 * times,) + (0,) * len(OVERHEAD_BOUNDS), 0.01 * times, 0, 0)})
    telemetry.condition(
        Condition(
            lag=0.1,
            books=Books(seen=100, counted=100),
            store_up=True,
            unreadable={"headless": times},
            people={"rh": 3},
            stale=frozenset({"rh"}),
            tokens={("rh", "expired"): times},
            keys={"rh": True},
            samples={("rh", "kept"): times},
            judges={
                "rh": Judged(
                    verdicts={"correct": times},
                    faults={"timeout": 1},
                    lost={"budget": 1},
                    tokens={"input": times},
                    currency="EUR",
                    cost=0.25 * times,
                    used={"day_cost": 0.5},
                    stopped=True,
                )
            },
            reading={
                ("rh", "gap", "cut"): 1,
                ("rh", "expression", "generic"): 1,
                ("rh", "chosen", "openai-chat/path"): times,
                ("rh", "shape", "object with text -> events with text"): times,
            },
        )
    )
    valued = report_of(Assistant(upstream="http://127.0.0.1:1", name="rh", value=VALUED), date(2026, 11, 1), date(2026, 11, 28))
    telemetry.figures([Snapshot(figures={"7d": FIGURES, "28d": FIGURES}, active={"28d": 30}, eligible=60, value=valued)])


@pytest.fixture
async def telemetry(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Telemetry]:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    assistant = Assistant(upstream="http://127.0.0.1:1", name="rh", launched="2026-09-01")
    telemetry = Telemetry(Settings(assistants=(assistant,), export=Export(gen_ai=True)))
    feed(telemetry, 1)
    yield telemetry
    await telemetry.shutdown()


async def test_the_docs_name_every_metric_and_no_other(telemetry: Telemetry) -> None:
    body, _ = await telemetry.scrape()
    exported = set(re.findall(r"^# TYPE (\S+) ", body.decode(), re.MULTILINE)) - {"target_info"}
    documented = set(re.findall(r"^\| `[a-z_.]+` \| `([a-z_]+)`", DOCS, re.MULTILINE))
    assert exported == documented
    names = set(re.findall(r"^\| `([a-z_.]+)` \| `[a-z]", DOCS, re.MULTILINE))
    assert {family.name for family in gauges.FAMILIES} | {family.name for family in FAMILIES} < names


class Database:
    """A Prometheus of its own, asked over its API."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self._url = url

    async def query(self, text: str) -> list[dict[str, Any]]:
        """An instant query's result; empty while the server starts."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self._url}/api/v1/query", params={"query": text}) as response,
            ):
                if response.status == 503:  # says so in plain text
                    return []
                content = await response.json(content_type=None)
        except aiohttp.ClientConnectionError:
            return []
        assert content["status"] == "success", content
        found: list[dict[str, Any]] = content["data"]["result"]
        return found

    async def until(self, text: str) -> list[dict[str, Any]]:
        """The result once it is there: the server scrapes at its own pace."""
        async with asyncio.timeout(120):
            while not (found := await self.query(text)):  # noqa: ASYNC110 - another process can only be asked again
                await asyncio.sleep(0.1)
            return found


@pytest.fixture
async def database(telemetry: Telemetry, tmp_path: Path) -> AsyncIterator[Database]:
    if PROMETHEUS is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail("prometheus is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip("prometheus is not installed")

    async def metrics(_: web.Request) -> web.Response:
        body, content_type = await telemetry.scrape()
        return web.Response(body=body, headers={"Content-Type": content_type})

    app = web.Application()
    app.add_routes([web.get("/metrics", metrics)])
    server = TestServer(app)
    await server.start_server()
    port = free_port()
    settings = tmp_path / "prometheus.yml"
    settings.write_text(
        "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
        f"scrape_configs: [{{job_name: kpi-proxy, static_configs: [{{targets: ['127.0.0.1:{server.port}']}}]}}]\n"
    )
    process = await asyncio.create_subprocess_exec(
        PROMETHEUS,
        f"--config.file={settings}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    yield Database(process, f"http://127.0.0.1:{port}")
    process.kill()
    await process.wait()
    await server.close()


@pytest.mark.slow
async def test_prometheus_answers_every_query_of_the_docs(telemetry: Telemetry, database: Database) -> None:
    await database.until('up{job="kpi-proxy"} == 1')
    feed(telemetry, 2)
    await database.until("increase(assistant_turns_total[1m]) > 0")
    for query in QUERIES:
        assert await database.until(query), query
    settled = "assistant_sessions_settled_total"
    share = f'sum({settled}{{outcome=~"resolved_.*"}}) / sum({settled}{{outcome!="excluded"}})'
    assert float((await database.until(share))[0]["value"][1]) == pytest.approx(1 / 3)
    mean = "sum(assistant_response_duration_seconds_sum) / sum(assistant_response_duration_seconds_count)"
    assert float((await database.until(mean))[0]["value"][1]) == pytest.approx(6.0)
