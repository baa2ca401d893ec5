"""The replay against an observer: everything once, whatever breaks in between."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import msgspec
import pytest

from proxy.demo.history import Span, records
from proxy.demo.people import everyone
from proxy.demo.replay import WINDOW, Note, Progress, Replay, fill, note_of
from proxy.records import Acks, FrameBuffer, Hello, Record, frame, from_relay

UNTIL = 1_795_000_000.0
SPAN = Span(UNTIL, weeks=1)


class KeepingObserver:
    """Keeps records by sequence number and acknowledges each frame; `hang_up_after` frames the first connection breaks.

    With `deaf` it reads and never acknowledges.
    """

    def __init__(self, hang_up_after: int = 0, *, deaf: bool = False) -> None:
        self.hellos: list[Hello] = []
        self.records: dict[tuple[str, int], Record] = {}
        self.again = 0
        self.received = asyncio.Event()
        self._hang_up_after = hang_up_after
        self._deaf = deaf

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, bodies, relay = FrameBuffer(), 0, ""
        try:
            while data := await reader.read(65536):
                for body in frames.feed(data):
                    bodies += 1
                    seqs = []
                    for message in from_relay(body):
                        match message:
                            case Hello():
                                self.hellos.append(message)
                                relay = message.relay
                            case Record():
                                known = (relay, message.seq) in self.records
                                self.again += known
                                assert not known or self.records[relay, message.seq] == message
                                self.records[relay, message.seq] = message
                                seqs.append(message.seq)
                    self.received.set()
                    if self._hang_up_after and bodies == self._hang_up_after and len(self.hellos) == 1:
                        return  # this frame was kept and is not acknowledged
                    if seqs and not self._deaf:
                        writer.write(frame([Acks(((seqs[0], seqs[-1]),))]))
                        await writer.drain()
        finally:
            writer.close()


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    path: Path = tmp_path / "o.sock"
    return path


@pytest.fixture
def progress() -> Progress:
    return Progress(io.StringIO())


def expected() -> dict[tuple[str, int], Record]:
    return {(SPAN.relay, record.seq): record for record in records(SPAN)}


async def replayed(observer: KeepingObserver, socket: Path, progress: Progress) -> None:
    async with await asyncio.start_unix_server(observer, socket):
        await Replay(SPAN, socket, progress).run()


async def test_everything_arrives_once_and_is_of_the_past(socket: Path, progress: Progress) -> None:
    observer = KeepingObserver()
    await replayed(observer, socket, progress)
    assert observer.records == expected()
    assert observer.again == 0
    assert observer.hellos == [Hello(SPAN.relay, low=1, replay=True)]


async def test_what_was_not_acknowledged_comes_again_after_a_break(socket: Path, progress: Progress) -> None:
    observer = KeepingObserver(hang_up_after=3)
    await replayed(observer, socket, progress)
    assert observer.records == expected()
    assert observer.again > 0
    assert observer.hellos == [Hello(SPAN.relay, low=1, replay=True)] * 2


async def test_no_more_than_the_window_waits_for_a_deaf_observer(socket: Path, progress: Progress) -> None:
    observer = KeepingObserver(deaf=True)
    span = Span(UNTIL, weeks=5)
    replay = Replay(span, socket, progress)
    async with await asyncio.start_unix_server(observer, socket), asyncio.timeout(60):
        running = asyncio.get_running_loop().create_task(replay.run())
        while len(observer.records) < WINDOW:
            observer.received.clear()
            await observer.received.wait()
        assert len(replay._kept) == WINDOW
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(observer.records) == WINDOW


async def test_it_waits_for_an_observer_that_starts_later(socket: Path, progress: Progress) -> None:
    running = asyncio.get_running_loop().create_task(Replay(SPAN, socket, progress).run())
    await asyncio.sleep(0)
    observer = KeepingObserver()
    async with await asyncio.start_unix_server(observer, socket), asyncio.timeout(60):
        await running
    assert observer.records == expected()


async def test_a_state_directory_is_filled_once(tmp_path: Path, socket: Path, progress: Progress) -> None:
    (tmp_path / "demo-history.json").write_bytes(msgspec.json.encode(Note(UNTIL, weeks=1)))
    first, second = KeepingObserver(), KeepingObserver()
    async with await asyncio.start_unix_server(first, socket):
        await fill(tmp_path, socket, progress)
    assert len(first.records) == len(expected())
    assert note_of(tmp_path).done
    async with await asyncio.start_unix_server(second, socket):
        await fill(tmp_path, socket, progress)
    assert not second.hellos


async def test_a_restart_in_the_middle_sends_the_same_again(tmp_path: Path, socket: Path, progress: Progress) -> None:
    (tmp_path / "demo-history.json").write_bytes(msgspec.json.encode(Note(UNTIL, weeks=1)))
    observer = KeepingObserver(deaf=True)
    async with await asyncio.start_unix_server(observer, socket):
        running = asyncio.get_running_loop().create_task(fill(tmp_path, socket, progress))
        await observer.received.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert not note_of(tmp_path).done
    observer._deaf = False
    async with await asyncio.start_unix_server(observer, socket):
        await fill(tmp_path, socket, progress)
    assert observer.records == expected()  # the observer itself holds each repeated record against the first
    assert note_of(tmp_path).done


def test_the_note_keeps_its_time(tmp_path: Path) -> None:
    assert note_of(tmp_path, lambda: 1_795_000_000.7).until == 1_795_000_000.0
    assert note_of(tmp_path, lambda: 5.0).until == 1_795_000_000.0


def test_progress_is_a_line_for_each_quarter() -> None:
    out = io.StringIO()
    progress = Progress(out)
    for percent in range(101):
        progress.show(percent)
    assert out.getvalue().splitlines() == [f"demo history: {percent} %" for percent in (0, 25, 50, 75, 100)]


async def test_progress_says_no_names_and_ends_at_a_hundred(socket: Path) -> None:
    out = io.StringIO()
    await replayed(KeepingObserver(), socket, Progress(out))
    assert out.getvalue().splitlines()[-1] == "demo history: 100 %"  # of the quarters, those that came in one lump are one
    assert not any(person.user in out.getvalue() for person in everyone())
