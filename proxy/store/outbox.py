"""The outbox: what this host understood and the store does not have yet, with the records it came from, in one SQLite file.

Events and the sequence numbers of their records are committed together, then the relay is told: an event is lost only
with the disk. `synchronous=FULL` makes a commit survive a power cut too; it costs one fsync for a whole batch (the
measured difference to NORMAL is within the noise of a shared disk), and the acknowledged copy in the relay is gone by then.

All methods block for a disk's time and belong into one worker thread.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import Final, Self

import msgspec

from proxy.kpi.events import Event
from proxy.records import joined

ROW: Final = 24
"""Bytes that a row takes beside its event, about."""
FORGET: Final = 7 * 86400.0
"""Seconds after which a relay that was not heard of is gone for good: its sequence numbers are dropped."""
WAL_LIMIT: Final = 16 * 1024 * 1024
"""Bytes that the write-ahead log keeps on disk after a checkpoint."""
UNWRITABLE: Final[tuple[type[Exception], ...]] = (sqlite3.Error, OSError)
"""What a commit raises while the disk is full or failing; nothing of it is kept then."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS done (relay TEXT PRIMARY KEY, ranges BLOB NOT NULL, seen REAL NOT NULL) WITHOUT ROWID;
"""
# AUTOINCREMENT: an id is never used again after its row is gone, so that the store's high-water mark stays true.

_encoder = msgspec.msgpack.Encoder()
_event = msgspec.msgpack.Decoder(Event)
_ranges = msgspec.msgpack.Decoder(tuple[tuple[int, int], ...])


class Outbox:
    """The waiting events of one observer. `observer` names this file for ever; `dropped` counts events lost to its limit."""

    def __init__(self, database: sqlite3.Connection, limit: int, clock: Callable[[], float]) -> None:
        self._database = database
        self._limit = limit
        self._clock = clock
        with self._transaction():
            database.execute("INSERT OR IGNORE INTO about VALUES ('observer', ?)", (secrets.token_hex(8),))
            database.execute("INSERT OR IGNORE INTO about VALUES ('dropped', 0)")
            database.execute("DELETE FROM done WHERE seen < ?", (clock() - FORGET,))
        about = dict(database.execute("SELECT name, value FROM about"))
        self.observer = str(about["observer"])
        self.dropped = int(about["dropped"])
        self.count, self.size = database.execute(
            "SELECT count(*), coalesce(sum(length(body) + ?), 0) FROM event", (ROW,)
        ).fetchone()

    @classmethod
    def open(cls, path: Path, limit_bytes: int, clock: Callable[[], float] = time) -> Self:
        """Open or make the file; raises `sqlite3.Error`. May be used from another thread than this, by one at a time."""
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}")
        database.executescript(_SCHEMA)
        return cls(database, limit_bytes, clock)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def commit(self, events: Sequence[Event], done: Mapping[str, Sequence[tuple[int, int]]], low: Mapping[str, int]) -> None:
        """Keep events and mark records as understood, both or neither. Ranges below a relay's `low` are forgotten."""
        bodies = [_encoder.encode(event) for event in events]
        count, size = self.count + len(bodies), self.size + sum([len(body) + ROW for body in bodies])
        with self._transaction():
            self._database.executemany("INSERT INTO event (body) VALUES (?)", [(body,) for body in bodies])
            for relay in {*done, *low}:
                self._mark(relay, done.get(relay, ()), low.get(relay, 0))
            lost, freed = self._drop(size - self._limit)
        self.count, self.size = count - lost, size - freed
        self.dropped += lost

    def _mark(self, relay: str, done: Sequence[tuple[int, int]], low: int) -> None:
        ranges = [(max(first, low), last) for first, last in joined((*self.done(relay), *done)) if last >= low]
        self._database.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", (relay, _encoder.encode(ranges), self._clock()))

    def _drop(self, excess: int) -> tuple[int, int]:
        """Delete the oldest events until `excess` bytes are free; gives their number and bytes."""
        lost, freed, last = 0, 0, 0
        if excess > 0:
            for number, length in self._database.execute("SELECT id, length(body) FROM event ORDER BY id"):
                lost, freed, last = lost + 1, freed + length + ROW, number
                if freed >= excess:
                    break
            self._database.execute("DELETE FROM event WHERE id <= ?", (last,))
            self._database.execute("UPDATE about SET value = value + ? WHERE name = 'dropped'", (lost,))
        return lost, freed

    def done(self, relay: str) -> tuple[tuple[int, int], ...]:
        """Give the ranges of a relay's records that are understood."""
        row = self._database.execute("SELECT ranges FROM done WHERE relay = ?", (relay,)).fetchone()
        return _ranges.decode(row[0]) if row else ()

    def pending(self, limit: int) -> list[tuple[int, Event]]:
        """Give the oldest events, in order of their ids. What another version wrote and can't be read counts as dropped."""
        events: list[tuple[int, Event]] = []
        for number, body in self._database.execute("SELECT id, body FROM event ORDER BY id LIMIT ?", (limit,)).fetchall():
            try:
                events.append((number, _event.decode(body)))
            except msgspec.MsgspecError:
                self._discard(number, len(body) + ROW)
        return events

    def _discard(self, number: int, size: int) -> None:
        with self._transaction():
            self._database.execute("DELETE FROM event WHERE id = ?", (number,))
            self._database.execute("UPDATE about SET value = value + 1 WHERE name = 'dropped'")
        self.count, self.size, self.dropped = self.count - 1, self.size - size, self.dropped + 1

    def applied(self, upto: int) -> None:
        """Delete the events up to this id: the store has them."""
        with self._transaction():
            freed = self._database.execute(
                "SELECT count(*), coalesce(sum(length(body) + ?), 0) FROM event WHERE id <= ?", (ROW, upto)
            ).fetchone()
            self._database.execute("DELETE FROM event WHERE id <= ?", (upto,))
        self.count, self.size = self.count - freed[0], self.size - freed[1]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
