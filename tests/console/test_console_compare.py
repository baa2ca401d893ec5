"""Two sides side by side, as programs and as people see them."""

from __future__ import annotations

import html
from datetime import date
from typing import Any

import msgspec
import pytest

from proxy.console.pairings import rows
from proxy.kpi.compare import SideBySide
from proxy.kpi.groups import WHOLE, Scope
from proxy.kpi.report import Figures, Measure
from proxy.kpi.shares import share
from proxy.settings.model import Annotation, Assistant
from proxy.words.catalogue import CATALOGUE, Words
from tests.console.conftest import HOSTILE, FakeLedger


class Unequal(FakeLedger):
    """One assistant hands over less than the others, and so does the model "small"."""

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        found = await super().figures(assistant, first, last, scope)
        few = assistant.name == "it" or scope == (("model", "small"),) or first < date(2026, 10, 27)
        return msgspec.structs.replace(found, kpis={"handover_rate": share(80 if few else 150, 1000), "csat": share(40, 50)})


@pytest.fixture
def unequal(world: Any) -> Unequal:
    world.ledger = Unequal()
    return world.ledger  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("query", "one", "other"),
    [
        ("with_assistant=it", ("rh", {}, "2026-10-27"), ("it", {}, "2026-10-27")),
        ("model=large&with_model=small", ("rh", {"model": "large"}, "2026-10-27"), ("rh", {"model": "small"}, "2026-10-27")),
        ("channel=web&with_assistant=it", ("rh", {"channel": "web"}, "2026-10-27"), ("it", {"channel": "web"}, "2026-10-27")),
        ("channel=web&with_model=small", ("rh", {"channel": "web"}, "2026-10-27"), ("rh", {"model": "small"}, "2026-10-27")),
        ("with_from=2026-09-01&with_to=2026-09-30", ("rh", {}, "2026-10-27"), ("rh", {}, "2026-09-01")),
    ],
)
async def test_what_is_not_said_of_the_other_side_is_as_on_the_first(
    start: Any, unequal: Unequal, query: str, one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    client = await start()
    answer = await client.get(f"/api/v1/compare?assistant=rh&{query}")
    assert answer.status == 200, await answer.text()
    found = msgspec.json.decode(await answer.read(), type=SideBySide)
    assert [(each.assistant, each.group, each.from_) for each in (found.one, found.other)] == [one, other]
    handed = found.kpis["handover_rate"]
    assert (handed.one.numerator, handed.other.numerator) == (150, 80)
    assert handed.difference is not None
    assert (round(handed.difference.value, 3), handed.difference.verdict) == (-0.07, "lower")
    assert handed.difference.interval is not None
    assert handed.difference.interval[1] < 0
    assert found.kpis["csat"].difference is not None
    assert found.kpis["csat"].difference.verdict == "chance"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("assistant=rh", 400, "side_missing"),
        ("assistant=rh&with_assistant=nobody", 404, "assistant_unknown"),
        ("assistant=rh&with_from=2026-09-01", 400, "period"),
        ("assistant=rh&model=a&with_model=a&with_channel=b", 400, "group"),
        ("assistant=rh&with_by=model", 400, "parameter_unknown"),
    ],
)
async def test_what_makes_no_sides_is_told(start: Any, unequal: Unequal, query: str, status: int, code: str) -> None:
    client = await start()
    answer = await client.get(f"/api/v1/compare?{query}")
    assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)


async def test_without_the_store(start: Any, unequal: Unequal) -> None:
    unequal.state = "down"
    client = await start()
    assert (await client.get("/api/v1/compare?assistant=rh&with_assistant=it")).status == 503
    assert (await client.get("/compare?assistant=rh")).status == 503
    assert (await client.get("/compare?assistant=rh&by=model")).status == 503


async def test_the_page(start: Any, unequal: Unequal) -> None:
    client = await start()
    text = await (await client.get("/compare?assistant=rh&lang=en")).text()
    assert all(f'<th scope="col">{name}</th>' in text for name in ("rh", "it", "Difference"))
    assert '<td data-verdict="lower">−7.0 points, beyond chance</td>' in text
    assert '<td data-verdict="chance">unchanged</td>' in text
    assert "12.9–17.3%" in text
    assert HOSTILE not in text
    text = await (await client.get("/compare?assistant=it&lang=fr&by=period")).text()
    assert "autant de jours avant" in text
    text = await (await client.get("/compare?assistant=rh&lang=en&by=period")).text()
    assert text.index("as many days before") < text.index("this period")
    assert '<td data-verdict="higher">+7.0 points, beyond chance</td>' in text, "what came of the time before, not the reverse"
    text = await (await client.get("/compare?assistant=it&lang=en&by=channel")).text()
    assert "Nothing to compare" in text or 'scope="col">web' in text


async def test_the_page_takes_a_second_period_and_leads_programs_to_the_same(start: Any, unequal: Unequal) -> None:
    client = await start()
    query = "assistant=rh&lang=en&from=2026-11-01&to=2026-11-10&with_from=2026-09-01&with_to=2026-09-20"
    text = (await (await client.get(f"/compare?{query}")).text()).replace("\u00a0", " ")
    assert text.index('scope="col">1 Sep to 20 Sep 2026<') < text.index('scope="col">1 Nov to 10 Nov 2026<'), (
        "in the order of time"
    )
    assert '<td data-verdict="higher">+7.0 points, beyond chance</td>' in text
    link = next(part for part in html.unescape(text).split('"') if part.startswith("/api/v1/compare?"))
    found = msgspec.json.decode(await (await client.get(link)).read(), type=SideBySide)
    assert (found.one.from_, found.other.from_) == ("2026-09-01", "2026-11-01")
    assert "with_from=2026-09-01" in next(part for part in html.unescape(text).split('"') if "lang=fr" in part)
    text = await (await client.get("/compare?assistant=rh&lang=en&with_from=2026-09-20&with_to=2026-09-01")).text()
    assert CATALOGUE["narrow.wrong"][0] in text


@pytest.mark.parametrize(("by", "shown"), [("period", True), ("assistants", True), ("model", False)])
async def test_the_page_keeps_to_the_group_that_it_is_narrowed_to(start: Any, unequal: Unequal, by: str, shown: bool) -> None:
    text = await (await (await start()).get(f"/compare?assistant=rh&lang=en&by={by}&department=HR")).text()
    assert ("Department HR" in text) is shown
    assert (CATALOGUE["apart.title"][0] in text) is not shown
    assert set(unequal.scopes) == ({(("department", "HR"),)} if shown else set())


def test_costs_have_rows_and_what_nobody_configured_has_none() -> None:
    money = {
        "cost_per_session": Measure(value=1.5, currency="EUR"),
        "answer_precision_review": Measure(value=None, reason="unset"),
    }
    less = {**money, "cost_per_session": Measure(value=1.25, currency="EUR")}
    (row,) = rows(money, less, Words("en"))
    assert (row["sides"][0]["value"], row["change"]) == ("€1.50", "−€0.250")
    (row,) = rows(money, {**less, "cost_per_session": Measure(value=1.25, currency="USD")}, Words("en"))
    assert row["change"] == "", "amounts of two currencies have no difference"


def test_times_and_scores_have_intervals_in_their_own_units() -> None:
    one = {"response_time": Measure(value=2.0, interval=(1.5, 2.5)), "nps": Measure(value=30.0, interval=(14.7, 45.3))}
    other = {"response_time": Measure(value=4.0, interval=(3.5, 4.5)), "nps": Measure(value=None, reason="no_data")}
    time, nps = sorted(rows(one, other, Words("en")), key=lambda row: row["label"])
    assert [side["interval"].replace("\u00a0", " ") for side in time["sides"]] == ["1.50 s–2.5 s", "3.5 s–4.5 s"]
    assert time["change"].replace("\u00a0", " ") == "+2.0 s, beyond chance"
    assert (nps["change"], nps["sides"][1]["interval"]) == ("", "nothing counted in this period yet")


async def test_what_happened_stands_on_the_axis_below_it_and_in_the_days(start: Any, world: Any) -> None:
    world.ledger.notes = (Annotation(on="2026-10-27", text="model <2>"),)
    client = await start()
    text = await (await client.get("/?assistant=rh&lang=en")).text()
    assert text.count('class="event"') == 2  # the chart is there wide and narrow
    assert "27\u00a0Oct\u00a02026: deployment, model &lt;2&gt;</p>" in text
    days = (await (await client.get("/api/v1/days?assistant=rh")).json())["days"]
    assert [day["notes"] for day in days[:2]] == [[{"on": "2026-10-27", "text": "model <2>", "kind": "deployment"}], []]
