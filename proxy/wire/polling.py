"""Engine.IO by polling, for those who get no WebSocket: the bodies of POST requests and GET answers are lists of packets.

Revision 4 parts packets by a record separator. Revision 3 puts a length before each: in characters of JavaScript (UTF-16) and a
colon where all is text; a kind, digits as bytes and 0xff where some of it is binary. Binary packets ("b" with base64 in a text)
are attachments and are not read. A session (`sid`) goes over many exchanges, and may go on as a WebSocket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from proxy.wire.engineio import socket_packet
from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap
from proxy.wire.json import read_json
from proxy.wire.messages import Message, Messages, uncoded

PACKETS_LIMIT: Final = 10_000
"""Packets of one body: a server that has more to say makes another answer of them after 16 by its defaults."""
QUERY: Final = frozenset({"EIO", "transport", "sid"})
"""Parameters that tell such an exchange, its revision and its session."""

_SEPARATOR: Final = b"\x1e"
_DIGITS: Final = 9  # of a length: more is no length


def is_polling(query: Mapping[str, str]) -> bool:
    """Whether a request is a poll of Engine.IO, or posts to one."""
    return query.get("transport") == "polling" and query.get("EIO") in ("3", "4")


def read_packets(body: Body, headers: Mapping[str, str], revision: str) -> Messages:
    """The Socket.IO packets of one side of an exchange, as messages whose event is the kind of the packet. Never raises."""
    body, gaps = uncoded(body, headers)
    found: list[Message] = []
    for packet, end in _parted(body, gaps) if revision == "4" else _measured(body.data, gaps):
        if len(found) == PACKETS_LIMIT:
            gaps.append(Gap("messages_limit", len(body.data) - end))
            break
        if packet[:1] != b"4":
            continue
        if (read := socket_packet(packet)) is None:
            gaps.append(Gap("packet_syntax", len(packet)))
            continue
        value = read_json(read.data) if read.data else None
        if isinstance(value, Gap):
            gaps.append(value)
        else:
            found.append(Message(value, read.kind, body.after(end - 1)))
    return Messages(tuple(found), tuple(gaps), stream=True, cut=body.cut)


def _parted(body: Body, gaps: list[Gap]) -> Iterator[tuple[bytes, int]]:
    """Packets of revision 4 with where they end; the last one of a body that was cut is not whole."""
    at = 0
    pieces = body.data.split(_SEPARATOR) if body.data else []
    for number, piece in enumerate(pieces, 1):
        at += len(piece)
        if body.cut and number == len(pieces):
            gaps.append(Gap("cut", len(piece)))
            return
        yield piece, at
        at += 1


def _measured(data: bytes, gaps: list[Gap]) -> Iterator[tuple[bytes, int]]:
    """Packets of revision 3 with where they end."""
    if data[:1] in (b"\x00", b"\x01"):
        yield from _binary(data, gaps)
        return
    units = data.decode("utf-8", "replace").encode("utf-16-le")
    at = end = 0
    while at < len(units):
        colon = units.find(b":\x00", at, at + 2 * _DIGITS + 2)
        digits = units[at:colon:2] if colon >= 0 and not (colon - at) % 2 else b""
        size = 2 * int(digits) if digits.isdigit() else -1
        if size < 0 or colon + 2 + size > len(units):
            gaps.append(Gap("packet_syntax", (len(units) - at) // 2))
            return
        at = colon + 2 + size
        packet = units[colon + 2 : at].decode("utf-16-le", "replace").encode()
        end = min(end + len(digits) + 1 + len(packet), len(data))
        yield packet, end


def _binary(data: bytes, gaps: list[Gap]) -> Iterator[tuple[bytes, int]]:
    at = 0
    while at < len(data):
        stop = data.find(b"\xff", at + 1, at + 2 + _DIGITS)
        digits = data[at + 1 : stop] if stop > 0 else b""
        size = int("".join(map(str, digits))) if digits and max(digits) < 10 else -1
        if data[at] > 1 or size < 0 or stop + 1 + size > len(data):
            gaps.append(Gap("packet_syntax", len(data) - at))
            return
        end = stop + 1 + size
        if data[at] == 0:
            yield data[stop + 1 : end], end
        at = end
