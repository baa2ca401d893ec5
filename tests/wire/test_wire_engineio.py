"""Packets of Engine.IO and Socket.IO, from WebSocket messages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.engineio import SocketPacket, socket_packet

EVENT = b'42["stream_token",{"id":"1","token":"a"}]'


def test_packets():
    assert socket_packet(EVENT) == SocketPacket("event", "/", None, b'["stream_token",{"id":"1","token":"a"}]')
    assert socket_packet(b'42/chat,13["a"]') == SocketPacket("event", "/chat", 13, b'["a"]')
    assert socket_packet(b'42/chat?x=1,["a"]') == SocketPacket("event", "/chat", None, b'["a"]')
    assert socket_packet(b'40{"token":"x"}') == SocketPacket("connect", "/", None, b'{"token":"x"}')
    assert socket_packet(b"40") == SocketPacket("connect", "/", None, b"")
    assert socket_packet(b"41/chat,") == SocketPacket("disconnect", "/chat", None, b"")
    assert socket_packet(b"431[1]") == SocketPacket("ack", "/", 1, b"[1]")
    assert socket_packet(b'44{"message":"no"}') == SocketPacket("connect_error", "/", None, b'{"message":"no"}')
    assert socket_packet(b'451-["a",{"_placeholder":true,"num":0}]') == SocketPacket(
        "event", "/", None, b'["a",{"_placeholder":true,"num":0}]'
    )
    for none in (b"", b"2", b"3probe", b'0{"sid":"x"}', b"4", b"49[]", b"42hello", b"42" + b"9" * 30 + b"[]"):
        assert socket_packet(none) is None


@given(st.binary(max_size=80))
def test_any_bytes_no_exception(data):
    socket_packet(data)
    socket_packet(b"4" + data)
