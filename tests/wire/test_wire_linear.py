"""No decoder takes quadratic time: four times the bytes take about four times as long, whatever they are and however cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from proxy.wire.elements import ElementsReader
from proxy.wire.engineio import socket_packet
from proxy.wire.eventstream import EventStreamReader
from proxy.wire.exchange import Body
from proxy.wire.forms import read_form, read_multipart
from proxy.wire.ndjson import NdjsonReader
from proxy.wire.polling import read_packets
from proxy.wire.sockets import SocketSide
from proxy.wire.sse import SseReader
from proxy.wire.websocket import Deflate, SocketReader
from tests.wire.cuts import growth
from tests.wire.frames import Packer, aws, frame

MULTIPART = "multipart/form-data; boundary=x"


def fed(feed: Callable[[bytes], object], stream: bytes, size: int) -> None:
    for at in range(0, len(stream), size):
        feed(stream[at : at + size])


def side(stream: bytes) -> None:
    read = SocketSide("", client=False)
    for at in range(0, len(stream), 7):
        read.feed(at, stream[at : at + 7], ())


WORK: dict[str, tuple[Callable[[int], object], int]] = {
    "events": (lambda n: fed(SseReader().feed, b"data: 1\n\n" * n, 7), 8_000),
    "one long event": (lambda n: fed(SseReader().feed, b"data: " + b"x" * n, 7), 60_000),
    "one event of many lines": (lambda n: SseReader().feed(b"data: x\n" * n), 8_000),
    "messages of a socket": (lambda n: side(frame(b"[]") * n), 4_000),
    "lines": (lambda n: fed(NdjsonReader().feed, b"{}\n" * n, 7), 8_000),
    "one long line": (lambda n: fed(NdjsonReader().feed, b"x" * n, 7), 60_000),
    "elements": (lambda n: fed(ElementsReader().feed, b"[" + b'{"a": 1},' * n, 7), 3_000),
    "one long element": (lambda n: fed(ElementsReader().feed, b'["' + b"x" * n, 7), 60_000),
    "nested elements": (lambda n: ElementsReader().feed(b"[" * n), 30_000),
    "escapes": (lambda n: ElementsReader().feed(b'["' + b"\\\\" * n), 30_000),
    "aws messages": (lambda n: fed(EventStreamReader().feed, aws("e", b"{}") * n, 7), 500),
    "one aws message": (lambda n: fed(EventStreamReader().feed, aws("e", bytes(n)), 7), 60_000),
    "frames": (lambda n: fed(SocketReader().feed, frame(b"{}") * n, 7), 4_000),
    "one frame": (lambda n: fed(SocketReader().feed, frame(bytes(n), mask=b"abcd"), 7), 40_000),
    "fragments": (lambda n: SocketReader().feed(frame(b"a", last=False) + frame(b"a", 0, last=False) * n), 8_000),
    "packed frames": (lambda n: SocketReader(Deflate(takeover=True)).feed(frame(Packer().pack(b"a" * n), packed=True)), 200_000),
    "digits": (lambda n: socket_packet(b"42" + b"1" * n), 300_000),
    "packets": (lambda n: read_packets(Body(b"42[]\x1e" * n), {}, "4"), 2_000),
    "measured packets": (lambda n: read_packets(Body(b"4:42[]" * n), {}, "3"), 2_000),
    "a form": (lambda n: read_form(b"a=" + b"%41" * n), 30_000),
    "a multipart form": (lambda n: read_multipart(b"--x\r\n" * 900 + b"\r\n" * n, MULTIPART), 300_000),
}


@pytest.mark.parametrize("name", WORK)
def test_four_times_the_bytes(name):
    work, size = WORK[name]
    assert growth(work, size) < 9
