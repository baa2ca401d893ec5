"""Questions that are asked again are known whichever host and commit they come by, and what tells it is soon gone."""

import msgspec

from proxy.kpi.changes import TurnCounted
from proxy.kpi.echo import Sketch
from proxy.kpi.events import Turn
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.keys import QUESTION, Keys
from proxy.store.transaction import Client
from tests.store.making import BASE, day_sums, ledger, numbered

ASKED = Sketch(1, (10, 11, 12), "how", asks=True)
AGAIN = Sketch(2, (10, 11), asks=True)
OTHER = Sketch(3, (20, 21), asks=True)


def asked(at: float, sketch: Sketch | None, *, conversation: str = "c", continues: bool = False) -> Turn:
    return Turn(
        id=f"{conversation}{at}",
        assistant="rh",
        at=BASE + at,
        result="ok",
        conversation=conversation,
        user="u",
        duration=5.0,
        sketch=sketch,
        continues=continues,
    )


TALK = [
    asked(0, ASKED),
    asked(1, None, continues=True),
    asked(0, ASKED, conversation="d"),
    asked(60, AGAIN),
    asked(90, OTHER),
    asked(120, OTHER),
    asked(400, OTHER),
]


async def test_what_is_asked_again_is_counted_the_same_in_one_commit_and_in_many(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered(TALK))
    together = day_sums(await ledger(client))
    await client.flushall()
    for number, event in numbered(TALK):
        await Applier(client, {"rh": assistant}, f"host {number % 2}").apply([(number, event)])
    apart = day_sums(await ledger(client))
    assert together == apart
    assert {name: apart[name] for name in apart if name.startswith(("signal:", "precision:signals"))} == {
        "signal:reformulated": 1,
        "signal:repeated": 1,
        "precision:signals:wrong": 2,
        "precision:signals:correct": 2,
    }, "the last answers are judged when their sessions settle"


async def test_changes_say_what_was_asked_again_and_carry_no_sketch(client: Client, assistant: Assistant):
    changes = await Applier(client, {"rh": assistant}, "one").apply(numbered(TALK))
    turns = [change.turn for change in changes if isinstance(change, TurnCounted)]
    assert [turn.echo for turn in sorted(turns, key=lambda turn: turn.id) if turn.conversation == "c"] == [
        *("", "", "repeated", "", "reformulated", "other")
    ]
    assert {turn.sketch for turn in turns} == {None}


async def test_a_sketch_is_in_one_key_for_some_minutes_and_nowhere_else(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered([asked(0, ASKED)]))
    key = Keys("rh").question("c")
    assert 0 < await client.ttl(key) <= QUESTION
    marked = msgspec.msgpack.encode(ASKED)
    holding = []
    for name in await client.keys("*"):
        dumped = await client.dump(name)
        if dumped is not None and marked in dumped:
            holding.append(name)
    assert holding == [key.encode()]


async def test_a_late_question_is_compared_with_nothing(client: Client, assistant: Assistant):
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(numbered([asked(60, ASKED)]))
    changes = await applier.apply([(9, asked(30, ASKED))])
    assert [change.turn.echo for change in changes if isinstance(change, TurnCounted)] == [""]
