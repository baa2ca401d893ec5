"""The views: what each shows to whom, over which days, of which group; and everything of them as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import msgspec
import pytest

from proxy.access import tokens
from proxy.console import views
from proxy.kpi.groups import WHOLE
from proxy.kpi.report import Breakdown, Cohort, Figures, Group, Handovers, Measure, Stretch
from proxy.report.model import AUDIENCES
from proxy.words import formats, written
from proxy.words.catalogue import CATALOGUE
from tests.console.conftest import HOSTILE, NOW
from tests.console.test_console_app import VIEWS, Elements, page


def chosen(elements: Elements) -> list[str]:
    return [link["href"] or "" for link in elements.all("a") if link.get("aria-current")]


def titles(elements: Elements) -> list[str]:
    return [heading["id"] or "" for heading in elements.all("h2") if heading.get("id") not in (None, "tiles")]


def offered(elements: Elements) -> list[str]:
    """Figures that a page has: as tiles, and those that wait for settings below them."""
    links = [urlsplit(link["href"] or "") for link in elements.all("a") if "href" in link]
    return [parse_qs(link.query)["kpi"][0] for link in links if link.fragment == "chart"]


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("path", VIEWS)
async def test_each_view_has_its_tiles_and_panels_in_both_languages(start: Any, path: str, lang: str) -> None:
    text, elements = await page(await (await start()).get(f"{path}?assistant=rh&lang={lang}"))
    view = views.view(path.strip("/"), views.FIRST)
    assert [name for name in view.figures if CATALOGUE[name][lang == "fr"] not in text] == []
    assert titles(elements) == list(view.panels)
    assert sorted(offered(elements)) == sorted(view.figures)


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_the_first_page_opens_on_what_its_reader_answers_for(start: Any, audience: str) -> None:
    text, elements = await page(await (await start()).get(f"/?assistant=rh&audience={audience}&lang=en"))
    view = views.view("glance", audience)  # type: ignore[arg-type]  # one of AUDIENCES
    assert sorted(offered(elements)) == sorted(view.figures)
    assert all("audience=" in (link["href"] or "") for link in elements.all("a") if link.get("class") == "tile") is (
        audience != views.FIRST
    )
    assert CATALOGUE[f"about.{view.tiles[0]}"][0] in text


async def test_what_nobody_configured_is_said_and_is_no_failure(start: Any, world: Any) -> None:
    world.ledger.kpis["roi"] = Measure(value=None, reason="no_value")
    client = await start()
    text, elements = await page(await client.get("/quality?assistant=rh&lang=en"))
    for name in ("answer_precision_review", "answer_precision_judge", "sentiment"):
        assert CATALOGUE[f"unset.{name}"][0] in text
    assert [each for each in elements.all("details") if "fold" in (each.get("class") or "")]
    assert not [each for each in elements.all("span") if each.get("data-status") == "unset"]
    text, _ = await page(await client.get("/strategic?assistant=rh&lang=en&kpi=roi"))
    assert CATALOGUE["reason.no_value"][0] in text


async def test_topics_are_shown_once_they_are_kept_and_a_hint_until_then(start: Any, world: Any) -> None:
    client = await start()
    text, _ = await page(await client.get("/quality?assistant=rh&lang=fr"))
    assert "conge · solde" in text
    world.ledger.themes = msgspec.structs.replace(world.ledger.themes, topics=[])
    text, _ = await page(await client.get("/quality?assistant=rh&lang=en"))
    assert CATALOGUE["topics.none"][0].format(people=10, hidden=3) in text
    world.ledger.themes = msgspec.structs.replace(world.ledger.themes, kept=False)
    text, _ = await page(await client.get("/quality?assistant=rh&lang=en"))
    assert CATALOGUE["topics.unset"][0] in text


async def test_a_choice_goes_on_to_the_other_views_but_for_the_figure(start: Any) -> None:
    _, elements = await page(await (await start()).get("/quality?assistant=rh&kpi=csat&days=7&channel=web&lang=fr"))
    link = next(each["href"] or "" for each in elements.all("a") if (each.get("href") or "").startswith("/strategic"))
    assert parse_qs(urlsplit(link).query) == {"assistant": ["rh"], "days": ["7"], "channel": ["web"], "lang": ["fr"]}
    _, elements = await page(await (await start()).get("/quality?assistant=rh&lang=fr"))
    link = next(each["href"] or "" for each in elements.all("a") if (each.get("href") or "").startswith("/strategic"))
    assert "days" not in link, "each view has a period of its own until the reader names one"


async def test_a_page_keeps_its_figure_when_its_language_or_period_changes(start: Any) -> None:
    _, elements = await page(await (await start()).get("/quality?assistant=rh&kpi=csat"))
    changed = [each["href"] or "" for each in elements.all("a") if "lang=fr" in (each.get("href") or "")]
    changed += [each["href"] or "" for each in elements.all("a") if "days=91" in (each.get("href") or "")]
    assert len(changed) == 2
    assert all("kpi=csat" in link for link in changed)


async def test_dates_of_ones_own_win_and_wrong_ones_are_said(start: Any, world: Any) -> None:
    client = await start()
    text, elements = await page(await client.get("/?assistant=rh&from=2026-10-05&to=2026-10-11&days=7&lang=en"))
    assert "5\u00a0Oct to 11\u00a0Oct\u00a02026" in text
    assert ("rh", date(2026, 10, 5), date(2026, 10, 11)) in world.ledger.asked
    assert ("rh", date(2026, 9, 28), date(2026, 10, 4)) in world.ledger.asked, "compared with as many days before"
    assert not [link for link in chosen(elements) if "days=" in link and "kpi" not in link]
    text, _ = await page(await client.get("/?assistant=rh&from=2026-10-11&to=2026-10-05&lang=en"))
    assert CATALOGUE["narrow.wrong"][0] in text
    assert "27\u00a0Oct to 23\u00a0Nov\u00a02026" in text


async def test_a_day_is_drawn_by_the_hour_and_not_beyond_the_present(start: Any) -> None:
    text, _ = await page(await (await start()).get("/realtime?assistant=rh&lang=en"))  # it is half past eleven in the evening
    assert "Turns, hour by hour" in text
    rows = list(csv.DictReader(io.StringIO(await (await (await start()).get("/table.csv?view=realtime&assistant=rh")).text())))
    assert [row["from"] for row in rows][:2] == ["2026-11-23T23", "2026-11-23T22"]
    assert [row["state"] for row in rows][:2] == ["provisional", "settled"]
    later = await (await start()).get("/table.csv?view=realtime&assistant=rh&from=2026-11-24&to=2026-11-24")
    assert (await later.text()).splitlines() == [""]


async def test_a_long_period_is_drawn_by_weeks_or_months_and_compared_only_while_its_past_is_kept(start: Any, world: Any) -> None:
    text, _ = await page(await (await start()).get("/strategic?assistant=rh&days=91&lang=en"))
    assert "Adoption, week by week" in text
    assert CATALOGUE["compared.unkept"][0] not in text
    text, _ = await page(await (await start()).get("/strategic?assistant=rh&days=396&lang=en"))
    assert CATALOGUE["compared.unkept"][0] in text
    assert "Adoption, month by month" in text
    assert min(first for _, first, _ in world.ledger.asked) >= date(2025, 10, 20)


async def test_figures_stand_beside_the_time_before(start: Any, world: Any) -> None:
    text, _ = await page(await (await start()).get("/?assistant=rh&days=7"))
    assert "change: unchanged" in text
    assert 'class="past"' in text
    assert ("rh", date(2026, 11, 10), date(2026, 11, 16)) in world.ledger.asked


async def test_a_filter_narrows_everything_and_can_be_taken_away(start: Any, world: Any) -> None:
    text, elements = await page(await (await start()).get("/quality?assistant=rh&department=HR&profile=Manager&lang=en"))
    assert set(world.ledger.scopes) - {WHOLE} == {(("department", "HR"), ("profile", "Manager"))}
    assert [each for each in elements.all("option") if "selected" in each]
    assert "week by week" in text, "no day of a group of people is shown"
    assert [
        link
        for link in elements.all("a")
        if (link.get("href") or "").endswith("/quality?assistant=rh&lang=en&kpi=automation_rate")
    ]


async def test_a_group_of_people_is_drawn_by_whole_weeks_as_its_figures_are(start: Any) -> None:
    table = await (await start()).get("/table.csv?assistant=rh&view=quality&department=HR")
    weeks = [date.fromisoformat(row["from"]) for row in csv.DictReader(io.StringIO(await table.text()))]
    assert weeks[-1] == date(2026, 10, 26), "the period begins on the day after"
    assert {week.weekday() for week in weeks} == {0}


async def test_a_filter_from_elsewhere_stays_text(start: Any) -> None:
    response = await (await start()).get("/quality", params={"assistant": "rh", "channel": HOSTILE})
    raw = await response.text()
    Elements(raw)
    assert "<script>alert" not in raw


async def test_filters_that_no_sums_are_kept_for_say_so(start: Any, world: Any) -> None:
    text, _ = await page(await (await start()).get("/?assistant=rh&channel=web&department=HR&lang=en"))
    assert CATALOGUE["apart.title"][0] in text
    assert world.ledger.asked == []


@pytest.mark.parametrize(("reason", "face"), [("small_group", "hidden"), ("running", "running")])
async def test_a_group_that_must_not_be_shown_is_a_page_of_its_own(start: Any, world: Any, reason: str, face: str) -> None:
    world.ledger.kpis = dict.fromkeys(world.ledger.kpis, Measure(value=None, reason=reason))
    text, _ = await page(await (await start()).get("/?assistant=rh&department=Law&lang=en"))
    assert CATALOGUE[f"{face}.title"][0] in text
    assert "tiles" not in text


async def test_nothing_in_a_period_is_not_the_same_as_nothing_ever(start: Any, world: Any) -> None:
    world.ledger.kpis["turns"] = Measure(value=0.0)
    world.ledger.outcomes = {}
    client = await start()
    assert CATALOGUE["empty.title"][0] in (await page(await client.get("/?assistant=rh&lang=en")))[0]
    assert CATALOGUE["nothing.title"][0] in (await page(await client.get("/?assistant=rh&days=7&lang=en")))[0]


async def test_figures_that_rest_on_half_of_the_traffic_say_so_first(start: Any, world: Any) -> None:
    world.ledger.completeness = msgspec.structs.replace(world.ledger.completeness, captured=0.5)
    text, _ = await page(await (await start()).get("/?assistant=rh&lang=en"))
    assert text.index("Only 50.0% of the turns were captured whole") < text.index("Automation")


PANELS = sorted({(name, panel) for name in views.NAMES for panel in views.view(name, "owner").panels})


@pytest.mark.parametrize(("view", "panel"), PANELS)
async def test_every_panel_can_be_taken_away(start: Any, world: Any, view: str, panel: str) -> None:
    full(world)
    client, query = await start(), f"assistant=rh&view={view}&panel={panel}"
    table = await client.get(f"/table.csv?{query}")
    head, *rows = list(csv.reader(io.StringIO(await table.text())))
    assert table.headers["Content-Disposition"].endswith(f'-{panel}.csv"')
    assert rows
    assert all(len(row) == len(head) for row in rows)
    chart = await client.get(f"/chart.svg?{query}")
    if panel in {"basis", "handovers", "departments", "channels", "topics"}:
        assert chart.status == 404
    else:
        assert ET.fromstring(await chart.text()).tag == "{http://www.w3.org/2000/svg}svg"


async def test_the_chart_of_the_chosen_figure_and_its_table(start: Any) -> None:
    client = await start()
    chart = await client.get("/chart.svg?assistant=rh&kpi=handover_rate&days=7&lang=fr")
    assert chart.headers["Content-Disposition"] == 'attachment; filename="rh-2026-11-17-2026-11-23-handover_rate.svg"'
    assert CATALOGUE["handover_rate"][1] in await chart.text()
    table = await client.get("/table.csv?assistant=rh&kpi=automation_rate&days=7")
    lines = (await table.text()).splitlines()
    assert lines[0] == "from,value,numerator,n,low,high,state"
    assert lines[1].endswith("provisional")
    assert lines[-1] == "2026-11-17,0.62,620,1000,0.59,0.65,settled"
    assert len(lines) == 8


@pytest.mark.parametrize("panel", ["assistants", "groups"])
async def test_tables_of_other_pages_are_files_too(start: Any, panel: str) -> None:
    rows = list(csv.DictReader(io.StringIO(await (await (await start()).get(f"/table.csv?assistant=rh&panel={panel}")).text())))
    assert {"figure": "automation_rate", "value": "0.62", "numerator": "620"}.items() <= rows[0].items()
    assert "Law" not in [row.get("group") for row in rows], "what is hidden on a page is in no file"


async def test_a_panel_that_is_not_there_is_said(start: Any) -> None:
    answer = await (await start()).get("/table.csv?view=quality&panel=<script>")
    assert answer.status == 404
    assert "flow" in (await answer.json())["error"]["hint"]


async def test_a_label_that_a_spreadsheet_would_run_is_text(start: Any, world: Any) -> None:
    full(world)
    table = await (await start()).get("/table.csv?assistant=rh&view=realtime&panel=channels")
    assert "\r\n'=cmd()," in await table.text()


@pytest.mark.parametrize("path", VIEWS)
async def test_a_reader_of_a_department_sees_its_own_and_nothing_of_everybody(
    start: Any, world: Any, tmp_path: Path, path: str
) -> None:
    token, kept = tokens.made("manager", "viewer", NOW.date(), department="HR")
    tokens.add(tmp_path / tokens.FILE, kept)
    world.console(listen="0.0.0.0:8081", tokens=str(tmp_path / tokens.FILE))
    client = await start()
    bearer = {"Authorization": f"Bearer {token}"}
    text, elements = await page(await client.get(f"{path}?assistant=rh&lang=en", headers=bearer))
    assert set(world.ledger.scopes) <= {(("department", "HR"),), WHOLE}
    assert (("department", "HR"),) in world.ledger.scopes
    assert not {"rhythm", "cohorts", "channels"} & set(titles(elements))
    links = [link["href"] or "" for link in elements.all("a") if "href" in link]
    assert not [link for link in links if link.startswith(("/metrics", "/report"))]
    files = [link for link in links if link.startswith(("/table.csv", "/chart.svg"))]
    assert "/table.csv" in {urlsplit(link).path for link in files}
    assert {(await client.get(link, headers=bearer)).status for link in files} == {200}
    assert set(world.ledger.scopes) <= {(("department", "HR"),), WHOLE}
    assert "data-events" not in elements.all("main")[0]
    assert CATALOGUE["live.rate"][0] not in text
    assert (await client.get(f"{path}?assistant=rh&department=Law", headers=bearer)).status == 403
    assert (await client.get(f"{path}?assistant=rh&channel=web", headers=bearer)).status == 403


def full(world: Any) -> None:
    """Something in every panel."""
    figures = world.ledger.figures

    async def more(*asked: Any) -> Figures:
        found: Figures = await figures(*asked)
        handovers = Handovers(episodes=3, sources={"protocol": 2}, reasons={"error": 1, "user_request": 1})
        return msgspec.structs.replace(found, handovers=handovers)

    async def breakdown(assistant: Any, by: str, first: date, last: date, within: Any = WHOLE) -> Breakdown:
        groups = [Group(label=label, hidden=False, kpis=world.ledger.kpis) for label in ("=cmd()", "HR")]
        return Breakdown(
            assistant="rh",
            by=by,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone="Europe/Paris",
            groups=groups,
            suppressed_groups=0,
        )

    async def retention(_: Any) -> list[Cohort]:
        return [Cohort(week="2026-11-09", people=Measure(value=8.0), later=[Measure(value=0.5, numerator=4, denominator=8)])]

    world.ledger.figures, world.ledger.breakdown, world.ledger.retention = more, breakdown, retention


@pytest.mark.parametrize(("lang", "interval"), [("en", "interval 3.1 s–3.4 s"), ("fr", "intervalle 3,1 s–3,4 s")])
async def test_the_interval_of_a_time_is_in_its_unit(start: Any, world: Any, lang: str, interval: str) -> None:
    world.ledger.kpis["response_time"] = msgspec.structs.replace(world.ledger.kpis["response_time"], interval=(3.11, 3.37))
    text, _ = await page(await (await start()).get(f"/?assistant=rh&lang={lang}"))
    assert interval in text.replace(formats.HARD, " ")


async def test_secondary_figures_are_folded_and_unfold_when_one_is_chosen(start: Any, world: Any) -> None:
    world.ledger.kpis["nps"] = Measure(value=12.0, n=30)
    client = await start()
    _, elements = await page(await client.get("/quality?assistant=rh&lang=en"))
    assert len([link for link in elements.all("a") if link.get("class") == "tile"]) <= 8
    assert not [each for each in elements.all("details") if "fold" in (each.get("class") or "") and "open" in each]
    text, elements = await page(await client.get("/quality?assistant=rh&lang=en&kpi=nps"))
    assert len([each for each in elements.all("details") if "fold" in (each.get("class") or "") and "open" in each]) == 1
    assert "30 ratings" in text


@pytest.mark.parametrize("path", VIEWS)
async def test_no_number_stands_without_what_it_counts(start: Any, world: Any, path: str) -> None:
    rate = Measure(value=0.62, numerator=620, denominator=1000)
    alone = {"turns", "sessions", "wau", "mau", "stickiness", "time_saved", "roi"}  # the ledger counts nothing beside them
    many = {name: rate if written.kind(name) == "share" else Measure(value=9.0, n=1000) for name in views.figures() - alone}
    world.ledger.kpis |= many
    text, _ = await page(await (await start()).get(f"{path}?assistant=rh&lang=en"))
    tiles = text.split('id="chart"', maxsplit=1)[0].replace(formats.HARD, " ")
    assert " / 1,000" not in tiles
    assert not re.search(r"\b1,000(?! (sessions|automated|handed-over|resolved|ratings|people|answers|turns|messages))", tiles)


async def test_an_assistant_is_not_compared_with_the_time_before_its_launch(start: Any, world: Any) -> None:
    rh = next(each for each in world.settings.assistants if each.name == "rh")
    others = tuple([each for each in world.settings.assistants if each.name != "rh"])
    young = msgspec.structs.replace(rh, launched="2026-11-12")
    world.settings = msgspec.structs.replace(world.settings, assistants=(young, *others))
    client = await start()
    text, _ = await page(await client.get("/?assistant=rh&days=7&lang=en"))
    assert CATALOGUE["compared.new"][0] in text
    assert "change:" not in text
    rows = list(csv.DictReader(io.StringIO(await (await client.get("/table.csv?assistant=rh&days=28")).text())))
    assert min(row["from"] for row in rows) == "2026-11-12", "nothing is drawn of days before the launch"


async def test_the_sum_of_a_day_that_runs_is_not_held_against_a_whole_one(start: Any) -> None:
    text, _ = await page(await (await start()).get("/realtime?assistant=rh&lang=en&kpi=response_time"))
    assert text.count("change:") == 1, "of the turns there is none"


async def test_a_share_of_a_handful_is_left_to_the_table(start: Any, world: Any) -> None:
    series, denominators = world.ledger.series, [8]

    async def failing(*asked: Any) -> list[Stretch]:
        rate = Measure(value=0.5, numerator=denominators[-1] // 2, denominator=denominators[-1])
        return [msgspec.structs.replace(each, kpis={**each.kpis, "failure_rate": rate}) for each in await series(*asked)]

    world.ledger.series = failing
    client, query = await start(), "assistant=rh&audience=operations&kpi=failure_rate&days=7&lang=en"
    assert (await client.get(f"/chart.svg?{query}")).status == 200
    denominators.append(4)
    assert (await client.get(f"/chart.svg?{query}")).status == 404
    text, _ = await page(await client.get(f"/?{query}"))
    assert CATALOGUE["chart.few"][0].format(count=5) in text
    rows = list(csv.DictReader(io.StringIO(await (await client.get(f"/table.csv?{query}")).text())))
    assert [row["n"] for row in rows] == ["4"] * 7


async def test_a_manager_looks_at_weeks(start: Any) -> None:
    """Who uses it is counted by the week: a line of days would be stairs, and of the people of a week there is none."""
    client = await start()
    text, _ = await page(await client.get("/?assistant=rh&audience=manager&lang=en"))
    assert "Adoption, week by week" in text
    rows = list(csv.DictReader(io.StringIO(await (await client.get("/table.csv?assistant=rh&audience=manager")).text())))
    assert [date.fromisoformat(row["from"]).weekday() for row in rows] == [0] * 5
    text, _ = await page(await client.get("/?assistant=rh&audience=manager&days=7&lang=en"))
    assert "Adoption, day by day" in text
