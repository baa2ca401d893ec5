"""Open connections: turns as they complete, little kept by the relay, and each turn once whenever an observer is killed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.kpi.events import Event, Turn
from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.presets import compile_presets
from proxy.meaning.understanding import Understanding
from proxy.observer import sockets as module
from proxy.observer.commits import Commits
from proxy.observer.pipeline import Pipeline
from proxy.observer.suspects import Suspects
from proxy.records import Acks, Answered, Ending, Hello, Kept, Opened, Record, Segment
from proxy.settings.files import known_names, raw_markers, raw_presets
from proxy.settings.model import Assistant
from proxy.store.outbox import Outbox
from tests.meaning.sockets import framed

TALK = Path(__file__).parent.parent / "corpus" / "openai-realtime" / "talk.jsonl"
OPENED = Opened(1_800_000_000.0, "127.0.0.1", "GET", "/v1/realtime", (), ())
HELLO = Hello("r")


def answered(*, packed: bool) -> Answered:
    extensions = (("sec-websocket-extensions", "permessage-deflate"),) if packed else ()
    return Answered(0.05, 101, extensions)


def records(*, packed: bool = True, path: str = "/v1/realtime", end: bool = True) -> list[Record]:
    """The corpus' talk, a record for each half of a message."""
    said = [(side == "client", after, text) for side, after, text in map(json.loads, TALK.read_text().splitlines())]
    opened = Opened(OPENED.at, "127.0.0.1", "GET", path, (), ())
    made = [Record(1, 7, "rh", opened), Record(2, 7, "rh", None, (), answered(packed=packed))]
    offsets = {True: 0, False: 0}
    for client, after, data in framed(said, packed=packed):
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            segment = Segment(client, offsets[client], piece, (after,))
            offsets[client] += len(piece)
            made.append(Record(len(made) + 1, 7, "rh", None, (segment,)))
    if end:
        made.append(Record(len(made) + 1, 7, "rh", ending=Ending(21.0, "client_gone", offsets[True], offsets[False], 20.0)))
    return made


class Ring:
    """What a relay holds: records that are not acknowledged, and what the observer knows of the connection."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.kept: dict[int, Kept] = {}
        self.unread: set[int] = set()
        self.most = 0

    def take(self, done: Mapping[str, Acks]) -> None:
        for acks in done.values():
            for low, high in acks.ranges:
                for seq in range(low, high + 1):
                    record = self.records.pop(seq, None)
                    if record is not None and record.ending is not None:
                        self.kept.pop(record.exchange, None)
            self.kept.update({kept.exchange: kept for kept in acks.kept})
            self.unread.update(acks.unread)


def inline(function: Any, *arguments: Any) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(function(*arguments))
    return future


presets = compile_presets(raw_presets())
markers = compile_markers(raw_markers(sorted(known_names().markers)))


class Observer:
    """One life of an observer, connected to a relay's ring as the intake does it."""

    def __init__(self, directory: Path, outbox: Outbox, ring: Ring) -> None:
        self.reader = Understanding(Assistant(upstream="http://a"), presets, markers, {}, b"s" * 32)
        self.pipeline = Pipeline({"rh": self.reader}, Commits(outbox, inline, ()), Suspects(directory))
        self.pipeline.acknowledge = ring.take
        self.ring = ring
        self.done: Sequence[tuple[int, int]] = ()

    async def connect(self) -> None:
        self.done = tuple(await self.pipeline.welcome(HELLO))
        for kept in self.ring.kept.values():
            self.pipeline.kept(HELLO, kept)
        for record in list(self.ring.records.values()):
            self.feed(record)

    def feed(self, record: Record) -> None:
        known = any(low <= record.seq <= high for low, high in self.done)
        if known and not self.pipeline.again(HELLO, record):
            self.ring.take({"r": Acks(((record.seq, record.seq),))})
        else:
            self.pipeline.record(HELLO, record)

    async def step(self) -> None:
        while self.pipeline._queue:
            await self.pipeline._step()
        self.ring.most = max(self.ring.most, sum(len(s.data) for r in self.ring.records.values() for s in r.segments))


async def lived(
    directory: Path, given: Iterable[Record], deaths: Mapping[int, bool] = {}, steps: int = 1
) -> tuple[list[Event], Ring]:
    """What is committed of these records, and the relay's ring; at some records the observer dies.

    With True it dies between a commit and its acknowledgements, else before the commit.
    """
    ring = Ring()
    outbox = Outbox.open(directory / "outbox.sqlite", 1 << 30)
    observer = Observer(directory, outbox, ring)
    await observer.connect()
    for at, record in enumerate(given):
        ring.records[record.seq] = record
        observer.feed(record)
        if at in deaths:
            if deaths[at]:
                observer.pipeline.acknowledge = lambda _: None
                await observer.step()
            observer = Observer(directory, outbox, ring)
            await observer.connect()
        elif at % steps == 0:
            await observer.step()
    await observer.step()
    events = [event for _, event in outbox.pending(1000)]
    outbox.close()
    return events, ring


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 700)


@pytest.mark.parametrize("packed", [False, True])
async def test_turns_are_committed_while_the_connection_is_open(tmp_path: Path, packed: bool) -> None:
    events, ring = await lived(tmp_path, records(packed=packed, end=False))
    assert [event.id for event in events] == [f"r.7.{number}" for number in range(6)]
    assert ring.most < 1400
    assert len(ring.kept) == 1


async def test_nothing_is_left_of_a_connection_that_has_ended(tmp_path: Path) -> None:
    events, ring = await lived(tmp_path, records())
    assert len(events) == 6
    assert (ring.records, ring.kept) == ({}, {})


@given(
    deaths=st.dictionaries(st.integers(0, 60), st.booleans(), min_size=1, max_size=5),
    packed=st.booleans(),
    steps=st.integers(1, 9),
)
@settings(max_examples=60)
def test_each_turn_once_whenever_the_observer_is_killed(
    tmp_path_factory: pytest.TempPathFactory, deaths: dict[int, bool], packed: bool, steps: int
) -> None:
    given = records(packed=packed)
    whole, _ = asyncio.run(lived(tmp_path_factory.mktemp("whole"), given))
    events, ring = asyncio.run(lived(tmp_path_factory.mktemp("killed"), given, deaths, steps))
    assert events == whole
    assert (ring.records, ring.kept) == ({}, {})


async def test_missing_bytes_end_the_reading_and_the_open_turn(tmp_path: Path) -> None:
    given = records(end=False)
    (lost,) = [at for at, record in enumerate(given) if record.seq == 22]
    events, ring = await lived(tmp_path, [*given[:lost], *given[lost + 1 :]])
    assert [event.partial for event in events if isinstance(event, Turn)][-1]
    assert len(events) < 6
    assert ring.unread == {7}
    assert ring.records == {}


async def test_what_no_preset_knows_is_not_copied_and_counted_at_its_end(tmp_path: Path) -> None:
    events, ring = await lived(tmp_path, records(path="/graphql", end=False))
    assert (events, ring.unread, ring.records) == ([], {7}, {})
    (tmp_path / "outbox.sqlite").unlink()
    (event,), ring = await lived(tmp_path, records(path="/graphql"))
    assert getattr(event, "reason", "") == "tunnel"
    assert ring.kept == {}


async def test_a_quiet_connection_is_acknowledged_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_AGE", 0.0)
    monkeypatch.setattr(module, "KEPT_BYTES", 1 << 20)
    ring = Ring()
    outbox = Outbox.open(tmp_path / "outbox.sqlite", 1 << 30)
    observer = Observer(tmp_path, outbox, ring)
    await observer.connect()
    for record in records(end=False)[:9]:
        ring.records[record.seq] = record
        observer.feed(record)
    await observer.step()
    await observer.pipeline._tidy()
    assert len(ring.records) <= 1  # half a message may wait
    outbox.close()


async def test_a_relay_that_has_gone_leaves_nothing(tmp_path: Path) -> None:
    ring = Ring()
    outbox = Outbox.open(tmp_path / "outbox.sqlite", 1 << 30)
    observer = Observer(tmp_path, outbox, ring)
    await observer.connect()
    for record in records(end=False):
        observer.feed(record)
    observer.pipeline.gone(HELLO)
    assert len(observer.pipeline.sockets) == 0
    await observer.step()  # what had come is understood first
    assert len(outbox.pending(100)) == 6
    assert len(observer.pipeline.sockets) == 0
    outbox.close()


async def test_a_fault_of_ours_costs_one_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("proxy.meaning.talk.Talk.answered", broken)
    ring = Ring()
    outbox = Outbox.open(tmp_path / "outbox.sqlite", 1 << 30)
    observer = Observer(tmp_path, outbox, ring)
    await observer.connect()
    for record in records():
        observer.feed(record)
    await observer.step()
    assert observer.reader.counts()["gap", "fault"] == 1
    outbox.close()
