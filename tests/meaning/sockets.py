"""Frames the messages of a socket as its two sides send them, and reads them as the observer does."""

from __future__ import annotations

from proxy.kpi.events import Turn
from proxy.meaning.understanding import Understanding
from proxy.records import EndReason
from proxy.wire.exchange import Body, Exchange
from proxy.wire.sockets import SocketSide
from tests.wire.frames import Packer, frame

Said = tuple[bool, float, str]
"""Whether the client said it, seconds since the connection opened, and the message."""


def socket(path: str = "/v1/realtime", *, packed: bool = False) -> Exchange:
    """The heads of an upgraded connection."""
    extensions = {"sec-websocket-extensions": "permessage-deflate"} if packed else {}
    return Exchange(
        id="r.1",
        assistant="rh",
        at=1_800_000_000.0,
        client="127.0.0.1",
        method="GET",
        path=path,
        query={"model": "gpt-realtime"},
        headers={},
        request=Body(),
        request_after=0.0,
        status=101,
        answered_after=0.1,
        response_headers=extensions,
        response=Body(),
        ending="complete",
        ended_after=0.0,
    )


def framed(said: list[Said], *, packed: bool = False) -> list[tuple[bool, float, bytes]]:
    """Each message as the bytes of its frame."""
    packers = {True: Packer(), False: Packer()}
    found = []
    for client, after, text in said:
        body = packers[client].pack(text.encode()) if packed else text.encode()
        found.append((client, after, frame(body, packed=packed, mask=b"\x01\xfe\x00\x7f" if client else b"")))
    return found


def turns(reader: Understanding, head: Exchange, said: list[Said], ending: EndReason, size: int = 1 << 30) -> list[Turn]:
    """The turns of a connection whose bytes come in pieces of `size`."""
    talk = reader.socket(head)
    assert talk is not None
    assert talk.preset.socket is not None
    extensions = head.response_headers.get("sec-websocket-extensions", "")
    sides = {client: SocketSide(extensions, client=client, engineio=talk.preset.socket.engineio) for client in (True, False)}
    offsets = {True: 0, False: 0}
    found: list[Turn] = []
    after = 0.0
    for client, after, data in framed(said, packed=bool(extensions)):
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            end = offsets[client] + len(piece)
            for message in sides[client].feed(offsets[client], piece, ((end, after),)):
                found += talk.said(message) if client else talk.answered(message)
            offsets[client] = end
    assert not (sides[True].gaps)
    assert not (sides[False].gaps)
    return [*found, *talk.ended(ending, after + 1.0)]
