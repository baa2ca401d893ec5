"""One direction of an upgraded connection becomes messages, as `messages` does it for a body, while the connection is open.

A text message is JSON, or a packet of Engine.IO where the preset says so; then `event` is the kind of its Socket.IO packet.
"""

from __future__ import annotations

from bisect import bisect_right

from proxy.wire.engineio import socket_packet
from proxy.wire.gaps import Gap
from proxy.wire.json import read_json
from proxy.wire.messages import Message
from proxy.wire.websocket import Bookmark, SocketReader, negotiated


class SocketSide:
    """Feed one side's bytes as they were captured, take messages; never raises. What could not be read is in `gaps`."""

    def __init__(self, extensions: str, *, client: bool, engineio: bool = False, start: Bookmark | None = None) -> None:
        """`extensions` is the answer's Sec-WebSocket-Extensions; `start` is where another reader left off."""
        self.gaps: list[Gap] = []
        self._reader = SocketReader(negotiated(extensions, client=client), start=start)
        self._engineio = engineio
        self._cut = False

    def bookmark(self) -> Bookmark:
        """Where another reader can go on."""
        return self._reader.bookmark()

    @property
    def cut(self) -> bool:
        """Whether bytes were missing or no frames, so that nothing more can be read."""
        return self._cut or self._reader.lost

    def feed(self, offset: int, data: bytes, timeline: tuple[tuple[int, float], ...]) -> list[Message]:
        """Read bytes that stand at `offset` of the stream; `timeline` as in a segment. Bytes that are known are passed over."""
        if offset > self._reader.fed and not self._cut:
            self._cut = True
            self.gaps.append(Gap("cut", offset - self._reader.fed))
        if self._cut:
            return []
        messages = []
        for text, body, end in self._reader.feed(data[self._reader.fed - offset :] if offset < self._reader.fed else data):
            if text and (read := self._message(body)) is not None:
                at = min(bisect_right(timeline, end - 1, key=lambda entry: entry[0]), len(timeline) - 1)
                messages.append(Message(read[1], read[0], timeline[at][1] if timeline else None))
        self.gaps += map(Gap, self._reader.gaps)
        self._reader.gaps.clear()
        return messages

    def _message(self, data: bytes) -> tuple[str, object] | None:
        """Kind and value of a message; None for the transport's own and for what can't be read."""
        name = ""
        if self._engineio:
            packet = socket_packet(data)
            if packet is None:
                if data[:1] == b"4":
                    self.gaps.append(Gap("packet_syntax", len(data)))
                return None
            name, data = packet.kind, packet.data
        value = read_json(data) if data else None
        if isinstance(value, Gap):
            self.gaps.append(value)
            return None
        return name, value
