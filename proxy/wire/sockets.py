"""One direction of an upgraded connection becomes messages, as `messages` does it for a body.

A text message is JSON, or a packet of Engine.IO where the path says so; then `event` is the kind of its Socket.IO packet.
"""

from __future__ import annotations

from proxy.wire.engineio import socket_packet
from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap
from proxy.wire.json import read_json
from proxy.wire.messages import MESSAGES_LIMIT, Message, Messages
from proxy.wire.websocket import SocketReader, negotiated


def read_socket(body: Body, extensions: str, *, client: bool, engineio: bool = False) -> Messages:
    """Decode the frames of one side; `extensions` is the answer's Sec-WebSocket-Extensions. Never raises."""
    reader = SocketReader(negotiated(extensions, client=client))
    messages: list[Message] = []
    gaps: list[Gap] = []
    for text, data, end in reader.feed(body.data):
        if len(messages) == MESSAGES_LIMIT:
            gaps.append(Gap("messages_limit", len(body.data)))
            break
        if not text:
            continue  # audio, and the attachments of Socket.IO
        name = ""
        if engineio:
            packet = socket_packet(data)
            if packet is None:
                if data[:1] == b"4":
                    gaps.append(Gap("packet_syntax", len(data)))
                continue
            name, data = packet.kind, packet.data  # noqa: PLW2901 - what is left to decode of the message
        value = read_json(data) if data else None
        if isinstance(value, Gap):
            gaps.append(value)
        else:
            messages.append(Message(value, name, body.after(end - 1)))
    gaps += map(Gap, reader.gaps)
    if body.cut:
        gaps.append(Gap("cut", len(body.data)))
    return Messages(tuple(messages), tuple(gaps), stream=True, cut=body.cut)
