"""From the outbox to the store: in order, again after the store was away, and no settling ahead of the news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from proxy.kpi.changes import Change, SessionStarted
from proxy.kpi.events import Event, Skipped
from proxy.observer import keeper as module
from proxy.observer.keeper import Keeper
from proxy.store.abreast import WentBackError


class AwayError(Exception):
    """What this store raises when it can't be reached."""


class FullError(Exception):
    """What the outbox raises on a full disk."""


class MemoryOutbox:
    """Events by number."""

    def __init__(self, count: int) -> None:
        self.rows: list[tuple[int, Event]] = [
            (number, Skipped(id=str(number), assistant="rh", at=100.0 + number, reason="probe")) for number in range(1, count + 1)
        ]

        self.since: float | None = None
        self.counted = 0  # up to which id
        self.discarded: list[int] = []
        self.full = 0  # times that it can't be written

    @property
    def waiting(self) -> list[int]:
        return [number for number, _ in self.rows if number > self.counted]

    def pending(self, limit: int) -> Sequence[tuple[int, Event]]:
        waiting = [row for row in self.rows if row[0] > self.counted][:limit]
        self.since = 900.0 + waiting[0][0] if waiting else None
        return waiting

    def applied(self, upto: int) -> None:
        if self.full:
            self.full -= 1
            raise FullError("no space left on device")
        self.counted = upto

    def forget(self, upto: int) -> None:
        assert upto <= self.counted
        self.rows = [row for row in self.rows if row[0] > upto]

    def rewind(self) -> None:
        self.counted = min([number - 1 for number, _ in self.rows], default=self.counted)

    def discard(self, numbers: Sequence[int]) -> None:
        self.discarded += numbers
        self.rows = [row for row in self.rows if row[0] not in numbers]


class UnreliableStore:
    """Applies and settles; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.applied: list[int] = []
        self.settled_at: list[float] = []
        self.back = False  # it lost what it had

    async def check(self) -> None:
        if self.back:
            self.back = False
            raise WentBackError("it lost what it had")

    async def apply(self, batch: Sequence[tuple[int, Event]]) -> Sequence[Change]:
        if self.failures:
            self.failures -= 1
            raise AwayError("connection refused")
        await self.check()
        self.applied += [number for number, _ in batch]
        return [SessionStarted("rh", "")]

    async def settle(self, now: float, limit: int) -> Sequence[Change]:
        self.settled_at.append(now)
        return []


class SmallFleet:
    """This observer and perhaps one that is behind."""

    def __init__(self) -> None:
        self.other = 1e9
        self.left = False

    async def agree(self, told: float, now: float) -> float:
        return min(told, self.other)

    async def leave(self) -> None:
        self.left = True


def at_once(function: Callable[..., object], *arguments: object) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(function(*arguments))
    return future


class Rig:
    def __init__(self, events: int, failures: int = 0) -> None:
        self.outbox = MemoryOutbox(events)
        self.store = UnreliableStore(failures)
        self.changes: list[Change] = []
        self.earliest: float | None = None
        self.fleet = SmallFleet()
        self.ready = True
        self.now = 0.0
        self.keeper = Keeper(
            self.outbox,
            self.store,
            self.store,
            self.fleet,
            executor=at_once,
            changed=self.changes.extend,
            assistants={"rh"},
            clock=lambda: 1000.0,
            monotonic=lambda: self.now,
            earliest=lambda: self.earliest,
            ready=lambda: self.ready,
            away=(AwayError,),
            unwritable=(FullError,),
        )


async def test_a_commit_applies_then_drops_and_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    rig = Rig(5)
    assert await rig.keeper.step() is True
    assert rig.store.settled_at == []  # more waits: a session might get its next turn from it
    await rig.keeper.step()
    assert await rig.keeper.step() is False
    assert rig.store.applied == [1, 2, 3, 4, 5]
    assert rig.outbox.waiting == []
    assert rig.changes == [SessionStarted("rh", "")] * 3
    assert rig.store.settled_at == [1000.0]
    assert rig.keeper.lag == 0.0


async def test_no_session_settles_ahead_of_what_is_on_its_way() -> None:
    rig = Rig(0)
    rig.earliest = 640.0
    await rig.keeper.step()
    rig.now += module.SETTLE
    rig.earliest = None
    await rig.keeper.step()
    rig.now += module.SETTLE
    rig.fleet.other = 700.0  # another host holds older news
    await rig.keeper.step()
    rig.now += module.SETTLE
    rig.ready = False  # the relays have not sent again what was not acknowledged
    await rig.keeper.step()
    assert rig.store.settled_at == [640.0, 1000.0, 700.0]


async def test_the_lag_is_that_of_the_first_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    rig = Rig(3)
    await rig.keeper.step()
    assert rig.keeper.lag == 99.0
    await rig.keeper.step()
    assert rig.keeper.lag == 0.0
    rig.outbox.rows.append((4, rig.outbox.rows[0][1]))
    rig.store.failures = 1
    with pytest.raises(AwayError):
        await rig.keeper.step()
    assert rig.keeper.lag == 96.0


async def test_what_is_due_is_looked_for_once_a_second() -> None:
    rig = Rig(0)
    for _ in range(8):
        await rig.keeper.step()
        rig.now += module.SETTLE / 4
    assert len(rig.store.settled_at) == 2


async def test_who_has_told_everything_is_waited_for_no_longer() -> None:
    rig = Rig(1, failures=1)
    await rig.keeper.finish(1.0)
    assert not rig.fleet.left
    await rig.keeper.finish(1.0)
    assert rig.fleet.left


async def test_a_store_that_was_away_gets_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF", (0.0,))
    rig = Rig(3, failures=4)
    seen: list[bool] = []
    rig.keeper._changed = lambda _: seen.append(rig.keeper.store_up)
    running = asyncio.get_running_loop().create_task(rig.keeper.run())
    while rig.outbox.waiting or not rig.keeper.store_up:  # noqa: ASYNC110 - a few turns of the loop, nothing to wait on
        await asyncio.sleep(0)
    running.cancel()
    assert rig.store.applied == [1, 2, 3]
    assert seen[0] is False  # it was known to be away until the first commit had gone through


async def test_what_the_store_has_is_held_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    rig = Rig(3)
    await rig.keeper.step()
    rig.now = module.HOLD / 2
    await rig.keeper.step()
    rig.now = module.HOLD
    await rig.keeper.step()
    assert [number for number, _ in rig.outbox.rows] == [3]
    rig.now = 2 * module.HOLD
    await rig.keeper.step()
    assert rig.outbox.rows == []


@pytest.mark.parametrize("quiet", [True, False])
async def test_a_store_that_went_back_is_told_again_and_metrics_once(quiet: bool) -> None:
    rig = Rig(3)
    await rig.keeper.step()
    if not quiet:
        rig.outbox.rows.append((4, rig.outbox.rows[0][1]))
    rig.store.back = True
    rig.now = module.CHECK
    assert await rig.keeper.step() is True
    while await rig.keeper.step():
        pass
    assert rig.store.applied == [1, 2, 3, 1, 2, 3, *([] if quiet else [4])]
    assert rig.changes == [SessionStarted("rh", "")] * (1 if quiet else 2)


async def test_events_of_an_assistant_that_is_gone_are_dropped_and_counted() -> None:
    rig = Rig(2)
    rig.outbox.rows.append((3, Skipped(id="3", assistant="gone", at=1.0, reason="probe")))
    await rig.keeper.step()
    assert (rig.store.applied, rig.outbox.discarded, rig.outbox.waiting) == ([1, 2], [3], [])


async def test_a_full_disk_stops_nothing_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF", (0.0,))
    rig = Rig(3)
    rig.outbox.full = 2
    running = asyncio.get_running_loop().create_task(rig.keeper.run())
    while rig.outbox.waiting:  # noqa: ASYNC110 - a few turns of the loop, nothing to wait on
        await asyncio.sleep(0)
    running.cancel()
    assert rig.store.applied == [1, 2, 3] * 3  # the real one knows by its mark
    assert rig.changes == [SessionStarted("rh", "")]
    assert rig.keeper.store_up


async def test_what_can_not_be_told_at_the_end_stays_in_the_outbox() -> None:
    rig = Rig(3, failures=1)
    await rig.keeper.finish(1.0)
    assert len(rig.outbox.rows) == 3
