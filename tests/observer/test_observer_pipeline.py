"""From records to the outbox: committed before acknowledged, each once, whatever the outbox and the relays do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from proxy.kpi.events import Event, Skipped, Turn
from proxy.meaning.talk import Talk, TalkState
from proxy.observer.commits import Commits
from proxy.observer.pipeline import Pipeline
from proxy.observer.suspects import Suspects
from proxy.records import Ending, Hello, Lost, Opened, Record
from proxy.wire.exchange import Exchange
from proxy.wire.gaps import Gap


class CountingReader:
    """Understands every exchange as a turn."""

    def read(self, exchange: Exchange) -> tuple[Event, ...]:
        return (Turn(id=exchange.id, assistant=exchange.assistant, at=exchange.at, result="ok", duration=exchange.ended_after),)

    def socket(self, head: Exchange, state: TalkState | None = None) -> Talk | None:
        return None

    def gaps(self, gaps: Iterable[Gap]) -> None:
        raise AssertionError(gaps)

    def fault(self) -> None:
        raise AssertionError


class FailingDiskError(Exception):
    """What this outbox raises."""


class ListOutbox:
    """Keeps commits in a list; refuses the first `failures` of them."""

    def __init__(self, failures: int = 0) -> None:
        self.events: list[Event] = []
        self.since: list[float | None] = []
        self.ranges: dict[str, list[tuple[int, int]]] = {}
        self.turns: dict[int, int] = {}
        self.failures = failures

    def commit(
        self,
        events: Sequence[Event],
        done: Mapping[str, Sequence[tuple[int, int]]],
        low: Mapping[str, int],
        sockets: Mapping[tuple[str, int], int | None],
        since: float | None,
    ) -> None:
        if self.failures:
            self.failures -= 1
            raise FailingDiskError("no space left")
        self.events += events
        self.since.append(since)
        for relay, ranges in done.items():
            self.ranges.setdefault(relay, []).extend(ranges)
        for (_, exchange), turns in sockets.items():
            self.turns.pop(exchange, None)
            if turns is not None:
                self.turns[exchange] = turns

    def done(self, relay: str) -> Sequence[tuple[int, int]]:
        return self.ranges.get(relay, [])

    def sockets(self, relay: str) -> Mapping[int, int]:
        return self.turns


def at_once(function: Callable[..., object], *arguments: object) -> asyncio.Future[Any]:
    """Runs in the caller's thread."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    try:
        future.set_result(function(*arguments))
    except FailingDiskError as error:
        future.set_exception(error)
    return future


class Rig:
    """A running pipeline with what it is between."""

    def __init__(self, directory: Path, failures: int = 0) -> None:
        self.outbox = ListOutbox(failures)
        self.directory = directory
        commits = Commits(self.outbox, at_once, (FailingDiskError,))
        self.pipeline = Pipeline({"rh": CountingReader()}, commits, Suspects(directory))
        self.acknowledged: list[tuple[int, int]] = []
        self.pauses: list[bool] = []
        self.pipeline.acknowledge = lambda done: self.acknowledged.extend(pair for acks in done.values() for pair in acks.ranges)
        self.pipeline.pause = self.pauses.append

    def send(self, seq: int, assistant: str = "rh", at: float = 1.0, hello: Hello | None = None) -> None:
        opened = Opened(at, "", "POST", "/", (), ())
        record = Record(seq, seq, assistant, opened, ending=Ending(0.1, "complete", 0, 0, 0.0))
        self.pipeline.record(hello or Hello("r"), record)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    running = asyncio.get_running_loop().create_task(made.pipeline.run())
    yield made
    running.cancel()


async def test_what_is_understood_is_committed_and_then_acknowledged(rig: Rig) -> None:
    for seq in (1, 2, 3, 5):
        rig.send(seq)
    assert rig.acknowledged == []
    await rig.pipeline.drained()
    assert [event.id for event in rig.outbox.events] == ["r.1", "r.2", "r.3", "r.5"]
    assert rig.acknowledged == [(1, 3), (5, 5)]


async def test_exchanges_that_a_relay_gave_up_are_counted_in_one_event(rig: Rig) -> None:
    rig.send(1, at=900.0)
    rig.pipeline.lost(Hello("r"), Lost(2, "rh", 3.0, 40))
    await rig.pipeline.drained()
    assert rig.outbox.events[1:] == [Skipped(id="r.lost.2", assistant="rh", at=3.0, reason="dropped", times=40)]
    assert rig.acknowledged == [(1, 2)]
    assert rig.outbox.since == [900.1]


async def test_figures_wait_from_the_end_of_the_first_exchange_and_those_of_the_past_from_now(rig: Rig) -> None:
    past = Hello("demo", replay=True)
    await rig.pipeline.welcome(past)
    rig.send(1, at=5.0, hello=past)
    rig.pipeline.gone(past)  # with its last words still to be understood
    await rig.pipeline.drained()
    await rig.pipeline.welcome(past)
    rig.send(2, at=700.0)
    rig.send(3, at=600.0)
    rig.send(2, at=6.0, hello=past)
    await rig.pipeline.drained()
    assert rig.outbox.since == [None, 600.1]


async def test_a_disk_that_fails_is_waited_for_and_nothing_is_acknowledged_before(tmp_path: Path) -> None:
    rig = Rig(tmp_path, failures=2)
    running = asyncio.get_running_loop().create_task(rig.pipeline.run())
    rig.send(1)
    await rig.pipeline.drained()
    assert len(rig.outbox.events) == 1
    assert rig.acknowledged == [(1, 1)]
    running.cancel()


async def test_a_relay_that_comes_back_is_told_what_is_done_after_it_is_committed(rig: Rig) -> None:
    rig.send(1)
    assert list(await rig.pipeline.welcome(Hello("r", 1))) == [(1, 1)]


async def test_an_assistant_that_the_settings_no_longer_name_is_counted(rig: Rig) -> None:
    rig.send(1, "gone")
    await rig.pipeline.drained()
    assert rig.outbox.events == []
    assert rig.pipeline.unreadable == {"assistant_gone": 1}
    assert rig.acknowledged == [(1, 1)]


async def test_what_ended_two_observers_is_set_aside(tmp_path: Path) -> None:
    for _ in range(2):
        Suspects(tmp_path).work("r.1")
    rig = Rig(tmp_path)
    running = asyncio.get_running_loop().create_task(rig.pipeline.run())
    rig.send(1)
    rig.send(2)
    await rig.pipeline.drained()
    assert rig.outbox.events == [
        Skipped(id="r.1", assistant="rh", at=1.0, reason="set_aside"),
        Turn(id="r.2", assistant="rh", at=1.0, result="ok", duration=0.1),
    ]
    running.cancel()


async def test_the_past_that_is_being_replayed_holds_the_clock(rig: Rig) -> None:
    assert (rig.pipeline.earliest,) == (None,)
    replay = Hello("past", 1, replay=True)
    await rig.pipeline.welcome(replay)
    rig.send(1, at=500.0, hello=replay)
    rig.send(2, at=600.0, hello=replay)
    await rig.pipeline.drained()
    assert (rig.pipeline.earliest,) == (600.0,)
    rig.pipeline.gone(replay)
    assert (rig.pipeline.earliest,) == (None,)


async def test_what_waits_here_waits_since_it_was_over_but_for_a_replay(rig: Rig) -> None:
    await rig.pipeline.welcome(Hello("past", replay=True))
    rig.send(1, at=500.0, hello=Hello("past", replay=True))
    waited = [rig.pipeline.since]
    rig.send(2, at=1000.0)
    rig.send(3, at=1001.0)
    waited.append(rig.pipeline.since)
    await rig.pipeline.drained()
    assert [*waited, rig.pipeline.since] == [None, 1000.1, None]
