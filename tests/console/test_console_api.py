"""The API's shape is a promise: people build on it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from proxy import __version__
from proxy.kpi.report import DEFINITIONS
from proxy.kpi.uptime import Attempt
from tests.console.conftest import NOW
from tests.kpi.worths import VALUED


async def test_kpis_have_the_published_shape(start: Any, world: Any) -> None:
    client = await start()
    response = await client.get("/api/v1/kpis?assistant=rh&from=2026-10-01&to=2026-10-31")
    assert response.status == 200
    assert response.content_type == "application/json"
    content = await response.json()
    assert world.ledger.asked == [("rh", date(2026, 10, 1), date(2026, 10, 31))]
    assert {key: content[key] for key in ("assistant", "from", "to", "time_zone", "definitions")} == {
        "assistant": "rh",
        "from": "2026-10-01",
        "to": "2026-10-31",
        "time_zone": "Europe/Paris",
        "definitions": DEFINITIONS,
    }
    assert content["kpis"]["automation_rate"] == {
        "value": 0.62,
        "numerator": 620,
        "denominator": 1000,
        "interval": [0.59, 0.65],
        "target": [0.5, 0.8],
        "status": "met",
        "provisional": False,
    }
    assert content["kpis"]["csat"]["value"] is None
    assert content["kpis"]["csat"]["reason"] == "no_data"
    assert content["kpis"]["response_time"]["p95"] == 8.1
    assert content["provisional"]["automation_rate"]["provisional"] is True
    shares = {"captured": 1.0, "decoded": 0.998, "attributed": None, "derived": None, "identified": None}
    assert content["completeness"] == {**shares, "dropped": 0}


async def test_without_dates_the_last_28_days_in_the_assistants_zone(start: Any, world: Any) -> None:
    client = await start()
    await client.get("/api/v1/kpis?assistant=rh")
    assert world.ledger.asked == [("rh", date(2026, 10, 27), date(2026, 11, 23))]


async def test_days(start: Any) -> None:
    content = await (await (await start()).get("/api/v1/days?assistant=it&from=2026-11-22&to=2026-11-23")).json()
    assert [day["date"] for day in content["days"]] == ["2026-11-22", "2026-11-23"]
    assert content["days"][1]["kpis"]["automation_rate"]["provisional"] is True


async def test_assistants(start: Any) -> None:
    content = await (await (await start()).get("/api/v1/assistants")).json()
    assert [known["name"] for known in content["assistants"]][:2] == ["rh", "it"]
    assert content["assistants"][0]["targets"]["automation"] == [0.5, 0.8]


async def test_a_single_assistant_need_not_be_named(start: Any, world: Any) -> None:
    world.one_assistant()
    assert (await (await start()).get("/api/v1/kpis")).status == 200


@pytest.mark.parametrize(
    ("path", "status", "code", "hint"),
    [
        ("kpis", 400, "assistant_missing", "rh, it"),
        ("kpis?assistant=nobody", 404, "assistant_unknown", "rh, it"),
        ("kpis?assistant=rh&from=2026-10-01", 400, "period", "both"),
        ("kpis?assistant=rh&from=2026-13-01&to=2026-10-01", 400, "period", "YYYY-MM-DD"),
        ("kpis?assistant=rh&from=20261001&to=2026-10-01", 400, "period", "YYYY-MM-DD"),
        ("kpis?assistant=rh&from=2026-10-02&to=2026-10-01", 400, "period", "from=2026-10-01&to=2026-10-02"),
        ("days?assistant=rh&from=2020-01-01&to=2026-10-01", 400, "period", "400 days"),
        ("kpis?assistant=rh&form=2026-10-01", 400, "parameter_unknown", "assistant, by, channel"),
        ("kpis?assistant=rh&assistant=it", 400, "parameter_twice", "once"),
        ("kpis?assistant=rh&by=person", 400, "group", "department"),
        ("kpis?assistant=rh&interval=year", 400, "group", "month"),
        ("kpis?assistant=rh&by=model&interval=day", 400, "group", "series of one group"),
        ("kpis?assistant=rh&channel=web&department=HR", 400, "group", "one dimension"),
        ("kpis?assistant=rh&by=channel&department=HR", 400, "group", "by=profile within a department"),
        ("kpis?assistant=rh&by=department&department=HR", 400, "group", "by=profile within a department"),
        ("kpis?assistant=rh&department=HR&interval=day", 400, "group", "interval=week"),
        ("kpis?assistant=rh&department=", 400, "group", "empty label"),
        ("assistants?x=1", 400, "parameter_unknown", "none"),
        ("nothing", 404, "path", "/api/v1/openapi.json"),
    ],
)
async def test_errors_are_json_with_a_hint(start: Any, path: str, status: int, code: str, hint: str) -> None:
    response = await (await start()).get(f"/api/v1/{path}")
    error = (await response.json())["error"]
    assert (response.status, error["code"]) == (status, code)
    assert hint in error["hint"]


async def test_other_methods_are_refused_as_json(start: Any) -> None:
    response = await (await start()).post("/api/v1/kpis")
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert (await response.json())["error"]["code"] == "path"


@pytest.mark.parametrize("path", ["kpis", "days"])
async def test_store_away_is_503(start: Any, world: Any, path: str) -> None:
    world.ledger.state = "down"
    response = await (await start()).get(f"/api/v1/{path}?assistant=rh")
    assert response.status == 503
    assert (await response.json())["error"]["code"] == "store_unavailable"


async def test_status_is_what_the_page_shows(start: Any, world: Any) -> None:
    world.uptime.add([Attempt(assistant="it", probe="home", replica=0, at=NOW.timestamp(), verdict="ok")])
    content = await (await (await start()).get("/api/v1/status")).json()
    assert content["version"] == __version__
    assert content["at"] == "2026-11-23T22:30:00+00:00"
    assert content["captures"] == "full"
    assert content["health"]["books"] == {"seen": 100, "counted": 100, "pending": 0, "dropped": 0}
    assert [each["name"] for each in content["assistants"]][:2] == ["rh", "it"]
    assert content["assistants"][1]["probes"] == [{"name": "home", "up": True, "share": 1.0, "cells": [None] * 95 + [1.0]}]
    assert len(content["assistants"][0]["live"]["minutes"]) == 60
    assert (await (await start()).get("/api/v1/status?x=1")).status == 400


async def test_figures_of_a_group(start: Any, world: Any) -> None:
    content = await (await (await start()).get("/api/v1/kpis?assistant=rh&profile=staff&department=HR")).json()
    assert world.ledger.scopes == [(("department", "HR"), ("profile", "staff"))]
    assert (content["department"], content["profile"]) == ("HR", "staff")
    assert content["kpis"]["automation_rate"]["value"] == 0.62


async def test_a_breakdown_names_its_groups_and_counts_the_hidden(start: Any, world: Any) -> None:
    content = await (await (await start()).get("/api/v1/kpis?assistant=rh&by=profile&department=IT")).json()
    assert world.ledger.scopes == [(("department", "IT"),)]
    assert (content["by"], content["department"], content["suppressed_groups"]) == ("profile", "IT", 1)
    assert [(group["label"], group["hidden"]) for group in content["groups"]] == [("HR", False), ("Law", True)]
    assert content["groups"][0]["kpis"]["automation_rate"]["status"] == "met"
    assert content["groups"][1]["kpis"]["csat"] == {
        "value": None,
        "reason": "small_group",
        "status": "no_target",
        "provisional": False,
    }


async def test_a_series(start: Any, world: Any) -> None:
    query = "assistant=rh&interval=month&channel=web&from=2026-09-15&to=2026-10-31"
    content = await (await (await start()).get(f"/api/v1/kpis?{query}")).json()
    assert world.ledger.scopes == [(("channel", "web"),)]
    assert (content["interval"], content["channel"], content["definitions"]) == ("month", "web", DEFINITIONS)
    assert [(each["from"], each["to"]) for each in content["series"]] == [
        ("2026-09-15", "2026-09-30"),
        ("2026-10-01", "2026-10-31"),
    ]
    assert content["series"][0]["kpis"]["response_time"]["p95"] == 8.1
    assert content["series"][0]["outcomes"]["handed_over"] == 80


async def test_rhythm(start: Any, world: Any) -> None:
    client = await start()
    content = await (await client.get("/api/v1/rhythm?assistant=rh")).json()
    assert (content["from"], content["to"], content["time_zone"]) == ("2026-10-26", "2026-11-22", "Europe/Paris")
    assert [len(hours) for hours in content["turns"]] == [24] * 7
    world.ledger.state = "down"
    assert (await client.get("/api/v1/rhythm?assistant=rh")).status == 503


async def test_topics(start: Any, world: Any) -> None:
    client = await start()
    content = await (await client.get("/api/v1/topics?assistant=rh")).json()
    assert content["topics"] == [{"words": ["conge", "solde"], "people": 12, "turns": 15}]
    assert (content["kept"], content["smallest"], content["hidden"], content["to"]) == (True, 10, 3, "2026-11-23")
    world.ledger.state = "down"
    assert (await client.get("/api/v1/topics?assistant=rh")).status == 503


async def test_the_hours_of_a_day(start: Any) -> None:
    client = await start()
    content = await (await client.get("/api/v1/hours?assistant=rh&on=2026-11-01")).json()
    assert (content["on"], content["time_zone"], len(content["hours"])) == ("2026-11-01", "Europe/Paris", 24)
    assert (content["hours"][9]["from"], content["hours"][9]["kpis"]["turns"]["value"]) == ("2026-11-01T09", 3000.0)
    assert (await (await client.get("/api/v1/hours?assistant=rh")).json())["on"] == "2026-11-23"
    wrong = await client.get("/api/v1/hours?assistant=rh&on=today")
    assert (wrong.status, (await wrong.json())["error"]["message"]) == (400, "on is not a date: 'today'")


async def test_what_figures_can_be_narrowed_to(start: Any, world: Any) -> None:
    client = await start()
    answer = await client.get("/api/v1/labels?assistant=rh")
    assert (await answer.json())["labels"]["department"] == ["HR", "Law"]
    assert (await client.get("/api/v1/labels?assistant=rh", headers={"If-None-Match": answer.headers["ETag"]})).status == 304
    world.ledger.state = "down"
    assert (await client.get("/api/v1/labels?assistant=rh")).status == 503


async def test_retention(start: Any) -> None:
    content = await (await (await start()).get("/api/v1/retention?assistant=rh")).json()
    (cohort,) = content["cohorts"]
    assert (cohort["week"], cohort["people"]["value"]) == ("2026-11-09", 8.0)
    assert [(each["value"], each["status"]) for each in cohort["later"]] == [(0.5, "no_target")]


async def test_value_with_what_it_rests_on(start: Any, world: Any) -> None:
    assistants = (msgspec.structs.replace(world.settings.assistants[0], value=VALUED), *world.settings.assistants[1:])
    world.settings = msgspec.structs.replace(world.settings, assistants=assistants)
    client = await start()
    content = await (await client.get("/api/v1/value?assistant=rh&from=2026-09-01&to=2026-09-30")).json()
    assert content["currency"] == "EUR"
    assert content["cost"] == {"tokens": 140.0, "platform": 200.0, "fixed": pytest.approx(1500.0), "total": pytest.approx(1840.0)}
    assert content["kpis"]["roi"]["status"] == "no_target"
    assert content["kpis"]["cost"]["currency"] == "EUR"
    assert content["assumptions"][0]["source"] == "Finance | <b>"
    assert (content["unknown"]["numerator"], content["unknown"]["denominator"]) == (1000, 30000)
    assert [each["name"] for each in content["scenarios"]] == ["low", "base", "high"]
    page = await (await client.get("/value?assistant=rh&lang=fr")).text()
    assert "Ce que cela vaut" in page
    assert "Finance | &lt;b&gt;" in page
    unset = await (await client.get("/value?assistant=it&lang=en")).text()
    assert "not configured" in unset
    world.ledger.state = "down"
    assert (await client.get("/api/v1/value?assistant=rh")).status == 503
    assert (await client.get("/value?assistant=rh")).status == 503
