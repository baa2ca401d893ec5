"""Figures by group as a reader gets them: sums that add up, small groups hidden with what would tell of them."""

from datetime import date
from typing import Any

import msgspec

from proxy.kpi.events import Event, Mark, Turn
from proxy.kpi.groups import WHOLE, Scope
from proxy.kpi.report import Breakdown
from proxy.settings.model import Assistant
from proxy.settings.people import People
from proxy.store.apply import Applier
from proxy.store.breakdown import Groups
from proxy.store.figures import Ledger
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.making import BASE, numbered

DAY = 86400.0
MONDAY, SUNDAY = date(2026, 10, 19), date(2026, 10, 25)
NOW = BASE + 7 * DAY
"""The Tuesday after: the week of the events is over."""
SIZES = {"HR": 12, "IT": 30, "Law": 3, "Ops": 8}
HEADS: dict[Scope, int] = {
    WHOLE: 100,
    (("department", "HR"),): 20,
    (("department", "IT"),): 40,
    (("department", "Law"),): 4,
    (("department", "Ops"),): 8,
}


def turn(number: int, user: str, department: str, **more: Any) -> Turn:
    values = {"id": f"t{number}", "assistant": "rh", "at": BASE + number, "result": "ok", "duration": 2.0, "eligible": True}
    return msgspec.convert({"conversation": f"c{number}", "user": user, "department": department, **values, **more}, Turn)


async def filled(client: Client, assistant: Assistant, *, unlabelled: int = 0) -> tuple[Groups, Assistant]:
    """One turn of each person; in IT every third is handed over. The second half of IT are managers."""
    listed = msgspec.structs.replace(assistant, people=People(directory="people.csv"))
    handed = (Mark("handover_started", "protocol", "rule"),)
    events: list[Event] = []
    for department, size in SIZES.items():
        for person in range(size):
            marks = handed if department == "IT" and person % 3 == 0 else ()
            profile = "manager" if department == "IT" and person >= 15 else "staff"
            channel = "web" if person % 2 else "phone"
            labels = {"profile": profile, "channel": channel, "marks": marks}
            events.append(turn(len(events), f"{department}{person}", department, **labels))
    for person in range(unlabelled):
        events.append(turn(len(events), f"nobody{person}", ""))
    await Applier(client, {"rh": listed}, "one").apply(numbered(events))
    await Settler(client, {"rh": listed}).settle(BASE + 3 * DAY, 1000)
    return Groups(Ledger(client)), listed


def shown(found: Breakdown) -> dict[str, bool]:
    return {group.label: not group.hidden for group in found.groups}


async def test_departments(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant)
    found = await groups.breakdown(listed, HEADS, "department", MONDAY, SUNDAY, NOW)
    assert (found.from_, found.to, found.suppressed_groups) == ("2026-10-19", "2026-10-25", 2)
    assert shown(found) == {"HR": True, "IT": True, "Law": False, "Ops": False}  # Law would follow from the total and Ops
    kpis = {group.label: group.kpis for group in found.groups}
    assert (kpis["IT"]["handover_rate"].numerator, kpis["IT"]["handover_rate"].denominator) == (10, 30)
    assert (kpis["HR"]["automation_rate"].value, kpis["HR"]["wau"].value) == (1.0, 10.0)
    assert (kpis["IT"]["adoption"].numerator, kpis["IT"]["adoption"].denominator) == (30, 40)
    assert {(measure.value, measure.reason) for measure in kpis["Law"].values()} == {(None, "small_group")}


async def test_a_breakdown_is_of_whole_weeks_that_are_over(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant)
    found = await groups.breakdown(listed, HEADS, "department", date(2026, 10, 21), date(2026, 10, 26), NOW)
    assert (found.from_, found.to) == ("2026-10-19", "2026-10-25")
    running = await groups.breakdown(listed, HEADS, "department", MONDAY, SUNDAY, BASE + DAY)
    assert (running.from_, running.groups) == (None, [])
    figures = await groups.figures(listed, HEADS, MONDAY, SUNDAY, BASE + DAY, (("department", "IT"),))
    assert {measure.reason for measure in figures.kpis.values()} == {"running"}


async def test_a_month_whose_end_cuts_a_week_is_hidden_where_a_piece_is_small(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant)
    await Applier(client, {"rh": listed}, "two").apply(numbered([turn(500, "IT1", "IT", at=BASE + 11 * DAY)]))  # a Saturday
    october = (date(2026, 10, 1), date(2026, 10, 31), BASE + 30 * DAY)
    assert shown(await groups.breakdown(listed, HEADS, "department", *october))["IT"] is False
    assert shown(await groups.breakdown(listed, HEADS, "department", *october))["HR"] is True


async def test_channels_have_no_people_and_hide_nothing(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant, unlabelled=3)
    found = await groups.breakdown(listed, HEADS, "channel", date(2026, 10, 20), date(2026, 10, 20), BASE)
    turns = {group.label: group.kpis["turns"].value for group in found.groups}
    assert turns == {"phone": 27, "web": 26, "": 3}
    assert found.groups[0].kpis["mau"].reason == "not_kept"
    assert shown(found) == {"phone": True, "web": True, "": True}


async def test_people_without_a_department_are_a_group_as_well(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant, unlabelled=6)
    found = await groups.breakdown(listed, HEADS, "department", MONDAY, SUNDAY, NOW)
    assert shown(found) == {"HR": True, "IT": True, "Law": False, "Ops": True, "": False}


async def test_profiles_within_a_department_need_more_people(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant)
    within: Scope = (("department", "IT"),)
    found = await groups.breakdown(listed, HEADS, "profile", MONDAY, SUNDAY, NOW, within)
    assert [group.kpis["sessions"].value for group in found.groups if not group.hidden] == [15, 15]
    small = await groups.breakdown(listed, HEADS, "profile", MONDAY, SUNDAY, NOW, (("department", "Ops"),))
    assert not any(shown(small).values())


async def test_figures_of_one_group(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant)
    found = await groups.figures(listed, HEADS, MONDAY, SUNDAY, NOW, (("department", "IT"),))
    assert (found.kpis["handover_rate"].numerator, found.kpis["adoption"].value, found.outcomes["handed_over"]) == (10, 0.75, 10)
    assert found.provisional == {}
    hidden = await groups.figures(listed, HEADS, MONDAY, SUNDAY, NOW, (("department", "Law"),))
    assert set(hidden.kpis) == set(found.kpis)
    assert {measure.reason for measure in hidden.kpis.values()} == {"small_group"}
    assert (hidden.outcomes, hidden.completeness.captured) == ({}, None)


async def test_series_of_one_group_has_whole_weeks_only(client: Client, assistant: Assistant):
    groups, listed = await filled(client, assistant)
    scope: Scope = (("department", "IT"),)
    found = await groups.series(listed, HEADS, "week", date(2026, 10, 12), date(2026, 10, 28), NOW, scope)
    assert [each.from_ for each in found] == ["2026-10-12", "2026-10-19"]
    assert (found[0].kpis["turns"].reason, found[1].kpis["turns"].value) == ("small_group", 30)
    assert await groups.series(listed, HEADS, "day", MONDAY, SUNDAY, NOW, scope) == []
