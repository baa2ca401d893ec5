"""Figures as a reader sees them, against hand counts."""

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from proxy.kpi.events import Event, Mark, Rating, Skipped, Turn
from proxy.kpi.groups import WHOLE
from proxy.settings.model import Assistant
from proxy.settings.people import People
from proxy.settings.reviews import Judge, Reviews
from proxy.store.apply import Applier
from proxy.store.figures import Ledger
from proxy.store.keys import Keys
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.making import BASE, numbered

TUESDAY = date(2026, 10, 20)
DAY = 86400.0


def turn(number: int, day: float, user: str | None, **more: object) -> Turn:
    values = {"id": f"t{number}", "assistant": "rh", "at": BASE + day * DAY, "result": "ok", "user": user, "duration": 2.0}
    return msgspec.convert({"conversation": f"c{number}", **values, **more}, Turn)


async def test_a_hand_count(client: Client, assistant: Assistant):
    handed = (Mark("handover_started", "protocol", "rule"),)
    events: list[Event] = [
        *[turn(number, 0, f"u{number}") for number in range(6)],
        turn(6, 0, "u6", marks=handed),
        turn(7, 0, "u7", marks=handed),
        turn(8, 0, "u8", result="error", duration=None),
        turn(9, 0, "u9", partial=True, duration=12.0, derived=True),
        turn(10, 0, None, conversation=None),
        Rating(id="r1", assistant="rh", at=BASE + 60, scale="binary", satisfied=True, conversation="c0", user="u0"),
        Rating(id="r2", assistant="rh", at=BASE + 60, scale="binary", satisfied=False, conversation="c1", user="u1"),
        Skipped(id="s1", assistant="rh", at=BASE, reason="unknown"),
        Skipped(id="s2", assistant="rh", at=BASE, reason="probe"),
    ]
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    ledger = Ledger(client)
    now = BASE + 3600
    open_ = await ledger.figures(assistant, 20, TUESDAY, TUESDAY, now)
    assert (open_.kpis["automation_rate"].value, open_.open_sessions) == (None, 10)
    assert open_.provisional["automation_rate"].numerator == 6
    await Settler(client, {"rh": assistant}).settle(BASE + 9 * DAY, 100)
    found = await ledger.figures(assistant, 20, TUESDAY, TUESDAY, now)
    value = {name: measure.value for name, measure in found.kpis.items()}
    assert (value["automation_rate"], value["automation_rate_confirmed"], value["handover_rate"]) == (0.6, 0.1, 0.2)
    assert (value["abandonment_rate"], value["failure_rate"], value["csat"], value["csat_response_rate"]) == (0.1, 0.1, 0.5, 0.2)
    assert (value["turns"], value["sessions"], value["response_time"]) == (11, 10, 3.0)
    assert (value["adoption"], value["wau"], value["mau"], value["dau"]) == (0.5, 10, 10, 10)
    assert (found.kpis["adoption"].provisional, found.open_sessions) == (True, 0)
    assert found.outcomes["handed_over"] == 2
    assert found.completeness.captured == found.completeness.attributed == 10 / 11
    assert found.completeness.decoded == 11 / 12
    assert (found.completeness.derived, found.completeness.identified) == (1 / 11, 10 / 11)
    assert msgspec.to_builtins(found)["from"] == "2026-10-20"


async def test_adoption_over_full_weeks(client: Client, assistant: Assistant):
    """Weeks of 10, 12, 14 and 16 listed people, and strangers who do not count."""
    listed = msgspec.structs.replace(assistant, people=People(directory="people.csv"))
    events: list[Turn] = []
    for week in range(4):
        for person in range(10 + 2 * week):
            events.append(turn(len(events), week * 7 + person % 3, f"u{person}", eligible=True))
        events.append(turn(len(events), week * 7, f"stranger{week}"))
    await Applier(client, {"rh": listed}, "one").apply(numbered(events))
    first, last = date(2026, 10, 12), date(2026, 11, 22)
    found = (await Ledger(client).figures(listed, 20, first, last, BASE + 40 * DAY)).kpis
    assert found["adoption"].value == (12 + 14 + 16 + 0) / 4 / 20  # the newest four; the last had nobody
    assert (found["wau"].value, found["adoption"].provisional) == (0, False)
    found = (await Ledger(client).figures(listed, 20, first, date(2026, 11, 15), BASE + 27 * DAY)).kpis
    assert found["adoption"].value == (10 + 12 + 14 + 16) / 4 / 20
    assert (found["wau"].value, found["mau"].value) == (17, 20)


async def test_weeks_since_the_launch_count_from_the_first_in_which_anybody_was_seen(client: Client, assistant: Assistant):
    launched = msgspec.structs.replace(assistant, launched="2026-09-01")
    first, last, now = date(2026, 10, 5), date(2026, 11, 1), BASE + 13 * DAY
    ledger = Ledger(client)
    nobody = (await ledger.figures(launched, 20, first, last, now)).kpis["adoption"]
    assert (nobody.provisional, nobody.status) == (True, "not_enough_data")
    await Applier(client, {"rh": launched}, "one").apply(numbered([turn(number, 0, f"u{number}") for number in range(10)]))
    found = (await ledger.figures(launched, 20, first, last, now)).kpis["adoption"]
    assert (found.value, found.provisional) == ((10 + 0) / 2 / 20, False)  # two weeks before, and one without anybody since
    months = await ledger.series(launched, 20, "month", date(2026, 9, 1), date(2026, 10, 31), now, WHOLE)
    assert [(each.kpis["adoption"].value, each.kpis["adoption"].provisional) for each in months] == [(0.0, True), (0.5, False)]


async def test_the_week_in_progress_is_never_full(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered([turn(number, 5, f"u{number}") for number in range(6)]))
    monday, sunday = date(2026, 10, 19), date(2026, 10, 25)
    ledger = Ledger(client)
    assert (await ledger.figures(assistant, 10, monday, sunday, BASE + 5 * DAY)).kpis["adoption"].provisional
    assert (await ledger.figures(assistant, 10, monday, sunday, BASE + 6 * DAY)).kpis["adoption"].value == 0.6
    assert not (await ledger.figures(assistant, 10, monday, sunday, BASE + 7 * DAY)).kpis["adoption"].provisional


async def test_days(client: Client, assistant: Assistant):
    events = [turn(number, number % 3, f"u{number}") for number in range(30)]
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    found = await Ledger(client).days(assistant, 40, TUESDAY, TUESDAY + timedelta(days=4), BASE + 3 * DAY)
    assert [day.date for day in found] == ["2026-10-20", "2026-10-21", "2026-10-22", "2026-10-23", "2026-10-24"]
    assert [day.kpis["automation_rate"].denominator for day in found] == [10, 10, 10, 0, 0]
    assert [day.kpis["automation_rate"].provisional for day in found] == [True, True, True, False, False]
    assert [day.kpis["adoption"].value for day in found] == [0.75, 0.75, 0.75, 0.75, None]
    assert set(found[0].kpis) == {"automation_rate", "response_time", "csat", "adoption", "handover_rate"}


async def test_an_empty_ledger_has_figures_with_reasons(client: Client, assistant: Assistant):
    found = await Ledger(client).figures(assistant, None, TUESDAY, TUESDAY, BASE)
    assert found.kpis["automation_rate"].reason == found.kpis["csat"].reason == "no_data"
    assert found.kpis["adoption"].reason == "no_people"
    future = await Ledger(client).figures(assistant, 10, TUESDAY, TUESDAY, BASE - 9 * DAY)
    assert future.kpis["mau"].value == 0


async def test_reading_leaves_nothing_behind(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(
        numbered([turn(number, number % 9, f"u{number}") for number in range(30)])
    )
    keys = set(await client.keys("*"))
    await Ledger(client).figures(assistant, 10, date(2026, 9, 1), date(2026, 11, 30), BASE + 30 * DAY)
    await Ledger(client).days(assistant, 10, date(2026, 9, 1), date(2026, 11, 30), BASE + 30 * DAY)
    assert set(await client.keys("*")) == keys


async def test_old_events_leave_no_old_hours(client: Client, assistant: Assistant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()  # here days do grow old
    old = Turn(id="t", assistant="rh", at=1e9, result="ok", conversation="c", user="u")
    await Applier(client, {"rh": assistant}, "one").apply([(1, old)])
    assert not await client.exists(Keys("rh").hour("2001-09-09T03"), Keys("rh").day("2001-09-09"))


async def test_every_figure_is_defined_in_the_docs(client: Client, assistant: Assistant):
    text = (Path(__file__).parents[2] / "docs/kpis.md").read_text()
    found = await Ledger(client).figures(assistant, None, TUESDAY, TUESDAY, BASE)
    assert not [name for name in (*found.kpis, *found.outcomes, *dict(found.completeness.shares)) if f"`{name}`" not in text]
    assert f"Definitions {found.definitions} " in text


async def test_a_baseline_without_a_roll_out_by_phases_stands_beside_the_value(client: Client, assistant: Assistant):
    contacts = {date(2026, 6, 1) + timedelta(days=at): {"": 10 if at < 70 else 7} for at in range(140)}
    launched = msgspec.structs.replace(assistant, launched="2026-08-10")  # a Monday, ten weeks later
    found = await Ledger(client, contacts=lambda _: contacts).value(launched, TUESDAY, TUESDAY, BASE + 3600)
    assert found.baseline is not None
    assert (found.baseline.before, found.baseline.since, found.phases) == (70, 49, ())


async def test_who_scores_answers_is_unset_until_the_settings_say_so(client: Client, assistant: Assistant):
    both = msgspec.structs.replace(assistant, reviews=Reviews(share=0.1), judge=Judge(share=0.1))
    names = ("answer_precision_review", "answer_precision_judge", "judge_agreement", "reviewer_agreement")
    for settings, reasons in (
        (assistant, ("unset", "unset", "unset", "unset")),
        (msgspec.structs.replace(both, judge=Judge()), ("no_data", "unset", "unset", "unset")),
        (both, ("no_data", "no_data", "few_pairs", "unset")),
        (
            msgspec.structs.replace(both, reviews=Reviews(share=0.1, reviewers=2)),
            ("no_data", "no_data", "few_pairs", "few_pairs"),
        ),
    ):
        kpis = (await Ledger(client).figures(settings, 20, TUESDAY, TUESDAY, BASE)).kpis
        assert tuple(kpis[name].reason for name in names) == reasons
