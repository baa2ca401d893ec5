"""The outbox: what this host understood and the store does not have yet, with the records it came from, in one SQLite file.

Events and the sequence numbers of their records are committed together, then the relay is told: an event is lost only
with the disk. `synchronous=FULL` makes a commit survive a power cut too; it costs one fsync for a whole batch (the
measured difference to NORMAL is within the noise of a shared disk), and the acknowledged copy in the relay is gone by then.

What the store has stays for a while, for a store may lose its last second (a Redis that died between two fsyncs) or its last
minute (a fail-over to a replica that was behind). `rewind` then makes it pending again, and the store's own high-water mark says
which of it is new. Rejected: WAIT for replicas, which does not help a single server and stalls when the last replica is gone.

All methods block for a disk's time and belong into one worker thread.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import time
from types import MappingProxyType
from typing import Final, Self

import msgspec

from proxy.kpi.books import Books
from proxy.kpi.events import Event
from proxy.records import joined

ROW: Final = 32
"""Bytes that a row takes beside its event, about."""
FORGET: Final = 7 * 86400.0
"""Seconds after which a relay that was not heard of is gone for good: its sequence numbers are dropped."""
WAL_LIMIT: Final = 16 * 1024 * 1024
"""Bytes that the write-ahead log keeps on disk after a checkpoint."""
UNWRITABLE: Final[tuple[type[Exception], ...]] = (sqlite3.Error, OSError)
"""What a commit raises while the disk is full or failing; nothing of it is kept then."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, since REAL);
CREATE TABLE IF NOT EXISTS socket (relay TEXT, exchange INTEGER, turns INTEGER, PRIMARY KEY (relay, exchange)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (relay TEXT PRIMARY KEY, ranges BLOB NOT NULL, seen REAL NOT NULL) WITHOUT ROWID;
"""
# AUTOINCREMENT: an id is never used again after its row is gone, so that the store's high-water mark stays true.

_encoder = msgspec.msgpack.Encoder()
_event = msgspec.msgpack.Decoder(Event)
_ranges = msgspec.msgpack.Decoder(tuple[tuple[int, int], ...])


class Outbox:
    """The events of one observer. `observer` names this file for ever, `size` is in bytes.

    `since` is the Unix second from which on the first of the last `pending` waits for its place in the figures.
    """

    def __init__(self, database: sqlite3.Connection, limit: int, clock: Callable[[], float]) -> None:
        self._database = database
        self._limit = limit
        self._clock = clock
        with self._transaction():
            if "since" not in [name for _, name, *_ in database.execute("PRAGMA table_info(event)")]:  # of an older version
                database.execute("ALTER TABLE event ADD COLUMN since REAL")
            database.execute("INSERT OR IGNORE INTO about VALUES ('observer', ?)", (secrets.token_hex(8),))
            database.execute("INSERT OR IGNORE INTO about VALUES ('dropped', 0), ('applied', 0)")
            # An outbox of a version without books begins them with what waits.
            seen = "(SELECT count(*) FROM event) + value FROM about WHERE name = 'dropped'"
            database.execute(f"INSERT OR IGNORE INTO about SELECT 'seen', {seen}")
            database.execute("INSERT OR IGNORE INTO about VALUES ('counted', 0)")
            database.execute("DELETE FROM done WHERE seen < ?", (clock() - FORGET,))
            database.execute("DELETE FROM socket WHERE relay NOT IN (SELECT relay FROM done)")
        self.since: float | None = None
        self.observer = str(database.execute("SELECT value FROM about WHERE name = 'observer'").fetchone()[0])
        self.books = self._books()
        self.size = int(database.execute("SELECT coalesce(sum(length(body) + ?), 0) FROM event", (ROW,)).fetchone()[0])

    def _books(self) -> Books:
        about = dict(self._database.execute("SELECT name, value FROM about"))
        (pending,) = self._database.execute("SELECT count(*) FROM event WHERE id > ?", (about["applied"],)).fetchone()
        return Books(seen=about["seen"], counted=about["counted"], pending=pending, dropped=about["dropped"])

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

    def commit(
        self,
        events: Sequence[Event],
        done: Mapping[str, Sequence[tuple[int, int]]],
        low: Mapping[str, int],
        sockets: Mapping[tuple[str, int], int | None] = MappingProxyType({}),
        since: float | None = None,
    ) -> None:
        """Keep events and mark records as understood, both or neither. Ranges below a relay's `low` are forgotten.

        `sockets` says of open connections, by relay and exchange, how many turns are kept of them; None when one has ended.
        `since` is the Unix second at which the first of the events was over; None where all are of the past: they wait from now.
        """
        since = self._clock() if since is None else since
        bodies = [_encoder.encode(event) for event in events]
        size = self.size + sum([len(body) + ROW for body in bodies])
        with self._transaction():
            self._database.executemany("INSERT INTO event (body, since) VALUES (?, ?)", [(body, since) for body in bodies])
            self._note("seen", len(bodies))
            for relay in {*done, *low}:
                self._mark(relay, done.get(relay, ()), low.get(relay, 0))
            for (relay, exchange), turns in sockets.items():
                if turns is None:
                    self._database.execute("DELETE FROM socket WHERE relay = ? AND exchange = ?", (relay, exchange))
                else:
                    self._database.execute("INSERT OR REPLACE INTO socket VALUES (?, ?, ?)", (relay, exchange, turns))
            freed, lost = self._drop(size - self._limit)
        self._moved(seen=len(bodies), pending=len(bodies) - lost, dropped=lost, size=size - freed - self.size)

    def _moved(self, *, size: int = 0, **more: int) -> None:
        """Follow in memory what a transaction has changed: counting rows takes long when millions wait."""
        books = {name: count + more.get(name, 0) for name, count in msgspec.structs.asdict(self.books).items()}
        self.books, self.size = Books(**books), self.size + size

    def _note(self, name: str, more: int) -> None:
        self._database.execute("UPDATE about SET value = value + ? WHERE name = ?", (more, name))

    def _applied(self) -> int:
        return int(self._database.execute("SELECT value FROM about WHERE name = 'applied'").fetchone()[0])

    def _mark(self, relay: str, done: Sequence[tuple[int, int]], low: int) -> None:
        ranges = [(max(first, low), last) for first, last in joined((*self.done(relay), *done)) if last >= low]
        self._database.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", (relay, _encoder.encode(ranges), self._clock()))

    def _drop(self, excess: int) -> tuple[int, int]:
        """Delete the oldest events until `excess` bytes are free; gives their bytes, and how many the store did not have."""
        freed, lost, last = 0, 0, 0
        if excess > 0:
            applied = self._applied()
            for number, length in self._database.execute("SELECT id, length(body) FROM event ORDER BY id"):
                freed, lost, last = freed + length + ROW, lost + (number > applied), number
                if freed >= excess:
                    break
            self._note("dropped", lost)
            self._database.execute("DELETE FROM event WHERE id <= ?", (last,))
        return freed, lost

    def done(self, relay: str) -> tuple[tuple[int, int], ...]:
        """Give the ranges of a relay's records that are understood."""
        row = self._database.execute("SELECT ranges FROM done WHERE relay = ?", (relay,)).fetchone()
        return _ranges.decode(row[0]) if row else ()

    def sockets(self, relay: str) -> dict[int, int]:
        """Give the open connections of a relay, and how many turns are kept of each."""
        return dict(self._database.execute("SELECT exchange, turns FROM socket WHERE relay = ?", (relay,)))

    def pending(self, limit: int) -> list[tuple[int, Event]]:
        """Give the oldest events that the store does not have, in order of their ids.

        What another version wrote and can't be read counts as dropped.
        """
        events: list[tuple[int, Event]] = []
        broken: list[int] = []
        query = "SELECT id, body, since FROM event WHERE id > ? ORDER BY id LIMIT ?"
        for number, body, since in self._database.execute(query, (self._applied(), limit)).fetchall():
            try:
                event = _event.decode(body)
            except msgspec.MsgspecError:
                broken.append(number)
                continue
            if not events:
                self.since = event.at if since is None else since
            events.append((number, event))
        if broken:
            self.discard(broken)
        return events

    def discard(self, numbers: Sequence[int]) -> None:
        """Give up waiting events that nobody can count."""
        freed = 0
        with self._transaction():
            for number in numbers:
                freed += self._database.execute("SELECT length(body) + ? FROM event WHERE id = ?", (ROW, number)).fetchone()[0]
                self._database.execute("DELETE FROM event WHERE id = ?", (number,))
            self._note("dropped", len(numbers))
        self._moved(pending=-len(numbers), dropped=len(numbers), size=-freed)

    def applied(self, upto: int) -> None:
        """Note that the store has the events up to this id."""
        with self._transaction():
            query = "SELECT count(*) FROM event WHERE id > ? AND id <= ?"
            counted = self._database.execute(query, (self._applied(), upto)).fetchone()[0]
            self._note("counted", counted)
            self._database.execute("UPDATE about SET value = ? WHERE name = 'applied'", (upto,))
        self._moved(counted=counted, pending=-counted)

    def forget(self, upto: int) -> None:
        """Delete the events up to this id, which the store has for good."""
        with self._transaction():
            query = "SELECT coalesce(sum(length(body) + ?), 0) FROM event WHERE id <= ?"
            freed = self._database.execute(query, (ROW, upto)).fetchone()[0]
            self._database.execute("DELETE FROM event WHERE id <= ?", (upto,))
        self._moved(size=-freed)

    def rewind(self) -> None:
        """Make pending again whatever is here: the store may not have it after all."""
        with self._transaction():
            applied = self._applied()
            query = "SELECT count(*), coalesce(min(id) - 1, ?) FROM event WHERE id <= ?"
            again, before = self._database.execute(query, (applied, applied)).fetchone()
            self._note("counted", -again)
            self._database.execute("UPDATE about SET value = ? WHERE name = 'applied'", (before,))
        self._moved(counted=-again, pending=again)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # A full disk may make COMMIT itself fail, and SQLite roll back by itself or leave that to us.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
