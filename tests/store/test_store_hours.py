"""Sums of hours: a day hour by hour adds up to the day, and a rhythm lays four weeks over each other.

The store drops hours by its own clock, so these days are counted from the real present.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from proxy.kpi.events import Turn
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.figures import Ledger
from proxy.store.transaction import Client
from tests.store.making import numbered

PRESENT = datetime.now(ZoneInfo("Europe/Paris")).replace(hour=12, minute=0, second=0, microsecond=0)


def turn(number: int, at: datetime) -> Turn:
    return Turn(
        id=f"t{number}",
        assistant="rh",
        at=at.timestamp(),
        result="ok",
        conversation=f"c{number}",
        user=f"u{number}",
        channel="web",
        duration=2.5,
    )


async def test_a_day_by_the_hour_adds_up_to_the_day(client: Client, assistant: Assistant):
    noon = PRESENT - timedelta(days=1)
    on = noon.date()
    events = [turn(number, noon + timedelta(minutes=30 * number)) for number in range(8)]
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    ledger = Ledger(client)
    hours = await ledger.hours(assistant, on)
    assert [hour.from_ for hour in hours] == [f"{on}T{hour:02d}" for hour in range(24)]
    assert [hour.kpis["turns"].value for hour in hours[12:16]] == [2.0] * 4
    whole = await ledger.figures(assistant, None, on, on, PRESENT.timestamp())
    assert sum(hour.kpis["turns"].value or 0 for hour in hours) == whole.kpis["turns"].value == 8
    assert hours[12].kpis["automation_rate"].provisional, "its sessions have not settled"
    assert hours[3].kpis["response_time"].value is None
    assert "mau" not in hours[12].kpis
    assert [(each.under, each.count) for each in whole.response_times if each.count] == [(3.0, 8)]
    assert (await ledger.labels(assistant))["channel"] == ["web"]


async def test_a_rhythm_lays_four_weeks_over_each_other_without_the_running_day(client: Client, assistant: Assistant):
    week = timedelta(days=7)
    at = [
        *(PRESENT - week, PRESENT - 4 * week),  # one weekday and hour, twice
        PRESENT - week + timedelta(days=1, hours=1),
        *(PRESENT, PRESENT - 5 * week),  # the running day, and one too old
    ]
    await Applier(client, {"rh": assistant}, "one").apply(numbered([turn(number, each) for number, each in enumerate(at)]))
    rhythm = await Ledger(client).rhythm(assistant, PRESENT.timestamp())
    assert (rhythm.from_, rhythm.to) == (str((PRESENT - 4 * week).date()), str((PRESENT - timedelta(days=1)).date()))
    weekday = PRESENT.weekday()
    assert (rhythm.turns[weekday][12], rhythm.turns[(weekday + 1) % 7][13]) == (2, 1)
    assert sum(map(sum, rhythm.turns)) == 3
