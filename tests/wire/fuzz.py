"""Coverage-guided fuzzing of every decoder: `make fuzz`, or `python -m tests.wire.fuzz [DECODER ...] [-runs=N]`.

The first bytes choose where the stream is cut. No decoder raises; whole and cut it gives the same; what it holds of a stream
is bounded by the stream and by its limit. Needs atheris, which `make fuzz` puts beside the other tools.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import atheris  # type: ignore[import-untyped]  # only where `make fuzz` has put it

with atheris.instrument_imports(include=["proxy.wire", "proxy.meaning.stitching"]):
    from proxy.meaning.hashing import Keyed
    from proxy.meaning.stitching import replayed, trail
    from proxy.wire.chunked import unchunk
    from proxy.wire.elements import ElementsReader
    from proxy.wire.engineio import socket_packet
    from proxy.wire.eventstream import EventStreamReader
    from proxy.wire.exchange import Body
    from proxy.wire.forms import read_form, read_multipart
    from proxy.wire.gaps import Gap
    from proxy.wire.inflate import inflate
    from proxy.wire.json import read_json
    from proxy.wire.messages import read_messages
    from proxy.wire.ndjson import NdjsonReader
    from proxy.wire.sockets import SocketSide
    from proxy.wire.sse import SseReader
    from proxy.wire.websocket import Deflate, SocketReader

LIMIT: Final = 64
"""Bytes of one message, so that the fuzzer gets past it."""
KINDS: Final = ("application/json", "text/event-stream", "application/x-ndjson", "multipart/form-data; boundary=x", "")
CODINGS: Final = ("gzip", "deflate", "br", "zstd", "gzip, br")

Decoder = Callable[[list[bytes]], object]


def fed(reader: Any, pieces: list[bytes]) -> object:
    """What a reader gives, and what it could not read; its buffer stays within its limit and one head."""
    found = []
    for piece in pieces:
        found += reader.feed(piece)
        assert len(reader._buffer) <= LIMIT + len(piece) + 256
    return found, getattr(reader, "gaps", None), getattr(reader, "skipped", None)


def socket(pieces: list[bytes]) -> object:
    """One side of a socket with shared compression, gone on with by another reader after each piece."""
    side = SocketSide("permessage-deflate", client=False, engineio=True)
    at = 0
    found = []
    for piece in pieces:
        found += side.feed(at, piece, ())
        at += len(piece)
        side.gaps.clear()
    return found, side.bookmark()


def history(pieces: list[bytes]) -> object:
    value = read_json(b"".join(pieces))
    return None if isinstance(value, Gap) else trail(Keyed(b"s"), "u", replayed(value), "a", continues=False, named=False)


DECODERS: Final[dict[str, Decoder]] = {
    "sse": lambda pieces: fed(SseReader(LIMIT), pieces),
    "ndjson": lambda pieces: fed(NdjsonReader(LIMIT), pieces),
    "elements": lambda pieces: fed(ElementsReader(LIMIT), pieces),
    "eventstream": lambda pieces: fed(EventStreamReader(LIMIT), pieces),
    "websocket": lambda pieces: fed(SocketReader(None, LIMIT), pieces),
    "packed": lambda pieces: fed(SocketReader(Deflate(takeover=True), LIMIT), pieces),
    "socket": socket,
    "engineio": lambda pieces: socket_packet(b"".join(pieces)),
    "json": lambda pieces: read_json(b"".join(pieces)),
    "chunked": lambda pieces: unchunk(Body(b"".join(pieces), chunked=True)),
    "form": lambda pieces: read_form(b"".join(pieces)),
    "multipart": lambda pieces: read_multipart(b"".join(pieces), KINDS[3]),
    "inflate": lambda pieces: [inflate(Body(b"".join(pieces)), coding, 4096) for coding in CODINGS],
    "messages": lambda pieces: [read_messages(Body(b"".join(pieces)), {"content-type": kind}) for kind in KINDS],
    "history": history,
}


def check(decoders: list[Decoder]) -> Callable[[bytes], None]:
    """One input for all decoders: whole, and cut at a place that it names."""

    def run(data: bytes) -> None:
        if len(data) < 2:
            return
        stream = data[2:]
        cut = int.from_bytes(data[:2], "big") % (len(stream) + 1)
        for decode in decoders:
            assert decode([stream]) == decode([stream[:cut], stream[cut:]])

    return run


def main() -> None:
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")] or list(DECODERS)
    options = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    atheris.Setup([sys.argv[0], *options], check([DECODERS[name] for name in names]))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
