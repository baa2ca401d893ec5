"""A raw origin: every connection plays a script, and everything it received is kept."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tests.relay.sockets import PATIENCE, Wire

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
STREAM: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
Script = Callable[[Wire], None]


def answers(*responses: bytes) -> Script:
    """Read a request, give the next response, the last one for ever; until the connection ends."""

    def play(wire: Wire) -> None:
        count = 0
        while wire.message()[0]:
            wire.send(responses[min(count, len(responses) - 1)])
            count += 1

    return play


def sends(*pieces: bytes, reset: bool = False) -> Script:
    """Read one request, send the pieces, end the connection."""

    def play(wire: Wire) -> None:
        wire.message()
        for piece in pieces:
            wire.send(piece)
        if reset:
            wire.reset()

    return play


def silent(wire: Wire) -> None:
    """Read for ever, say nothing."""
    wire.rest()


def streams(wire: Wire) -> None:
    """Begin a stream, go on when the connection ends."""
    wire.message()
    wire.send(STREAM)
    wire.rest()


class Origin:
    """Accepts connections and plays `script` on each, in a thread of its own."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listening.getsockname()[1]
        self.connections: list[Wire] = []
        self.ended: queue.Queue[Wire] = queue.Queue()  # connections whose script has ended
        self.faults: list[BaseException] = []
        self._lock = threading.Lock()
        self._script: Script = answers(OK)
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def plays(self, script: Script) -> None:
        """What each new connection does from now on."""
        self._script = script

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            wire = Wire(connection)
            thread = threading.Thread(target=self._play, args=(wire, self._script), daemon=True)
            with self._lock:  # `reset` sees it with its thread or not at all
                self.connections.append(wire)
                thread.start()
                self._threads.append(thread)

    def _play(self, wire: Wire, script: Script) -> None:
        try:
            script(wire)
        except OSError as error:  # the relay, or the reset between tests, has ended it
            wire.ended = wire.ended or type(error).__name__
        except Exception as error:  # noqa: BLE001 - told by `reset` in the test's own thread
            self.faults.append(error)
        finally:
            wire.socket.close()
            self.ended.put(wire)

    @property
    def received(self) -> bytes:
        """What the one connection of this test received."""
        (wire,) = self.connections
        return bytes(wire.received)

    def next_ended(self) -> Wire:
        """Wait for the next connection whose script has ended."""
        return self.ended.get(timeout=PATIENCE)

    def next_ended_within(self, seconds: float) -> Wire | None:
        """The next connection whose script ends within so many seconds, None when there is none."""
        try:
            return self.ended.get(timeout=seconds)
        except queue.Empty:
            return None

    def reset(self) -> None:
        """End all connections, wait until the relay has seen it, and forget them."""
        with self._lock:
            wires, threads = list(self.connections), list(self._threads)
        for wire in wires:
            with suppress(OSError):
                wire.socket.shutdown(socket.SHUT_WR)
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the relay has not let go of a connection"
        self.connections.clear()
        self._threads.clear()
        self.ended = queue.Queue()
        self._script = answers(OK)
        faults, self.faults = self.faults, []
        for fault in faults:
            raise fault

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join(PATIENCE)
        self.reset()
