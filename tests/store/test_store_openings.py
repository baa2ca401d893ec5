"""Who begins alike without a name: people each, but for attempts; whatever the order, and whichever host sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from proxy.kpi.events import Event, Turn, TurnResult
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.keys import Keys
from proxy.store.openings import OPENINGS, meet
from proxy.store.places import placed
from proxy.store.transaction import Client
from tests.store.making import BASE, day_sums, ledger, numbered


def opening(number: int, at: float, result: TurnResult = "ok", **more: Any) -> Turn:
    """One that is answered in a second, or has failed after one."""
    return Turn(
        id=f"t{number}",
        assistant="rh",
        at=BASE + at,
        result=result,
        conversation=f"c{number}",
        derived=True,
        duration=1.0 if result == "ok" else None,
        failed_after=None if result == "ok" else 1.0,
        asked="hello",
        history=True,
        opening="hello?",
        later=("hello!", "hello"),
        **more,
    )


def conversations(*turns: Turn) -> list[str | None]:
    return [event.conversation for event in placed(Keys("rh"), turns, {})[0] if isinstance(event, Turn)]


def test_each_who_is_answered_is_somebody_else() -> None:
    assert conversations(opening(1, 0), opening(2, 3), opening(3, 3)) == ["c1", "c2", "c3"]


def test_a_failure_has_one_next_attempt_within_moments() -> None:
    assert conversations(opening(1, 0, "error"), opening(2, 11), opening(3, 11)) == ["c1", "c1", "c3"]
    assert conversations(opening(1, 0, "error"), opening(2, 11.5)) == ["c1", "c2"]
    assert conversations(opening(1, 0), opening(2, 5, "timeout"), opening(3, 7, "cancelled"), opening(4, 9)) == [
        *("c1", "c2", "c2", "c2")
    ]


def test_what_a_client_says_it_sends_again_is_an_attempt_after_any_time() -> None:
    assert conversations(opening(1, 0, "timeout"), opening(2, 600, attempt=True)) == ["c1", "c1"]
    assert conversations(opening(1, 0), opening(2, 5, attempt=True)) == ["c1", "c2"]


def test_it_does_not_matter_which_of_two_attempts_is_told_first() -> None:
    late = opening(1, 0, "error")
    assert conversations(opening(2, 5), opening(3, 6), late) == ["c2", "c3", "c2"]
    assert conversations(opening(2, 500, attempt=True), opening(3, 6), late) == ["c2", "c3", "c3"]
    assert conversations(opening(2, 500, attempt=True), late) == ["c2", "c2"]
    assert conversations(opening(2, -3), late) == ["c2", "c1"]


def test_fifty_who_fail_together_are_fifty_in_any_order() -> None:
    turns = [opening(number, number / 100, "error") for number in range(50)]
    turns += [opening(50 + number, 5 + number / 100) for number in range(50)]
    for seed in range(5):
        Random(seed).shuffle(turns)
        assert len(set(conversations(*turns))) == 50


def test_what_is_remembered_is_bounded_and_what_cannot_be_read_is_forgotten() -> None:
    stored = ""
    for number in range(300):
        _, stored = meet(stored, opening(number, number), f"c{number}")
    assert stored.count("true") + stored.count("false") == 4 * OPENINGS
    assert len(stored) < 6000
    assert meet('[{"of":"another version"}]', opening(1, 0), "c1")[0] == "c1"


async def sums(client: Client, assistant: Assistant, *shares: Sequence[Event]) -> dict[str, int]:
    """What the ledger has once each host has told its share, in commits of seven, all hosts at once."""
    await client.flushall()

    async def tell(name: str, events: Sequence[Event]) -> None:
        applier, told = Applier(client, {"rh": assistant}, name), numbered(events)
        for start in range(0, len(told), 7):
            await applier.apply(told[start : start + 7])
        await applier.apply(told)  # again: it has all of it

    await asyncio.gather(*[tell(f"host{at}", events) for at, events in enumerate(shares)])
    return day_sums(await ledger(client))


async def test_fifty_greetings_by_two_hosts_at_once_are_fifty_sessions(client: Client, assistant: Assistant):
    greetings = [opening(number, number / 10) for number in range(50)]
    found = await sums(client, assistant, greetings[::2], greetings[1::2])
    assert (found["open:resolved_assumed"], found["turns"]) == (50, 50)
    again = [opening(100 + number, number / 10, "error") for number in range(25)]
    again += [opening(200 + number, 5 + number / 10, attempt=True) for number in range(25)]
    found = await sums(client, assistant, again[::2], again[1::2])
    assert (found["open:resolved_assumed"], found["turns"]) == (25, 25)


async def test_each_goes_on_in_a_conversation_of_its_own(client: Client, assistant: Assistant):
    """All were greeted with the same words; those who go on are seen by another host than the greetings."""
    greetings = [opening(number, number / 10) for number in range(50)]
    await sums(client, assistant, greetings)
    more = [
        Turn(
            id=f"m{number}",
            assistant="rh",
            at=BASE + 30 + number / 10,
            result="ok",
            conversation=f"d{number}",
            derived=True,
            duration=1.0,
            asked="hello! holidays",
            history=True,
            sooner=("hello!", "tail"),
            later=("holidays!",),
        )
        for number in range(50)
    ]
    await Applier(client, {"rh": assistant}, "other").apply(numbered(more))
    found = day_sums(await ledger(client))
    assert (found["open:resolved_assumed"], found["turns"]) == (50, 100)
