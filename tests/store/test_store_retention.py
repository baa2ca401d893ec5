"""Cohorts by the week people first came in, and who of them came back."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from proxy.kpi.events import Turn
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.figures import Ledger
from proxy.store.retention import WEEKS
from proxy.store.transaction import Client
from tests.store.making import BASE, numbered

WEEK = 7 * 86400.0
NOW = BASE + 3 * WEEK  # a Tuesday


def turn(number: int, user: str, week: float) -> Turn:
    at = BASE + week * WEEK
    return Turn(
        id=f"t{number}", assistant="rh", at=at, result="ok", conversation=f"c{number}", user=user, eligible=number % 2 == 0
    )


EVENTS = [
    *[turn(number, f"old{number}", 0) for number in range(10)],
    *[turn(20 + number, f"old{number}", 1) for number in range(6)],
    *[turn(30 + number, f"old{number}", 2) for number in range(3)],
    *[turn(40 + number, f"new{number}", 1) for number in range(5)],
    *[turn(50 + number, f"few{number}", 2) for number in range(2)],
    turn(60, "old9", 3),  # the week in progress
]


@pytest.mark.parametrize("late_first", [False, True])
async def test_who_came_back(client: Client, assistant: Assistant, late_first: bool):
    """Whatever order the weeks are told in."""
    events = [*reversed(EVENTS)] if late_first else EVENTS
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    found = await Ledger(client).retention(assistant, NOW)
    assert len(found) == WEEKS
    assert [cohort.week for cohort in found[-3:]] == [str(date(2026, 10, 19) + timedelta(weeks=each)) for each in range(3)]
    first, second, third = found[-3:]
    assert (first.people.value, [each.value for each in first.later]) == (10.0, [0.6, 0.3])
    assert (second.people.value, [each.value for each in second.later]) == (5.0, [0.0])
    assert (third.people.reason, third.later) == ("small_group", [])
    assert not [key async for key in client.scan_iter("*union*")]


async def test_of_many_it_is_not_given(client: Client, assistant: Assistant):
    assistant = replace(assistant, people=replace(assistant.people, exact=3))
    await Applier(client, {"rh": assistant}, "one").apply(numbered(EVENTS))
    assert {cohort.people.reason for cohort in await Ledger(client).retention(assistant, NOW)} == {"too_many"}
