"""Applied once, whatever happens between: the contract on a real Redis and a real Valkey."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from proxy.kpi.changes import Change, RatingCounted, SessionStarted, TurnCounted
from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.settings.model import Assistant, Session
from proxy.store.abreast import WentBackError
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, connect
from proxy.store.keys import Keys
from proxy.store.schema import begin
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.conftest import Server, answers
from tests.store.making import BASE, day_sums, ledger, numbered, traffic

EVENTS = numbered(traffic(300))


def turn(number: int, at: float = 0.0, **more: Any) -> Turn:
    return Turn(id=f"t{number}", assistant="rh", at=BASE + at, result="ok", duration=1.0, **more)


async def applied(client: Client, assistant: Assistant, *, step: int = 300) -> dict[str, dict[str, int]]:
    """The ledger of EVENTS by a single applier, in plain order."""
    await client.flushall()
    applier = Applier(client, {"rh": assistant}, "one")
    for start in range(0, len(EVENTS), step):
        await applier.apply(EVENTS[start : start + step])
    found = await ledger(client)
    await client.flushall()
    return found


async def test_size_of_commits_does_not_matter(client: Client, assistant: Assistant):
    assert await applied(client, assistant) == await applied(client, assistant, step=7)


def turns_told(changes: Sequence[Change]) -> int:
    return sum(isinstance(change, TurnCounted) and not change.turn.continues for change in changes)


async def test_days_hold_what_hours_hold(client: Client, assistant: Assistant):
    found = await applied(client, assistant)
    hours: dict[str, int] = {}
    for key, cells in found.items():
        for name, count in cells.items() if ":h:" in key else ():
            hours[name] = hours.get(name, 0) + count
    assert {name: count for name, count in hours.items() if count} == day_sums(found)
    assert day_sums(found)["turns"] == sum(isinstance(event, Turn) for _, event in EVENTS)
    assert day_sums(found)["skipped:probe"] == sum(isinstance(event, Skipped) for _, event in EVENTS)


async def test_exchanges_that_were_given_up_count_one_by_one(client: Client, assistant: Assistant):
    lost = Skipped(id="r.lost.7", assistant="rh", at=BASE, reason="dropped", times=40)
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(numbered([lost]))
    await applier.apply(numbered([lost]))  # told again
    assert day_sums(await ledger(client)) == {"skipped:dropped": 40}


async def test_a_repeated_commit_changes_nothing(client: Client, assistant: Assistant):
    applier = Applier(client, {"rh": assistant}, "one")
    first = await applier.apply(EVENTS)
    found = await ledger(client)
    assert await applier.apply(EVENTS) == []
    assert await Applier(client, {"rh": assistant}, "one").apply(EVENTS[:100]) == []
    assert await ledger(client) == found
    assert turns_told(first) == day_sums(found)["turns"]


async def test_an_overlapping_commit_adds_the_new_part(client: Client, assistant: Assistant):
    plain = await applied(client, assistant)
    applier = Applier(client, {"rh": assistant}, "one")
    changes = [*await applier.apply(EVENTS[:200]), *await applier.apply(EVENTS[100:])]
    assert await ledger(client) == plain
    assert turns_told(changes) == day_sums(plain)["turns"]


class CrashError(Exception):
    """The observer dies here."""


class Crashing:
    """A client with which the observer dies before it writes, or after it wrote and before it could tell."""

    def __init__(self, client: Client, *, after: bool) -> None:
        self._real = client
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pipeline(self, **options: Any) -> Any:
        pipe: Any = self._real.pipeline(**options)
        execute = pipe.execute

        async def dying() -> None:
            if self._after:
                await execute()
            raise CrashError

        pipe.execute = dying
        return pipe


@pytest.mark.parametrize("after", [False, True])
async def test_a_crash_around_exec(client: Client, assistant: Assistant, after: bool):
    plain = await applied(client, assistant)
    await begin(client, Keys("rh"), date(2026, 10, 20))
    crashing: Any = Crashing(client, after=after)
    with pytest.raises(CrashError):
        await Applier(crashing, {"rh": assistant}, "one").apply(EVENTS)
    assert bool(await ledger(client)) is after
    await Applier(client, {"rh": assistant}, "one").apply(EVENTS)
    assert await ledger(client) == plain


async def test_two_appliers_interleaved(shared_server: Server, client: Client, assistant: Assistant):
    """Two hosts see the same conversations at once; the ledger is the one of a single host in plain order."""
    plain = await applied(client, assistant)
    clients = [connect(shared_server.url) for _ in range(2)]
    shares = [EVENTS[0::2], EVENTS[1::2]]

    async def host(number: int) -> list[Change]:
        applier = Applier(clients[number], {"rh": assistant}, f"host{number}")
        changes: list[Change] = []
        for start in range(0, len(shares[number]), 10):
            changes += await applier.apply(shares[number][start : start + 10])
        return changes

    changes = [change for each in await asyncio.gather(host(0), host(1)) for change in each]
    assert await ledger(client) == plain
    assert turns_told(changes) == day_sums(plain)["turns"]
    for each in clients:
        await each.aclose()


class Deaf:
    """A client to which the reply to every other EXEC is lost: the store has it, or, not `written`, it never got there."""

    def __init__(self, client: Client, *, written: bool) -> None:
        self._real = client
        self._written = written
        self.lost = 0
        self._executed = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pipeline(self, **options: Any) -> Any:
        pipe: Any = self._real.pipeline(**options)
        if options.get("transaction"):
            execute = pipe.execute

            async def dying() -> Any:
                self._executed += 1
                if self._executed % 2 == 0:
                    return await execute()
                if self._written:
                    await execute()
                self.lost += 1
                raise RedisConnectionError("lost")

            pipe.execute = dying
        return pipe


async def told(call: Callable[[], Awaitable[list[Change]]]) -> list[Change]:
    while True:
        try:
            return await call()
        except AWAY:
            continue


@pytest.mark.parametrize("written", [False, True])
async def test_what_a_lost_reply_left_in_doubt_is_told_once(client: Client, assistant: Assistant, written: bool):
    """Metrics and ledger agree: every change is told once, whether the commit or only its reply was lost."""
    both = {"rh": assistant, "it": Assistant(upstream="http://127.0.0.1:1", name="it", session=Session())}
    events = [msgspec.structs.replace(event, assistant="it" if number % 3 else "rh") for number, event in EVENTS]
    steps = [numbered(events[start : start + 50], start + 1) for start in range(0, 300, 50)]
    for name in both:
        await begin(client, Keys(name), date(2026, 10, 20))
    plain = [change for step in steps for change in await Applier(client, both, "one").apply(step)]
    plain += await Settler(client, both).settle(BASE + 9e5, 1000)
    whole = [await ledger(client, name) for name in both]
    await client.flushall()
    for name in both:
        await begin(client, Keys(name), date(2026, 10, 20))
    deaf: Any = Deaf(client, written=written)
    applier, settler = Applier(deaf, both, "one"), Settler(deaf, both)
    changes = [change for step in steps for change in await told(lambda step=step: applier.apply(step))]  # type: ignore[misc]
    changes += await told(lambda: settler.settle(BASE + 9e5, 1000))
    assert deaf.lost > 6
    assert [await ledger(client, name) for name in both] == whole
    assert Counter(map(repr, changes)) == Counter(map(repr, plain))


class Meddler:
    """A client in whose first transactions another host is faster."""

    def __init__(self, client: Client, times: int) -> None:
        self._real = client
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pipeline(self, **options: Any) -> Any:
        pipe: Any = self._real.pipeline(**options)
        execute = pipe.execute

        async def late() -> Any:
            if self.times:
                self.times -= 1
                await self._real.incr(Keys("rh").mark("one"), 0)  # a write, even of nothing new, breaks the watch
            return await execute()

        pipe.execute = late
        return pipe


async def test_conflicts_are_folded_again_and_split(client: Client, assistant: Assistant):
    plain = await applied(client, assistant)
    await Applier(client, {"rh": assistant}, "one").apply(EVENTS[:50])
    meddler: Any = Meddler(client, 6)
    await Applier(meddler, {"rh": assistant}, "one").apply(EVENTS[50:])
    assert meddler.times == 0
    assert await ledger(client) == plain


async def test_late_ratings_find_their_conversation(client: Client, assistant: Assistant):
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply([(1, turn(1, conversation="c", user="u", messages=("m1",)))])
    ratings = [
        Rating(id="r1", assistant="rh", at=BASE + 9e5, scale="binary", satisfied=True, message="m1", user="v"),
        Rating(id="r2", assistant="rh", at=BASE + 9e5, scale="binary", satisfied=True, user="u"),
        Rating(id="r3", assistant="rh", at=BASE + 9e5, scale="binary", satisfied=True, message="unknown", user="u"),
        Rating(id="r4", assistant="rh", at=BASE + 9e5, scale="binary", satisfied=True),
    ]
    changes = await applier.apply(numbered(ratings, 2))
    sums = day_sums(await ledger(client))
    assert (sums["rating:binary:yes"], sums["rating:unmatched"]) == (2, 2)
    assert changes == [RatingCounted("rh", "binary", satisfied=True)] * 2


async def test_a_rating_finds_a_message_of_its_own_batch(client: Client, assistant: Assistant):
    batch: list[Event] = [
        turn(1, conversation="c", messages=("m1",)),
        Rating(id="r", assistant="rh", at=BASE, scale="five", score=5.0, satisfied=True, message="m1"),
    ]
    changes = await Applier(client, {"rh": assistant}, "one").apply(numbered(batch))
    assert SessionStarted("rh", "") in changes
    assert day_sums(await ledger(client))["rating:five:score"] == 500


async def test_too_many_ratings_are_refused_and_counted(client: Client, assistant: Assistant):
    ratings = [
        Rating(
            id=f"r{n}", assistant="rh", at=BASE + n, scale="binary", satisfied=True, conversation="c", user=f"u{n}", message="m1"
        )
        for n in range(70)
    ]
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply([(1, turn(1, conversation="c", messages=("m1",)))])
    await applier.apply(numbered(ratings, 2))
    sums = day_sums(await ledger(client))
    assert (sums["rating:binary:yes"], sums["rating:refused"]) == (64, 6)


async def test_a_state_of_another_version_begins_anew(client: Client, assistant: Assistant):
    await client.set(Keys("rh").conversation("c"), b"\xc1")
    await Applier(client, {"rh": assistant}, "one").apply([(1, turn(1, conversation="c"))])
    assert day_sums(await ledger(client))["open:resolved_assumed"] == 1


async def test_assistants_are_apart(client: Client, assistant: Assistant):
    other = Assistant(upstream="http://127.0.0.1:1", name="it", session=Session())
    applier = Applier(client, {"rh": assistant, "it": other}, "one")
    batch: list[Event] = [
        turn(1, conversation="c"),
        Turn(id="t2", assistant="it", at=BASE, result="ok", conversation="c"),
    ]
    await applier.apply(numbered(batch))
    assert day_sums(await ledger(client, "rh"))["turns"] == day_sums(await ledger(client, "it"))["turns"] == 1


async def test_every_key_but_the_list_of_the_due_expires(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(EVENTS)
    lasting = [key async for key in client.scan_iter("*") if await client.ttl(key) == -1]
    assert sorted(lasting) == sorted(
        key.encode() for key in (Keys("rh").agreed, Keys("rh").due, Keys("rh").first, Keys("rh").last)
    )
    assert all([b"{rh}" in key async for key in client.scan_iter("*")])


async def test_a_killed_store_keeps_everything(own_server: Server, assistant: Assistant):
    client = connect(own_server.url)
    applier = Applier(client, {"rh": assistant}, "one")
    for start in range(0, 300, 20):
        await applier.apply(EVENTS[start : start + 20])
    found = await ledger(client)
    own_server.kill()
    with pytest.raises(AWAY):
        await applier.apply(EVENTS)
    own_server.start()
    await answers(client)
    assert await ledger(client) == found
    assert await applier.apply(EVENTS) == []
    await client.aclose()


async def test_an_absent_store_is_said_to_be_away(assistant: Assistant, tmp_path: Any):
    client = connect(f"unix://{tmp_path}/nothing")
    with pytest.raises(AWAY) as caught:
        await Applier(client, {"rh": assistant}, "one").apply(EVENTS)
    assert isinstance(caught.value, RedisConnectionError)
    await client.aclose()


async def test_a_store_that_went_back_is_noticed_and_told_again(client: Client, assistant: Assistant):
    """It lost a commit and kept those before: what is told again counts once, and nothing is missing."""
    plain = await applied(client, assistant)
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(EVENTS[:100])
    before = {key: await client.dump(key) or b"" async for key in client.scan_iter("*")}
    await applier.apply(EVENTS[100:200])
    await applier.check()
    await client.flushall()
    for key, value in before.items():
        await client.restore(key, 0, value)
    with pytest.raises(WentBackError):
        await applier.check()
    await applier.apply(EVENTS[:200])
    await client.flushall()
    for key, value in before.items():
        await client.restore(key, 0, value)
    with pytest.raises(WentBackError):
        await applier.apply(EVENTS[200:])  # in the middle of its work, and nothing is written
    await applier.apply(EVENTS[50:])
    assert await ledger(client) == plain
