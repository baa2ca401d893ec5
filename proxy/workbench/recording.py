"""`kpi-proxy record`: writes the exchanges of a running proxy to a capture file, until a limit or Ctrl-C.

The proxy goes on as before: the recorder is handed copies by the observer's tap. With an upstream of its own, a proxy is
started for the time of the recording, with a state directory that goes when it ends.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import IO, Final

import msgspec

from proxy.observer.tap import SOCKET, Tapped
from proxy.workbench.captures import heading, line, plain
from proxy.workbench.redaction import Redactor
from proxy.workbench.terms import Progress, WorkError

START: Final = 30.0
"""Seconds for a proxy of its own to come up: it also starts a store."""
LOOK: Final = 0.2
"""Seconds between looks at limits and signals while nothing comes."""

_tapped: Final = msgspec.msgpack.Decoder(Tapped)


class Bounds(msgspec.Struct, frozen=True):
    """When a recording ends by itself. None: not by that."""

    exchanges: int | None = None
    size: int | None = None  # bytes of the file
    seconds: float | None = None


class Recorded(msgspec.Struct, frozen=True):
    """What was written, and what was not."""

    exchanges: int
    size: int
    missed: int  # that came quicker than they could be written
    emptied: int  # bodies that could not be redacted and were left out


class Recorder:
    """One recording. `redactor` None keeps texts and identities as they passed."""

    def __init__(self, bounds: Bounds, redactor: Redactor | None) -> None:
        self._bounds = bounds
        self._redactor = redactor
        self._stopped = False

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """End soon; as a signal handler, too."""
        self._stopped = True

    def run(self, tap: socket.socket, file: IO[bytes]) -> Recorded:
        """Write what a tap hands over until a bound, a signal or the proxy's end."""
        progress = Progress()
        size = file.write(heading(redacted=self._redactor is not None, begun=datetime.now(UTC).isoformat(timespec="seconds")))
        count = missed = 0
        started = monotonic()
        for tapped in self._frames(tap):
            if tapped is not None:
                exchange = plain(tapped.exchange)
                written = line(exchange if self._redactor is None else self._redactor.exchange(exchange))
                missed += tapped.missed
                if self._bounds.size is not None and size + len(written) > self._bounds.size:
                    break
                size += file.write(written)
                count += 1
                progress.tell(f"{count} exchanges, {size // 1024} KiB")
            else:
                file.flush()  # nothing comes: who looks at the file sees all of it
            if self._bounds.exchanges is not None and count >= self._bounds.exchanges:
                break
            if self._bounds.seconds is not None and monotonic() - started >= self._bounds.seconds:
                break
        file.flush()
        progress.end()
        return Recorded(count, size, missed, self._redactor.emptied if self._redactor is not None else 0)

    def _frames(self, tap: socket.socket) -> Iterator[Tapped | None]:
        """Give each exchange as it comes, and None while none does."""
        waiting = bytearray()
        while not self._stopped:
            try:
                piece = tap.recv(1 << 18)
            except TimeoutError:
                yield None
                continue
            if not piece:
                return  # the proxy ended
            waiting += piece
            while len(waiting) >= 4 and len(waiting) >= (end := 4 + int.from_bytes(waiting[:4], "big")):
                tapped = _tapped.decode(memoryview(waiting)[4:end].tobytes())
                del waiting[:end]
                yield tapped


def record(file: str, state: Path, bounds: Bounds, *, redacted: bool) -> Recorded:
    """Record to a file that does not exist yet ("-": standard output). Raises `WorkError`."""
    recorder = Recorder(bounds, Redactor(secrets.token_bytes(32)) if redacted else None)
    handlers = {number: signal.signal(number, recorder.stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with connected(state) as tap:
            print("recording; Ctrl-C ends it", file=sys.stderr, flush=True)
            if file == "-":
                return recorder.run(tap, sys.stdout.buffer)
            try:
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except OSError as error:
                raise WorkError(f"{file} can't be written: {error.strerror}") from error
            with os.fdopen(descriptor, "wb") as opened:
                return recorder.run(tap, opened)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def connected(state: Path) -> socket.socket:
    """The tap of the proxy that runs with a state directory. Raises `WorkError` when none does."""
    tap = socket.socket(socket.AF_UNIX)
    tap.settimeout(LOOK)
    try:
        tap.connect(str(state / SOCKET))
    except OSError as error:
        tap.close()
        raise WorkError(
            f"no proxy runs with the state directory {state} ({error.strerror or error}); "
            "name it with --state or --config, or start one with --upstream URL"
        ) from error
    return tap


@contextlib.contextmanager
def own_proxy(options: list[str]) -> Iterator[Path]:
    """A proxy for the time of a recording, started with options of `serve`; gives its state directory."""
    with tempfile.TemporaryDirectory(prefix="kpi-proxy-record-") as directory:
        state = Path(directory) / "state"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            console = f"127.0.0.1:{probe.getsockname()[1]}"
        command = [sys.executable, "-m", "proxy", "serve", "--tied", *options, "--state", str(state), "--console", console]
        # Its standard input ends with us, however we end. In a session of its own, Ctrl-C is for us alone.
        process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - our own program
        try:
            deadline = monotonic() + START
            while not (state / SOCKET).exists():
                if process.poll() is not None or monotonic() > deadline:
                    raise WorkError("the proxy for the recording did not start; what it said is above")
                sleep(0.05)
            yield state
        finally:
            process.communicate()  # closes its standard input, and waits
