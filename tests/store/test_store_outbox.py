"""The outbox: both or neither, in order, bounded, and nothing lost by a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.kpi.books import Books
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


def test_what_waits_is_known_with_the_time_from_which_on(path: Path):
    clock = Clock()
    outbox = Outbox.open(path, 1 << 20, clock)
    outbox.commit([turn(1)], {}, {}, since=900.0)
    outbox.commit([turn(2)], {}, {})  # of the past
    outbox.close()
    again = Outbox.open(path, 1 << 20)
    first, second = again.pending(10)
    assert again.since == 900.0
    again.applied(first[0])
    assert (again.pending(10), again.since) == ([second], clock.now)
    again.close()


def test_an_outbox_of_an_older_version_waits_from_its_events_on(outbox: Outbox, path: Path):
    outbox.commit([turn(1)], {}, {})
    with sqlite3.connect(path) as older:
        older.execute("ALTER TABLE event DROP COLUMN since")
    older.close()
    again = Outbox.open(path, 1 << 20)
    assert [event for _, event in again.pending(10)] == [turn(1)]
    assert again.since == 1001.0
    again.commit([turn(2)], {}, {}, since=1.0)
    again.close()


def test_applied_events_are_gone_and_ids_never_return(outbox: Outbox, path: Path):
    outbox.commit([turn(1), turn(2)], {}, {})
    last = outbox.pending(10)[-1][0]
    outbox.applied(last)
    assert (outbox.pending(10), outbox.books) == ([], Books(seen=2, counted=2))
    outbox.forget(last)
    assert outbox.size == 0
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
    assert (outbox.pending(10), outbox.done("a"), outbox.books) == ([], (), Books())
    outbox.commit([turn(2)], {"a": [(1, 1)]}, {})
    assert outbox.books == Books(seen=1, pending=1)


def test_the_limit_drops_the_oldest_and_counts(path: Path):
    outbox = Outbox.open(path, 2000)
    for number in range(100):
        outbox.commit([turn(number)], {}, {})
        assert outbox.size <= 2000
    kept = [event.id for _, event in outbox.pending(1000)]
    assert kept == [f"t{number}" for number in range(100 - len(kept), 100)]
    assert outbox.books == Books(seen=100, pending=len(kept), dropped=100 - len(kept))
    outbox.close()
    again = Outbox.open(path, 2000)
    assert (again.books, again.size) == (outbox.books, outbox.size)
    again.close()


def test_what_the_store_has_is_dropped_first_and_is_no_loss(path: Path):
    outbox = Outbox.open(path, 2000)
    outbox.commit([turn(number) for number in range(10)], {}, {})
    outbox.applied(6)
    while outbox.books.dropped == 0:
        last = outbox.books
        outbox.commit([turn(99)], {}, {})
    assert last.counted == 6
    assert last.dropped == 0
    assert outbox.books.dropped == 1
    assert outbox.pending(1)[0][0] == 8
    outbox.close()


def test_a_rewind_gives_again_what_is_held(outbox: Outbox, path: Path):
    outbox.commit([turn(number) for number in range(1, 6)], {}, {})
    outbox.applied(2)
    outbox.forget(2)
    outbox.applied(4)
    assert [number for number, _ in outbox.pending(10)] == [5]
    outbox.rewind()
    assert [number for number, _ in outbox.pending(10)] == [3, 4, 5]
    assert outbox.books == Books(seen=5, counted=2, pending=3)
    outbox.applied(5)
    outbox.forget(5)
    outbox.rewind()
    assert (outbox.pending(10), outbox.books) == ([], Books(seen=5, counted=5))


@settings(max_examples=40)  # each step waits for the disk
@given(st.lists(st.sampled_from(["commit", "apply", "forget", "rewind", "discard", "reopen"]), max_size=30))
def test_the_books_balance_whatever_happens(steps: list[str]):
    with TemporaryDirectory() as directory:
        path = Path(directory) / "outbox.sqlite"
        outbox = Outbox.open(path, 1500)
        counted = 0
        for at, step in enumerate(steps):
            pending = [number for number, _ in outbox.pending(100)]
            match step:
                case "commit":
                    outbox.commit([turn(at), turn(-at)], {}, {})
                case "apply" if pending:
                    outbox.applied(pending[len(pending) // 2])
                    counted = max(counted, pending[len(pending) // 2])
                case "forget":
                    outbox.forget(counted)
                case "rewind":
                    outbox.rewind()
                    counted = outbox.pending(1)[0][0] - 1 if outbox.books.pending else counted
                case "discard" if pending:
                    outbox.discard(pending[:1])
                case _:
                    outbox.close()
                    outbox = Outbox.open(path, 1500)
            books = outbox.books
            assert books.seen == books.counted + books.pending + books.dropped
            assert books.pending == len(outbox.pending(1000))
            assert outbox.size <= 1500
        kept = outbox.books, outbox.size
        outbox.close()
        again = Outbox.open(path, 1500)
        assert (again.books, again.size) == kept
        again.close()


def test_an_outbox_of_a_version_without_books_begins_them(path: Path, outbox: Outbox):
    outbox.commit([turn(1), turn(2)], {}, {})
    outbox.close()
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM about WHERE name IN ('seen', 'counted', 'applied')")
        other.execute("UPDATE about SET value = 7 WHERE name = 'dropped'")
    other.close()
    again = Outbox.open(path, 1 << 20)
    assert again.books == Books(seen=9, pending=2, dropped=7)
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
    assert outbox.books == Books(seen=2, pending=1, dropped=1)


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
    assert outbox.books.pending == outbox.books.seen == 20 * high == len(outbox.pending(100_000))
    outbox.close()
