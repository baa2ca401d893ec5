"""The API's description: it names every call, and every answer is as it says. A fuzzer of APIs looks for one that is not."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
from pathlib import Path
from typing import Any

import jmespath
import pytest

from proxy.console.answers import CSV, sheet
from proxy.console.app import make_app
from proxy.console.openapi import ADDRESS
from proxy.console.parameters import PARAMETERS
from proxy.kpi.evidence import Evidence, Line, Page
from proxy.kpi.report import Completeness, Measure
from proxy.kpi.timeline import Moment, Timeline
from proxy.kpi.whatif import Column, Comparison, Terms
from tests.console.conftest import World


def proven(shown: int, left_out: int) -> Evidence:
    line = Line(session="s", day="2026-11-01", outcome="failed", hits=0, n=1, turns=2, rules=("thanks",))
    complete = Completeness(captured=1.0, decoded=1.0, attributed=None, dropped=0)
    return Evidence(
        assistant="rh", kpi="csat", from_="a", to="b", time_zone="UTC", definition="d", figure=Measure(value=0.5), hits=1, n=2,
        agrees=True, counted=1, considered=2, excluded=0, rules={"thanks": 1}, unknown_users=0, traced_from=None,
        completeness=complete, sessions=(line,) * shown, left_out=left_out,
    )  # fmt: skip


class FewProofs:
    """Seven sessions."""

    async def evidence(self, assistant: Any, kpi: str, first: Any, last: Any, page: Page) -> Evidence:
        left = max(0, 7 - page.skip)
        shown = min(page.limit, left)
        return proven(shown, left - shown)

    async def timeline(self, assistant: Any, session: str, first: Any, last: Any) -> Timeline | None:
        if not re.fullmatch("[0-9a-f]{16}", session):
            return None
        return Timeline(
            assistant=assistant.name, session=session, begins="2026-11-23T10:00:00+01:00", outcome="open", turns=1, channel="",
            moments=(Moment(kind="turn", after=0.0, result="ok", duration=1.5, rules=("thanks merci",)),), left_out=0,
        )  # fmt: skip

    async def what_if(self, assistant: Any, first: Any, last: Any, terms: Terms) -> Comparison:
        column = Column(terms=terms, kpis={"csat": Measure(value=0.5)}, outcomes={"failed": 1}, open_sessions=0)
        return Comparison(
            assistant=assistant.name, from_="a", to="b", time_zone="UTC", traced_from=None, settings=column, instead=column
        )


@pytest.fixture
def world() -> World:
    found = World()
    found.proofs = FewProofs()
    found.one_assistant()
    return found


async def described(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = await (await client.get(ADDRESS)).json()
    return found


async def test_every_call_is_described_by_what_its_handler_says(start: Any, world: World) -> None:
    client = await start()
    found = await described(client)
    assert found["openapi"].startswith("3.1")
    paths = {each.resource.canonical for each in make_app(world.sources()).router.routes() if each.resource}
    assert set(found["paths"]) == {path for path in paths if path.startswith("/api/")}
    for path, operations in found["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert "200" in operation["responses"]
    asked = {each["name"] for each in found["paths"]["/api/v1/kpis"]["get"]["parameters"]}
    assert asked == {"assistant", "from", "to", "channel", "department", "profile", "model", "route", "by", "interval", "format"}
    used = {
        each["name"]
        for operations in found["paths"].values()
        for one in operations.values()
        for each in one.get("parameters", ())
    }
    assert used == set(PARAMETERS)


def test_the_page_of_docs_names_every_call_and_parameter(world: World) -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text()
    paths = {each.resource.canonical for each in make_app(world.sources()).router.routes() if each.resource}
    assert not [path for path in paths if path.startswith("/api/") and f"`{path}`" not in text]
    assert not [name for name in (*PARAMETERS, *CSV) if f"`{name}`" not in text]


async def test_an_answer_that_still_holds_is_not_sent_again(start: Any, world: World) -> None:
    client = await start()
    first = await client.get("/api/v1/kpis?assistant=rh")
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await client.get("/api/v1/kpis?assistant=rh", headers=tag)
    assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    world.ledger.kpis = {**world.ledger.kpis, "turns": Measure(value=3001.0)}
    assert (await client.get("/api/v1/kpis?assistant=rh", headers=tag)).status == 200
    world.ledger.state = "down"
    away = await client.get("/api/v1/kpis?assistant=rh", headers=tag)
    assert (away.status, away.headers["Cache-Control"]) == (503, "no-store")


async def test_sessions_come_in_pages(start: Any) -> None:
    client = await start()
    sizes = []
    address: str | None = "/api/v1/evidence?assistant=rh&kpi=csat&limit=3"
    while address is not None:
        answer = await client.get(address)
        sizes.append(len((await answer.json())["sessions"]))
        link = answer.headers.get("Link")
        address = None if link is None else link.removesuffix('>; rel="next"').removeprefix("<")
    assert sizes == [3, 3, 1]
    for wrong in ("limit=0", "limit=1001", "limit=x", "skip=-1"):
        answer = await client.get(f"/api/v1/evidence?assistant=rh&kpi=csat&{wrong}")
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "number")


@pytest.mark.parametrize(
    ("query", "rows", "some"),
    [
        ("kpis?", 7, {"group": "", "kpi": "automation_rate", "value": "0.62", "low": "0.59", "target_high": "0.8"}),
        ("kpis?channel=web&", 7, {"group": "web", "kpi": "csat", "value": "", "reason": "no_data"}),
        ("kpis?by=department&", 7, {"group": "HR", "kpi": "handover_rate", "numerator": "80", "provisional": "false"}),
        ("kpis?interval=month&from=2026-09-15&to=2026-10-31&", 14, {"from": "2026-09-15", "to": "2026-09-30", "kpi": "turns"}),
        ("hours?on=2026-11-22&", 24 * 7, {"from": "2026-11-22T09", "to": "2026-11-22T09", "kpi": "turns", "value": "3000.0"}),
        ("days?from=2026-11-22&to=2026-11-23&", 14, {"from": "2026-11-23", "kpi": "automation_rate", "provisional": "true"}),
    ],
)
async def test_a_spreadsheet_gets_a_row_for_each_figure(start: Any, query: str, rows: int, some: dict[str, str]) -> None:
    answer = await (await start()).get(f"/api/v1/{query}assistant=rh&format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    found = list(csv.DictReader(io.StringIO(await answer.text())))
    assert len(found) == rows
    assert [row for row in found if some.items() <= row.items()]
    assert (await (await start()).get("/api/v1/kpis?assistant=rh&format=xml")).status == 400


@pytest.mark.parametrize(
    ("path", "rows", "columns"),
    [
        ("days", "days", {"date": "2026-11-23", "kpis.automation_rate.value": 0.62}),
        ("kpis?by=department", "groups", {"label": "HR", "kpis.response_time.value": 3.24}),
    ],
)
async def test_the_selectors_of_a_data_source_find_their_columns(
    start: Any, path: str, rows: str, columns: dict[str, Any]
) -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text()
    found = jmespath.search(rows, await (await (await start()).get(f"/api/v1/{path}")).json())
    assert f"| `{rows}` |" in text
    assert any({name: jmespath.search(name, row) for name in columns} == columns for row in found)


def test_no_label_is_a_formula() -> None:
    answer = sheet([({"group": "=HYPERLINK(1)"}, {"turns": Measure(value=-1.0, reason="@x")})])
    assert isinstance(answer.body, bytes)
    (row,) = csv.DictReader(io.StringIO(answer.body.decode()))
    assert (row["group"], row["reason"], row["value"]) == ("'=HYPERLINK(1)", "'@x", "-1.0")


@pytest.mark.slow
async def test_a_fuzzer_finds_no_answer_beside_the_description(world: World, aiohttp_server: Any, tmp_path: Path) -> None:
    """Schemathesis: examples, coverage of the schema, and random requests, on every call."""
    command = os.environ.get("KPI_PROXY_SCHEMATHESIS")
    if command is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail("KPI_PROXY_SCHEMATHESIS is not set, and KPI_PROXY_REQUIRE_SERVICES is")
        pytest.skip("KPI_PROXY_SCHEMATHESIS is not set")
    server = await aiohttp_server(make_app(world.sources()))
    # Dates and groups that are each fine and make no sense together are refused, which no schema can say.
    process = await asyncio.create_subprocess_exec(
        command, "run", f"http://127.0.0.1:{server.port}{ADDRESS}", "--checks=all", "--phases=examples,coverage,fuzzing",
        "--exclude-checks=positive_data_acceptance", f"--max-examples={os.environ.get('FUZZ', '20')}", "--seed=1", "--no-color",
        "--suppress-health-check=all", "--continue-on-failure",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()[-6000:]
