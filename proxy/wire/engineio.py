"""Engine.IO v4 and, inside it, Socket.IO v5: what Chainlit, Voiceflow's web chat, Rasa's socket channel and Open WebUI speak.

Over WebSocket each text message is one packet; polling is in proxy.wire.polling. A packet is a digit and
its content; a `message` packet carries a Socket.IO packet: a digit, the number of attachments, a namespace, the number of the
acknowledgement, JSON. Attachments travel as binary messages of their own, and are not read.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Kind = Literal["connect", "disconnect", "event", "ack", "connect_error"]

_PACKET: Final = re.compile(rb"([0-6])(?:[0-9]{1,6}-)?(?:(/[^,]{0,200}),)?([0-9]{0,18})(?![0-9])", re.DOTALL)
_KINDS: Final[tuple[Kind, ...]] = ("connect", "disconnect", "event", "ack", "connect_error", "event", "ack")


class SocketPacket(NamedTuple):
    """One Socket.IO packet. `id` is what an acknowledgement answers, None for none; `data` is JSON or empty."""

    kind: Kind
    namespace: str
    id: int | None
    data: bytes


def socket_packet(packet: bytes) -> SocketPacket | None:
    """The Socket.IO packet in an Engine.IO packet; None for the transport's own (ping, upgrade) and what is none."""
    if packet[:1] != b"4" or (found := _PACKET.match(packet, 1)) is None:
        return None
    kind, namespace, number = found.groups()
    data = packet[found.end() :]
    if data and data[:1] not in (b"[", b"{"):
        return None
    name = namespace.decode("utf-8", "replace").partition("?")[0] if namespace else "/"
    return SocketPacket(_KINDS[int(kind)], name, int(number) if number else None, data)
