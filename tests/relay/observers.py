"""Observers as a relay may meet them: one that acknowledges, and hostile ones."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from proxy.observer.assembly import Assembled, Assembly, Head, Passed
from proxy.records import Acks, Counts, FrameBuffer, FromRelay, Hello, Kept, Lost, Record, Segment, frame, from_relay
from proxy.wire.exchange import Body, Exchange
from tests.relay.sockets import PATIENCE


class StalledObserver:
    """Accepts the relay's connection and never reads from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._news = threading.Condition()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with self._news:
                self._connections.append(connection)
                self._news.notify_all()
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        """Nothing: the socket's buffer fills up."""

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something the observer knows is so."""
        with self._news:
            assert self._news.wait_for(condition, PATIENCE), "the observer has waited in vain"

    def connected(self) -> bool:
        return bool(self._connections)

    def close(self) -> None:
        """Stop, as by SIGKILL; the path is free afterwards."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        for connection in self._connections:
            connection.close()
        self.path.unlink(missing_ok=True)


class DeafObserver(StalledObserver):
    """Reads everything and acknowledges nothing. `raw` is every byte that the relay let out."""

    def __init__(self, path: Path) -> None:
        self.raw = bytearray()
        self.hellos: list[Hello] = []
        self.records: list[Record] = []
        self.lost: list[Lost] = []
        self.counts: list[Counts] = []
        self.exchanges: list[Exchange] = []
        self.kept: list[Kept] = []
        self._tunnels: dict[Head, list[Segment]] = {}
        self._assembly = Assembly()
        super().__init__(path)

    def _serve(self, connection: socket.socket) -> None:
        frames = FrameBuffer()
        while True:
            try:
                data = connection.recv(1024 * 1024)
            except OSError:
                return
            if not data:
                return
            with self._news:
                self.raw += data
                for body in frames.feed(data):
                    for message in from_relay(body):
                        self._take(message, connection)
                self._news.notify_all()

    def _take(self, message: FromRelay, connection: socket.socket) -> None:
        match message:
            case Hello():
                self.hellos.append(message)
                self._assembly.forget("r")
            case Record():
                self.records.append(message)
                found = self._assembly.feed("r", message)
                match found:
                    case Assembled():
                        self.exchanges += [exchange] if (exchange := found.exchange()) is not None else []
                    case Passed():
                        self._passed(found)
                if found is not None:
                    self._whole(found.seqs, connection)
            case Lost():
                self.lost.append(message)
                self._whole((message.seq,), connection)
            case Kept():
                self.kept.append(message)
            case Counts():
                self.counts.append(message)

    def _passed(self, passed: Passed) -> None:
        """Put a tunnel together as if it were an exchange."""
        head = passed.head.exchange
        segments = self._tunnels.setdefault(passed.head, [])
        segments += passed.segments
        if (ending := passed.ending) is None:
            return
        del self._tunnels[passed.head]
        bodies = []
        for request, size in ((True, ending.request_size), (False, ending.response_size)):
            side = [segment for segment in segments if segment.request is request]
            data = b"".join([segment.data for segment in side])
            timeline = tuple([entry for segment in side for entry in segment.timeline])
            bodies.append(Body(data, timeline, cut=len(data) < size))
        self.exchanges.append(
            msgspec.structs.replace(
                head,
                request=bodies[0],
                request_after=ending.request_after,
                response=bodies[1],
                ending=ending.reason,
                ended_after=ending.after,
            )
        )

    def _whole(self, seqs: Sequence[int], connection: socket.socket) -> None:
        """Deaf: nothing is said."""

    def exchange(self, path: str) -> Exchange:
        """The one exchange with this path, when it has ended."""
        self.wait_for(lambda: any(each.path == path for each in self.exchanges))
        (found,) = [each for each in self.exchanges if each.path == path]
        return found


class Observer(DeafObserver):
    """Acknowledges an exchange when it is whole, as the real one does after its commit."""

    def _whole(self, seqs: Sequence[int], connection: socket.socket) -> None:
        with suppress(OSError):  # it is being closed
            connection.sendall(frame([Acks(tuple((seq, seq) for seq in seqs))]))
