"""The outbox: both or neither, in order, bounded, and nothing lost by a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.store.outbox import FORGET, Outbox


def turn(number: int) -> Turn:
    return Turn(id=f"t{number}", assistant="rh", at=1000.0 + number, result="ok", conversation="c", messages=("m",))


class Clock:
    now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    outbox = Outbox.open(path, 1 << 20)
    yield outbox
    outbox.close()


def test_events_come_back_in_order(outbox: Outbox):
    events: list[Event] = [
        turn(1),
        Rating(id="r", assistant="rh", at=1.0, scale="binary", satisfied=True, user="u"),
        Skipped(id="s", assistant="rh", at=1.0, reason="probe"),
    ]
    outbox.commit(events, {}, {})
    pending = outbox.pending(10)
    assert [event for _, event in pending] == events
    assert [number for number, _ in pending] == sorted({number for number, _ in pending})
    assert [event for _, event in outbox.pending(2)] == events[:2]


def test_applied_events_are_gone_and_ids_never_return(outbox: Outbox, path: Path):
    outbox.commit([turn(1), turn(2)], {}, {})
    last = outbox.pending(10)[-1][0]
    outbox.applied(last)
    assert (outbox.pending(10), outbox.count, outbox.size) == ([], 0, 0)
    again = Outbox.open(path, 1 << 20)
    again.commit([turn(3)], {}, {})
    assert again.pending(1)[0][0] > last
    again.close()


def test_ranges_are_joined_and_pruned(outbox: Outbox):
    outbox.commit([], {"a": [(1, 3)], "b": [(1, 1)]}, {})
    outbox.commit([], {"a": [(7, 9), (4, 4)]}, {})
    assert outbox.done("a") == ((1, 4), (7, 9))
    outbox.commit([], {}, {"a": 3})
    assert outbox.done("a") == ((3, 4), (7, 9))
    outbox.commit([], {"a": [(5, 6)]}, {"a": 10})
    assert outbox.done("a") == ()
    assert outbox.done("b") == ((1, 1),)
    assert outbox.done("nobody") == ()


def test_a_failed_commit_keeps_neither_part(outbox: Outbox):
    with pytest.raises(UnicodeEncodeError):
        outbox.commit([turn(1)], {"a": [(1, 1)], "\ud800": [(1, 1)]}, {})  # a name that is no text
    assert (outbox.pending(10), outbox.done("a"), outbox.count) == ([], (), 0)
    outbox.commit([turn(2)], {"a": [(1, 1)]}, {})
    assert outbox.count == 1


def test_the_limit_drops_the_oldest_and_counts(path: Path):
    outbox = Outbox.open(path, 2000)
    for number in range(100):
        outbox.commit([turn(number)], {}, {})
        assert outbox.size <= 2000
    kept = [event.id for _, event in outbox.pending(1000)]
    assert kept == [f"t{number}" for number in range(100 - len(kept), 100)]
    assert outbox.dropped == 100 - len(kept) == 100 - outbox.count
    outbox.close()
    again = Outbox.open(path, 2000)
    assert (again.dropped, again.count, again.size) == (100 - len(kept), len(kept), outbox.size)
    again.close()


def test_the_name_stays_and_silent_relays_are_forgotten(path: Path):
    clock = Clock()
    outbox = Outbox.open(path, 1 << 20, clock)
    outbox.commit([], {"old": [(1, 5)]}, {})
    clock.now += FORGET / 2
    outbox.commit([], {"young": [(1, 5)]}, {})
    outbox.close()
    clock.now += FORGET / 2 + 1
    again = Outbox.open(path, 1 << 20, clock)
    assert again.observer == outbox.observer
    assert (again.done("old"), again.done("young")) == ((), ((1, 5),))
    again.close()


def test_what_cannot_be_read_is_counted(outbox: Outbox, path: Path):
    outbox.commit([turn(1), turn(2)], {}, {})
    with sqlite3.connect(path) as other:
        other.execute("UPDATE event SET body = x'c1' WHERE id = 1")
    other.close()
    assert [event.id for _, event in outbox.pending(10)] == ["t2"]
    assert (outbox.dropped, outbox.count) == (1, 1)


def test_the_file_is_private(outbox: Outbox, path: Path):
    assert path.stat().st_mode & 0o777 == 0o600


KILLED = """
import sys
from pathlib import Path
from proxy.kpi.events import Turn
from proxy.store.outbox import Outbox
outbox = Outbox.open(Path(sys.argv[1]), 1 << 24)
number = 0
while True:
    number += 1
    events = [Turn(id=f"t{number}-{each}", assistant="rh", at=1.0, result="ok") for each in range(20)]
    outbox.commit(events, {"relay": [(number, number)]}, {})
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_acknowledged(path: Path):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        acknowledged = 0
        for line in writer.stdout:
            acknowledged = int(line)
            if acknowledged == 50:
                os.kill(writer.pid, signal.SIGKILL)
    outbox = Outbox.open(path, 1 << 24)
    ((low, high),) = outbox.done("relay")
    assert low == 1
    assert high >= acknowledged >= 50
    assert outbox.count == 20 * high == len(outbox.pending(100_000))
    outbox.close()
