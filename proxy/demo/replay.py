"""Ships the history to an observer as a relay does, once in the life of a state directory.

A note in the state directory fixes the span before the first record leaves, and says so when the last was acknowledged:
a replay that was cut makes the same records again under the same relay id, and the observer counts none twice.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import msgspec

from proxy.demo.history import Span, records
from proxy.records import Acks, FrameBuffer, FrameError, Hello, Record, frame, from_observer

WINDOW: Final = 2000
"""Records not yet acknowledged: some 4 MB, enough to keep an observer busy while it commits."""

BATCH: Final = 100
"""Records of one frame: some 200 KB."""

READ_SIZE: Final = 64 * 1024
RETRY: Final = 0.25
"""Seconds between two attempts to reach the observer."""


class Note(msgspec.Struct, frozen=True):
    """What the state directory remembers of its history."""

    until: float
    weeks: int
    done: bool = False

    @property
    def span(self) -> Span:
        """The history it speaks of."""
        return Span(self.until, self.weeks)


def note_of(state: Path, now: Callable[[], float] = time.time) -> Note:
    """The note of a state directory, made at the first call."""
    path = _path(state)
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=Note)
    span = Span(float(int(now())))
    note = Note(span.until, span.weeks)
    _write(path, note)
    return note


def _path(state: Path) -> Path:
    return state / "demo-history.json"


def _write(path: Path, note: Note) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(note))
    part.replace(path)


@dataclass(slots=True)
class Progress:
    """A bar on a terminal, a line every quarter elsewhere."""

    out: TextIO = field(default_factory=lambda: sys.stderr)
    _shown: int = -1

    def show(self, percent: int) -> None:
        """Say how much of the history the observer has."""
        step = 1 if self.out.isatty() else 25
        if percent // step == self._shown:
            return
        self._shown = percent // step
        if self.out.isatty():
            self.out.write(f"\rdemo history [{'#' * (percent // 4):<25}] {percent:3d} %{chr(10) if percent == 100 else ''}")
        else:
            self.out.write(f"demo history: {self._shown * step} %\n")
        self.out.flush()


class Replay:
    """One history on its way to one observer; `run` returns when all of it is acknowledged."""

    def __init__(self, span: Span, observer: Path, progress: Progress) -> None:
        self._span = span
        self._observer = observer
        self._progress = progress
        self._source: Iterator[Record] = records(span)
        self._kept: dict[int, Record] = {}  # sent or to send, not acknowledged; in order of sequence number
        self._made = 0  # the highest sequence number so far
        self._unsent = 1  # the lowest that this connection has not sent
        self._exhausted = False
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Ship until everything is acknowledged, through as many connections as it takes."""
        while not self._complete:
            try:
                reader, writer = await asyncio.open_unix_connection(self._observer)
            except OSError:
                await asyncio.sleep(RETRY)
                continue
            try:
                await self._converse(reader, writer)
            except (OSError, FrameError):
                await asyncio.sleep(RETRY)
            finally:
                writer.close()
        self._progress.show(100)

    @property
    def _complete(self) -> bool:
        return self._exhausted and not self._kept

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: everything not acknowledged again, then the rest."""
        # `low` stays 1: a replay that starts again begins at 1, so the observer must not forget what it has.
        writer.write(frame([Hello(self._span.relay, low=1, replay=True)]))
        self._unsent = 1
        listening = asyncio.get_running_loop().create_task(self._listen(reader), name="acknowledgements")
        try:
            while not self._complete and not listening.done():
                self._news.clear()
                batch = self._next_batch()
                if batch:
                    writer.write(frame(batch))
                    await writer.drain()
                elif not self._complete:
                    await self._news.wait()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _next_batch(self) -> list[Record]:
        while len(self._kept) < WINDOW and not self._exhausted:
            record = next(self._source, None)
            if record is None:
                self._exhausted = True
            else:
                self._made = record.seq
                self._kept[record.seq] = record
        waiting = (self._kept[seq] for seq in range(self._unsent, self._made + 1) if seq in self._kept)
        batch = list(islice(waiting, BATCH))
        if batch:
            self._unsent = batch[-1].seq + 1
            self._show(batch[0])
        return batch

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Forget what the observer has; ends with the connection."""
        frames = FrameBuffer()
        try:
            while data := await reader.read(READ_SIZE):
                for body in frames.feed(data):
                    for acks in from_observer(body):
                        self._forget(acks)
        finally:
            self._news.set()

    def _forget(self, acks: Acks) -> None:
        for low, high in acks.ranges:
            for seq in range(max(low, next(iter(self._kept), 1)), min(high, self._made) + 1):
                self._kept.pop(seq, None)
        self._news.set()

    def _show(self, record: Record) -> None:
        """Progress by the time that the records have reached; the last percent waits for the acknowledgements."""
        length = self._span.weeks * 7 * 86400
        at = record.opened.at if record.opened is not None else self._span.until
        self._progress.show(max(0, min(99, int(100 * (1 - (self._span.until - at) / length)))))


async def fill(state: Path, observer: Path, progress: Progress) -> None:
    """Give an observer the history of its state directory, unless it has it already."""
    note = note_of(state)
    if note.done:
        return
    await Replay(note.span, observer, progress).run()
    _write(_path(state), Note(note.until, note.weeks, done=True))
