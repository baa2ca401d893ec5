"""Many answers in the making: what an observer holds of them, beside short turns at the budget's rate, and when all end at once.

The observer is fed over its socket. Each stream has a record a second with a second's events, as a relay ships them.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time
from typing import Literal

from proxy.records import Answered, Ending, Opened, Record, Segment, frame, segment

from .feeding import Feeder, record
from .peers import Product, kpi_proxy, mock
from .processes import cpu_seconds, memory
from .programs import Programs

EVENTS = 25
"""Events a second of each stream."""
TURNS = 2500
"""JSON turns a second beside them."""
SECONDS = 30
"""For which the streams are open."""
AFTER = 10
"""Seconds that are watched when all have ended."""
SLICES = 20
"""In which a second's records are sent."""
KINDS: tuple[Literal["Rss", "Pss"], ...] = ("Rss", "Pss")
HEADINGS = ("second", "open", "Rss MiB", "Pss MiB", "observer %", "lag s")


@dataclass(slots=True)
class Stream:
    """One answer in the making."""

    exchange: int
    body: bytes
    offset: int = 0
    after: float = 0.2

    def opened(self) -> tuple[Opened, Segment, Answered]:
        """What its first record says."""
        head = Opened(time(), "127.0.0.1", "POST", "/v1/chat/completions", (), (("content-type", "application/json"),))
        answered = Answered(0.2, 200, (("content-type", "text/event-stream"),), True)
        return head, Segment(True, 0, self.body, (0.001,)), answered

    def more(self) -> Segment:
        """A second's events, of words that differ."""
        pieces, times, start = [], [], self.offset
        for _ in range(EVENTS):
            piece = _event(random.choice(WORDS))
            pieces.append(piece)
            self.offset += len(piece)
            self.after += random.uniform(0.6, 1.4) / EVENTS
            times.append(self.after)
        return segment(False, start, pieces, times)


WORDS = [" " + word for word in Path(__file__).with_name("opened.py").read_text("utf-8").split()]
"""Of the answers: some hundred, of prose and code."""


def _event(word: str) -> bytes:
    choice = {"index": 0, "delta": {"content": word}, "logprobs": None, "finish_reason": None}
    head = {"id": "chatcmpl-8f2", "object": "chat.completion.chunk", "created": 1_800_000_000, "model": "gpt-4o-mini-2024-07-18"}
    chunk = {**head, "system_fingerprint": "fp_44709d6fcb", "choices": [choice]}
    event = b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(event), event)


@dataclass(slots=True)
class Load:
    """Streams that are open, and turns beside them, record by record."""

    feeder: Feeder
    streams: list[Stream] = field(default_factory=list)

    def open(self, count: int) -> None:
        """Let so many begin with the next second."""
        for number in range(count):
            asked = {"model": "m", "stream": True, "user": f"user-{number:05}", "metadata": {"conversation_id": f"open-{number}"}}
            body = json.dumps({**asked, "messages": [{"role": "user", "content": "Combien de jours ai-je encore ? " * 10}]})
            self.streams.append(Stream(10**9 + number, body.encode()))

    def second(self, *, last: bool = False) -> Iterator[list[Record]]:
        """A second's records, slice by slice; in the last one, all streams end at once."""
        streams = self.streams
        for at in range(SLICES):
            of_it = streams if last and at == 0 else () if last else streams[at::SLICES]
            records = [self._record(stream, last=last) for stream in of_it]
            yield records + [record(self.feeder.number(), streamed=False) for _ in range(TURNS // SLICES)]

    def _record(self, stream: Stream, *, last: bool) -> Record:
        new = stream.offset == 0
        opened, asked, answered = stream.opened() if new else (None, None, None)
        said = stream.more()
        ending = Ending(stream.after, "complete", len(stream.body), stream.offset, 0.001, cut=True) if last else None
        segments = (said,) if asked is None else (asked, said)
        return Record(self.feeder.number(), stream.exchange, "assistant", opened, segments, answered, ending)


def opened(programs: Programs, folder: Path, streams: int) -> None:
    """Print a row every five seconds."""
    with mock(programs, folder) as direct, kpi_proxy(direct.port, folder, "together") as product, Feeder(product) as feeder:
        load = Load(feeder)
        _row(HEADINGS)
        _state(product, 0, 0, 0.0)
        load.open(streams)
        for second in range(1, SECONDS + AFTER + 1):
            began, cpu = monotonic(), cpu_seconds(product.observers)
            for at, records in enumerate(load.second(last=second == SECONDS)):
                feeder.send(frame(records))
                while (left := began + (at + 1) / SLICES - monotonic()) > 0 and feeder.ready(left):
                    feeder.hear()
            if second == SECONDS:
                load.streams.clear()
            if second % 5 == 0 or second in (SECONDS + 1, SECONDS + 2):
                share = (cpu_seconds(product.observers) - cpu) / (monotonic() - began)
                _state(product, second, len(load.streams), share)


def _state(product: Product, second: int, streams: int, share: float) -> None:
    sizes = [f"{memory(product.observers, kind) / 2**20:.1f}" for kind in KINDS]
    lag = product.metrics().get("proxy_observer_lag_seconds", 0.0)
    _row((str(second), str(streams), *sizes, f"{share:.0%}", f"{lag:.1f}"))


def _row(cells: tuple[str, ...]) -> None:
    sys.stdout.write(" ".join(f"{cell:>{max(8, len(heading))}}" for cell, heading in zip(cells, HEADINGS, strict=True)) + "\n")
    sys.stdout.flush()
