"""Settling: when due, once, whoever asks."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from proxy.kpi.changes import Change, Recontacted, SessionSettled
from proxy.kpi.events import Mark, Rating, Turn
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.connect import connect
from proxy.store.figures import Ledger
from proxy.store.keys import Keys
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.conftest import Server
from tests.store.making import BASE, day_sums, ledger, numbered, traffic

LATER = BASE + 10 * 86400


def turns(n: int) -> list[Turn]:
    return [Turn(id=f"t{each}", assistant="rh", at=BASE + each, result="ok", conversation=f"c{each}") for each in range(n)]


def outcomes_told(changes: Sequence[Change]) -> int:
    return sum(isinstance(change, SessionSettled) for change in changes)


async def test_nothing_settles_before_its_time(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered(turns(3)))
    settler = Settler(client, {"rh": assistant})
    due = BASE + 1800 + 3600
    assert await settler.settle(due - 1, 100) == []
    assert await settler.settle(due, 100) == [SessionSettled("rh", "", "resolved_assumed")]
    assert len(await settler.settle(LATER, 1)) == 1
    assert len(await settler.settle(LATER, 100)) == 1
    assert await client.zcard(Keys("rh").due) == 0


async def test_outcomes_move_from_open_to_settled(client: Client, assistant: Assistant):
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(numbered(traffic(300)))
    before = day_sums(await ledger(client))
    changes = await Settler(client, {"rh": assistant}).settle(LATER, 1000)
    after = day_sums(await ledger(client))
    assert not [name for name in after if name.startswith("open:")]
    moved = {name.replace("open:", "settled:"): count for name, count in before.items() if name.startswith("open:")}
    assert {name: count for name, count in after.items() if name.startswith("settled:")} == moved
    told_when_settled = ("settled:", "handover:", "before:", "waited:", "returned:", "durable:", "rated:")
    of_last_answers = ("precision:signals:", "signal:")
    assert {name: count for name, count in after.items() if not name.startswith(told_when_settled + of_last_answers)} == {
        name: count for name, count in before.items() if not name.startswith(("open:", *of_last_answers))
    }
    assert outcomes_told(changes) == sum(
        count for name, count in moved.items() if name not in {"settled:requested", "settled:rated"}
    )


async def test_exactly_one_observer_settles(shared_server: Server, client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered(turns(250)))
    clients = [connect(shared_server.url) for _ in range(3)]
    settlers = [Settler(each, {"rh": assistant}) for each in clients]
    found = await asyncio.gather(*[settler.settle(LATER, 1000) for settler in settlers])
    rest = await settlers[0].settle(LATER, 1000)
    assert sum(map(len, found)) + len(rest) == 250
    assert day_sums(await ledger(client))["settled:resolved_assumed"] == 250
    for each in clients:
        await each.aclose()


async def test_settling_while_events_come(shared_server: Server, client: Client, assistant: Assistant):
    """Whoever wins each conversation, no session is lost or counted twice, and every turn is counted."""
    events = numbered(traffic(400))
    other = connect(shared_server.url)
    applier, settler = Applier(client, {"rh": assistant}, "one"), Settler(other, {"rh": assistant})

    async def settle() -> int:
        return sum([outcomes_told(await settler.settle(BASE + 9000, 20)) for _ in range(30)])

    async def apply() -> None:
        for start in range(0, len(events), 20):
            await applier.apply(events[start : start + 20])

    settled, _ = await asyncio.gather(settle(), apply())
    while more := outcomes_told(await settler.settle(LATER, 1000)):
        settled += more
    sums = day_sums(await ledger(client))
    assert sums["turns"] == sum(isinstance(event, Turn) for _, event in events)
    outcomes = [count for name, count in sums.items() if name.startswith("settled:") and name[8:] not in {"requested", "rated"}]
    assert sum(outcomes) == settled
    assert not [name for name in sums if name.startswith("open:")]
    await other.aclose()


async def test_a_rating_after_settling_counts_and_changes_no_outcome(client: Client, assistant: Assistant):
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(numbered(turns(1)))
    await Settler(client, {"rh": assistant}).settle(LATER, 10)
    late = Rating(id="r", assistant="rh", at=LATER, scale="binary", satisfied=False, conversation="c0", user="u")
    await applier.apply([(9, late)])
    sums = day_sums(await ledger(client))
    assert (sums["settled:resolved_assumed"], sums["settled:rated"], sums["rating:binary:no"]) == (1, 1, 1)


async def test_a_conversation_that_is_gone_leaves_the_list(client: Client, assistant: Assistant):
    await client.zadd(Keys("rh").due, {"lost": BASE})
    assert await Settler(client, {"rh": assistant}).settle(LATER, 10) == []
    assert await client.zcard(Keys("rh").due) == 0


async def test_who_wrote_again_anywhere_before_the_session_settled_came_back(client: Client, assistant: Assistant):
    """Of five resolved sessions one user returns to the conversation, one opens another, one only after it settled."""

    def turn(name: str, at: float, conversation: str, user: str | None = None) -> Turn:
        return Turn(id=name, assistant="rh", at=BASE + at, result="ok", conversation=conversation, user=user, duration=1.0)

    events = [
        *(turn("a1", 0, "a", "ua"), turn("a2", 2000, "a", "ua")),
        *(turn("b1", 0, "b", "ub"), turn("b2", 5000, "other", "ub")),
        *(turn("c1", 0, "c", "uc"), turn("c2", 5500, "late", "uc")),
        turn("d1", 0, "d", "ud"),
    ]
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    changes = await Settler(client, {"rh": assistant}).settle(LATER, 100)
    sums = day_sums(await ledger(client))
    assert (sums["returned:revoked"], sums["returned:recontact"]) == (1, 2)
    assert sum(change == Recontacted("rh", "") for change in changes) == 2
    assert (sums["settled:abandoned"], sums["settled:resolved_assumed"]) == (1, 6)
    found = await Ledger(client).figures(assistant, None, date(2026, 10, 20), date(2026, 10, 20), LATER)
    recontact = found.kpis["recontact_rate"]
    assert (recontact.numerator, recontact.denominator) == (2, 7)
    assert 0 < await client.ttl(Keys("rh").visits("ua")) <= 8 * 86400


def said(name: str, at: float, conversation: str, user: str | None = None, assistant: str = "rh", **more: Any) -> Turn:
    return Turn(
        id=name, assistant=assistant, at=BASE + at, result="ok", conversation=conversation, user=user, duration=1.0, **more
    )


async def test_a_return_to_another_assistant_takes_a_resolution_back_where_that_is_asked_for(
    client: Client, assistant: Assistant
):
    """Of four resolved sessions one user asks another assistant in time, one too late, one has thanked, one is not known."""
    thanks = (Mark("thanks", "phrase_user", "thanks/merci"),)
    events = [
        *(said("a", 0, "a", "ua"), said("a2", 4000, "x", "ua", "it")),
        *(said("b", 0, "b", "ub"), said("b2", 5500, "y", "ub", "it")),
        *(said("c", 0, "c", "uc", marks=thanks), said("c2", 4000, "z", "uc", "it")),
        said("d", 0, "d"),
    ]
    for returns, outcomes in (("conversation", (2, 1, 3)), ("anywhere", (2, 1, 2))):
        await client.flushall()
        session = msgspec.structs.replace(assistant.session, returns=returns)
        both = {name: msgspec.structs.replace(assistant, name=name, session=session) for name in ("rh", "it")}
        await Applier(client, both, "one").apply(numbered(events))
        assert await Settler(client, both).settle(BASE + 9000, 100)
        sums = (await ledger(client))["kpi:{rh}:d:2026-10-20"]
        assert (sums["returned:recontact"], sums["settled:resolved_confirmed"], sums["settled:resolved_assumed"]) == outcomes
        assert (sums.get("settled:abandoned", 0), sums.get("returned:revoked", 0)) == (3 - outcomes[2], 3 - outcomes[2])


async def test_a_resolution_is_durable_when_its_user_stays_away_for_seven_days(
    shared_server: Server, client: Client, assistant: Assistant
):
    """Three come back: to the conversation, to another, to another assistant; one only on the eighth day. Two settlers look."""
    day = 86400.0
    both = {name: msgspec.structs.replace(assistant, name=name) for name in ("rh", "it")}
    events = [
        *(said("a", 0, "a", "ua"), said("a2", 6 * day, "a", "ua")),
        *(said("b", 0, "b", "ub"), said("b2", 3 * day, "other", "ub")),
        *(said("c", 0, "c", "uc"), said("c2", 2 * day, "z", "uc", "it")),
        *(said("d", 0, "d", "ud"), said("d2", 7.5 * day, "late", "ud")),
    ]
    await Applier(client, both, "one").apply(numbered(events))
    await Settler(client, both).settle(BASE + day, 100)
    assert "durable:n" not in (await ledger(client))["kpi:{rh}:d:2026-10-20"]
    other = connect(shared_server.url)
    settlers = [Settler(client, both), Settler(other, both)]
    for _ in range(3):  # who loses a conversation to the other looks again
        await asyncio.gather(*[settler.settle(BASE + 20 * day, 100) for settler in settlers])
    await other.aclose()
    sums = (await ledger(client))["kpi:{rh}:d:2026-10-20"]
    assert (sums["durable:n"], sums["durable:yes"]) == (4, 1)
    found = await Ledger(client).figures(assistant, None, date(2026, 10, 20), date(2026, 10, 20), BASE + 20 * day)
    durable = found.kpis["durable_resolution_rate"]
    assert (durable.numerator, durable.denominator) == (1, 4)
    assert await client.zcard(Keys("rh").due) == 0


async def test_who_joined_after_a_session_is_not_its_user_however_late_it_settles(client: Client, assistant: Assistant):
    """Somebody else's visits between the end of a session and its outcome are no return of the one who had it."""
    events = [said("a", -2, "shared", "ua"), said("b", 0, "own", "ub"), said("b2", 5460, "shared", "ub")]
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    await Settler(client, {"rh": assistant}).settle(BASE + 30 * 86400, 100)
    sums = day_sums(await ledger(client))
    assert (sums["settled:resolved_assumed"], sums.get("returned:recontact", 0)) == (3, 0)
    assert (sums["durable:n"], sums["durable:yes"]) == (3, 2)


async def test_who_came_back_is_known_however_far_settling_is_behind(client: Client, assistant: Assistant):
    """Most of a year of someone who writes every day, told before anything settles: each return is seen, and then forgotten."""
    day = 86400.0
    both = {name: msgspec.structs.replace(assistant, name=name) for name in ("rh", "it")}
    often = [said(f"{at}", at * day, f"c{at}", "u") for at in range(300)]
    events = [*often, said("it", 300 * day, "x", "u", "it")]
    await Applier(client, both, "one").apply(numbered(events))
    settler = Settler(client, both)
    for _ in range(40):  # ten conversations at a time, as a settler does that is behind
        await settler.settle(BASE + 400 * day, 10)
    sums = day_sums(await ledger(client))
    assert (sums["durable:n"], sums.get("durable:yes", 0)) == (300, 0)
    assert sums.get("returned:recontact", 0) == 0  # a day is more than this assistant's window of an hour and a half
    assert await client.zcard(Keys("rh").visits("u")) < 20
