"""The observer alone, as a process: records as a relay would ship them, as fast as it acknowledges them."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from time import time
from typing import Self

from proxy.records import Acks, Answered, Ending, FrameBuffer, Hello, Opened, Record, Segment, frame, from_observer, segment

from .peers import Product

EVENTS = 200
"""Events of a stream, of the size that the mock sends."""
WINDOW = {False: 4000, True: 300}
"""Exchanges on their way at most, plain and streamed: some 14 MB, far from the limits of ring and queue."""
BATCH = {False: 50, True: 2}
"""Exchanges of a frame: some 150 KB."""


@dataclass(slots=True)
class Feeder:
    """A relay that never saw a client."""

    product: Product
    _seqs: count[int] = field(default_factory=lambda: count(1))
    _frames: FrameBuffer = field(default_factory=FrameBuffer)
    _socket: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_UNIX))
    _acknowledged: int = 0

    def __enter__(self) -> Self:
        self._socket.connect(str(self.product.state / "run" / "observer.sock"))
        self._socket.sendall(frame([Hello("benchmark")]))
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def frames(self, exchanges: int, *, streamed: bool) -> list[tuple[int, bytes]]:
        """Encode exchanges of conversations of four turns; with their numbers, frame by frame."""
        made, left = [], exchanges
        while left:
            size = min(BATCH[streamed], left)
            made.append((size, frame([record(next(self._seqs), streamed=streamed) for _ in range(size)])))
            left -= size
        return made

    def feed(self, frames: Sequence[tuple[int, bytes]], window: int) -> None:
        """Send, and wait until everything is acknowledged."""
        sent = goal = self._acknowledged
        goal += sum(size for size, _ in frames)
        for size, data in frames:
            while sent + size - self._acknowledged > window:
                self.hear()
            self.send(data)
            sent += size
        while self._acknowledged < goal:
            self.hear()

    def number(self) -> int:
        """The next record's."""
        return next(self._seqs)

    def send(self, data: bytes) -> None:
        """Send a frame, whatever waits to be acknowledged."""
        self._socket.sendall(data)

    def ready(self, seconds: float) -> bool:
        """Whether the observer says something within so many seconds."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def hear(self) -> None:
        """Take what the observer acknowledges."""
        for body in self._frames.feed(self._socket.recv(65536)):
            for acks in from_observer(body):
                self._acknowledged += _size(acks)


def _size(acks: Acks) -> int:
    return sum(high - low + 1 for low, high in acks.ranges)


def record(seq: int, *, streamed: bool) -> Record:
    """A whole exchange in one record: the turn of a conversation of four, of one of 200 people."""
    asked = {
        "model": "bench",
        "messages": [
            {"role": "system", "content": "You are the assistant of a benchmark. Answer briefly, and always the same."},
            {"role": "user", "content": "yyyyyy " * 74},
        ],
        "stream": streamed,
        "user": f"user-{seq // 4 % 200:04}",
        "metadata": {"conversation_id": f"conversation-{seq // 4:010}"},
    }
    request = json.dumps(asked).encode()
    opened = Opened(time(), "127.0.0.1", "POST", "/v1/chat/completions", (), (("content-type", "application/json"),))
    answer = _streamed() if streamed else _whole()
    media = "text/event-stream" if streamed else "application/json"
    return Record(
        seq,
        seq,
        "assistant",
        opened,
        (Segment(True, 0, request, (0.001,)), answer),
        Answered(0.2, 200, (("content-type", media),), streamed),
        Ending(answer.times[-1], "complete", len(request), len(answer.data), 0.001),
    )


def _whole() -> Segment:
    choice = {"index": 0, "message": {"role": "assistant", "content": "xxxxxxx " * 211}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 230, "completion_tokens": 300, "total_tokens": 530}
    body = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "model": "bench", "choices": [choice], "usage": usage})
    return Segment(False, 0, body.encode(), (0.2,))


def _streamed() -> Segment:
    pieces = []
    for at in range(EVENTS):
        choice = {"index": 0, "delta": {"content": f"{at:019} word"}, "finish_reason": None}
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "bench", "choices": [choice]}
        event = b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"
        pieces.append(b"%x\r\n%b\r\n" % (len(event), event))
    pieces.append(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
    return segment(False, 0, pieces, [0.2 + at * 0.02 for at in range(len(pieces))])
