"""The end of a relay that holds records: what the observer still gets, and what it is told of the rest."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from time import monotonic

from proxy.records import Acks, Ending, FrameBuffer, FromRelay, Lost, Opened, Record, frame, from_relay
from proxy.relay.counters import Counters
from proxy.relay.shipper import Shipper
from proxy.settings.model import Capture, Limits
from tests.relay.conftest import Start
from tests.relay.observers import Observer, StalledObserver
from tests.relay.test_relay_shipper import traffic


def test_a_drain_ships_what_is_left(start: Start, tmp_path: Path) -> None:
    observer = Observer(tmp_path / "s")
    relay = start(path=tmp_path / "s")
    observer.wait_for(observer.connected)
    client = relay.client()
    traffic(client, 0, 50)
    relay.process.terminate()
    assert relay.wait() == 0
    observer.wait_for(lambda: len(observer.exchanges) == 50)
    observer.wait_for(lambda: observer.counts[-1].pending == 0)
    observer.close()


class FullTransport(asyncio.Transport):
    """Takes one write and is full; what was written can be read."""

    def __init__(self, shipper: Shipper) -> None:
        super().__init__()
        self._shipper = shipper
        self._frames = FrameBuffer()
        self.messages: list[FromRelay] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        for body in self._frames.feed(bytes(data)):
            self.messages += from_relay(body)
        self._shipper.pause_writing()


async def test_at_the_end_of_a_drain_the_observer_is_told_what_it_was_not_handed() -> None:
    shipper = Shipper("r", "", Capture(), Counters())
    transport = FullTransport(shipper)
    for number in range(1, 6):
        opened = Opened(10.0 + number, "::1", "GET", "/", (), ())
        shipper.ship(number, "rh", opened, (), None, Ending(0.1, "complete", 0, 0, 0.0))
        if number == 2:
            shipper.connection_made(transport)
            shipper.resume_writing()
    assert shipper.give_up() == 3
    shipper.resume_writing()
    assert transport.messages[-1] == Lost(6, "rh", 15.0, 3)
    handed = [message.seq for message in transport.messages if isinstance(message, Record)]
    assert handed == [1, 2]
    asyncio.get_running_loop().call_soon(shipper.data_received, frame([Acks(((1, 2), (6, 6)))]))
    assert await shipper.drained(60.0, monotonic() + 60.0)


def test_a_drain_says_what_the_observer_had_no_time_for(start: Start, tmp_path: Path) -> None:
    stalled = StalledObserver(tmp_path / "s")
    relay = start(path=tmp_path / "s")
    stalled.wait_for(stalled.connected)
    waiting = relay.client()  # before the others, so that it is known when they are answered
    traffic(relay.client(), 0, 200)
    relay.process.terminate()
    assert waiting.rest() == b""  # the drain has begun
    relay.process.terminate()  # and is cut short
    assert relay.wait() == 0
    said = re.search(r"no time for (\d+) records: they are given up; (\d+) more", relay.log())
    assert said is not None
    assert int(said[1]) > 50
    assert int(said[1]) + int(said[2]) == 200 + 1  # and what tells of those that are gone
    stalled.close()


def test_a_drain_waits_for_an_observer_that_is_being_started_again(start: Start, tmp_path: Path) -> None:
    relay = start(path=tmp_path / "s", limits=Limits(drain=10.0))
    traffic(relay.client(), 0, 20)
    relay.hang_up()
    waiting = relay.client()
    relay.process.terminate()
    assert waiting.rest() == b""  # the drain has begun
    observer = Observer(tmp_path / "s")
    assert relay.wait() == 0
    assert len(observer.exchanges) == 20
    observer.close()


async def test_a_drain_waits_as_long_as_the_observer_goes_on() -> None:
    """An observer with a backlog acknowledges late, but one after the other: nothing is given up while it does."""
    shipper = Shipper("r", "", Capture(), Counters())
    loop = asyncio.get_running_loop()
    for number in range(1, 7):
        shipper.ship(number, "rh", Opened(1.0, "::1", "GET", "/", (), ()), (), None, Ending(0.1, "complete", 0, 0, 0.0))
    for number in range(1, 6):
        loop.call_later(0.1 * number, shipper.data_received, frame([Acks(((number, number),))]))
    assert not await shipper.drained(0.15, monotonic() + 60.0)
    assert [each.seq for each, _ in filter(None, map(shipper.ring.get, range(1, 7)))] == [6], "five came, then nothing"
    loop.call_soon(shipper.data_received, frame([Acks(((6, 6),))]))
    assert await shipper.drained(60.0, monotonic() + 60.0)


async def test_a_drain_ends_when_its_time_is_over_and_at_once_in_a_hurry() -> None:
    """However well the observer goes on, and whoever it is that hurries."""
    shipper = Shipper("r", "", Capture(), Counters())
    shipper.ship(1, "rh", Opened(1.0, "::1", "GET", "/", (), ()), (), None, Ending(0.1, "complete", 0, 0, 0.0))
    assert not await shipper.drained(60.0, monotonic())
    asyncio.get_running_loop().call_soon(shipper.hurry)
    assert not await shipper.drained(60.0, monotonic() + 60.0)
