"""Coverage-guided fuzzing of every decoder: `make fuzz`, or `python -m tests.wire.fuzz [DECODER ...] [--seconds N] [--seed N]`.

The first bytes choose where the stream is cut. No decoder raises; whole and cut it gives the same; what it holds of a stream
is bounded by the stream and by its limit. Needs atheris, which `make fuzz` puts beside the other tools.

Each decoder is fuzzed in a process of its own, one after the other, for as many seconds as are asked. Inputs that led somewhere
new are kept in `.fuzz/DECODER`, and the next run begins with them: minutes on many days add up to hours.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import atheris  # type: ignore[import-untyped]  # only where `make fuzz` has put it

with atheris.instrument_imports(include=["proxy.wire", "proxy.meaning.stitching"]):
    from proxy.meaning.hashing import Keyed
    from proxy.meaning.stitching import question, replayed, trail
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
    from proxy.wire.polling import read_packets
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
    keyed = Keyed(b"s")
    last = None if isinstance(value, Gap) else question(keyed, "u", replayed(value))
    return None if last is None else trail(keyed, last, "a", continues=False, named=False)


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
    "packets": lambda pieces: [read_packets(Body(b"".join(pieces)), {}, revision) for revision in "34"],
}


KEPT: Final = Path(".fuzz")
"""Where what led somewhere new is kept, below the working directory."""
LONGEST: Final = 600
"""Bytes of one input: more are slower and reach no other line."""
SLOW: Final = 5
"""Seconds after which one input has taken too long."""


def check(decode: Decoder) -> Callable[[bytes], None]:
    """One input: whole, and cut at a place that it names."""

    def run(data: bytes) -> None:
        if len(data) < 2:
            return
        stream = data[2:]
        cut = int.from_bytes(data[:2], "big") % (len(stream) + 1)
        assert decode([stream]) == decode([stream[:cut], stream[cut:]])

    return run


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz one decoder in this process, which ends with it."""
    atheris.Setup([sys.argv[0], *options], check(DECODERS[name]))
    atheris.Fuzz()


def session(name: str, seconds: int, seed: int) -> bool:
    """Fuzz one decoder in a process of its own and say what was done; whether nothing was found."""
    kept = KEPT / name
    kept.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LONGEST}", f"-timeout={SLOW}", "-print_final_stats=1"]
    command = [sys.executable, "-m", "tests.wire.fuzz", "--one", name, "--", *options, f"-artifact_prefix={kept}-", str(kept)]
    ended = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    said = ended.stderr.decode("utf-8", "replace")
    runs = re.search(r"stat::number_of_executed_units: *(\d+)", said)
    inputs = sum(1 for _ in kept.iterdir())
    sys.stdout.write(f"{name:12} {seconds:5} s {int(runs[1]) if runs else 0:10} runs, {inputs} inputs kept\n")
    sys.stdout.flush()
    if ended.returncode:
        sys.stdout.write(said[-4000:])
    return ended.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.wire.fuzz")
    parser.add_argument("decoders", nargs="*", metavar="DECODER", help=f"of {', '.join(DECODERS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=7, help="for each decoder (default: 7)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", choices=DECODERS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        fuzz(given.one, given.decoders)
    failed = [name for name in given.decoders or DECODERS if not session(name, given.seconds, given.seed)]  # each is fuzzed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
