"""Groups in the ledger: sums of their own, under labels that are bounded."""

import msgspec

from proxy.kpi.events import Turn
from proxy.kpi.groups import DIMENSIONS, Scope
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.keys import Keys
from proxy.store.labels import KEPT, LENGTH, LIMITS, OTHER, KnownLabels
from proxy.store.transaction import Client
from tests.store.making import BASE, numbered, text

DAY = "2026-10-20"


def turn(number: int, **labels: str) -> Turn:
    values = {"id": f"t{number}", "assistant": "rh", "at": BASE + number, "result": "ok", "conversation": f"c{number}"}
    return msgspec.convert({"user": f"u{number}", "duration": 1.0, **values, **labels}, Turn)


async def sums(client: Client, scope: Scope = ()) -> dict[str, int]:
    found = await client.hgetall(Keys("rh").day(DAY, scope))
    return {text(name): int(count) for name, count in found.items()}


async def test_groups_have_sums_and_people_of_their_own(client: Client, assistant: Assistant):
    events = [turn(number, department="R&D" if number % 3 else "R", profile="p=1", channel="web") for number in range(9)]
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    assert (await sums(client))["turns"] == (await sums(client, (("channel", "web"),)))["turns"] == 9
    research: Scope = (("department", "R&D"),)
    other: Scope = (("department", "R"),)
    assert ((await sums(client, research))["open:resolved_assumed"], (await sums(client, other))["turns"]) == (6, 3)
    pair: Scope = (("department", "R&D"), ("profile", "p=1"))
    assert (await sums(client, pair))["response:n"] == 6
    assert await client.scard(Keys("rh").people(DAY, "p", pair)) == 6
    assert not await client.exists(Keys("rh").day(DAY, (("model", ""),)))


def test_labels_are_bounded_and_the_rest_is_other():
    known = KnownLabels({})
    for dimension in DIMENSIONS:
        found = [getattr(known.admitted(turn(at, **{dimension: f"w{at}"}), DAY), dimension) for at in range(100)]
        assert len(set(found)) == LIMITS[dimension] + 1
        assert set(found[LIMITS[dimension] :]) == {OTHER}
        assert known.labels(dimension) == sorted({*found})
    assert known.changed
    again = KnownLabels(known.words)
    assert again.admitted(turn(0, model="w3"), DAY).model == "w3"
    assert not again.changed


def test_a_label_that_is_long_gone_makes_room():
    known = KnownLabels({})
    for at in range(LIMITS["channel"]):
        known.admitted(turn(at, channel=f"w{at}"), "2025-09-30" if at else "2026-09-30")
    assert known.admitted(turn(99, channel="new"), "2026-11-30").channel == OTHER
    assert known.admitted(turn(99, channel="new"), "2026-12-01").channel == "new"
    assert known.labels("channel") == ["new", OTHER, "w0"]
    assert KEPT == 14


def test_a_label_is_one_line_of_some_letters():
    known = KnownLabels({})
    assert known.admitted(turn(0, model="a\n\x00b "), DAY).model == "ab"
    assert len(known.admitted(turn(0, model="x" * 999), DAY).model) == LENGTH
    assert known.admitted(turn(0, model="\n"), DAY).model == ""
