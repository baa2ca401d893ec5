"""The PROXY protocol, versions 1 and 2: a balancer says in the first bytes of a connection whom it speaks for.

https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

import msgspec

FIRST: Final = 15
"""Bytes that every header has at least: `PROXY UNKNOWN` and CRLF. Reading so many takes nothing of what follows."""
_LONGEST_LINE: Final = 107
_SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_LONGEST_BLOCK: Final = 4096
"""Bytes behind the fixed part of version 2: addresses and extensions; balancers send some hundred."""
_V4, _V6 = 1, 2


class Preface(msgspec.Struct, frozen=True):
    """A whole header. `client` is the address it names; "" when it names none (health checks of the balancer itself)."""

    client: str


class Fault(msgspec.Struct, frozen=True):
    """No header, or a broken one."""

    reason: str


def read_preface(data: bytes) -> Preface | Fault | int:
    """Read what came so far; a number says how many bytes are needed at least."""
    if data.startswith(_SIGNATURE[: len(data)]):
        return _block(data)
    if data.startswith(b"PROXY "[: len(data)]):
        return _line(data)
    return Fault("not a PROXY header")


def _line(data: bytes) -> Preface | Fault | int:
    if len(data) < FIRST:
        return FIRST - len(data)
    if not data.endswith(b"\r\n"):
        if b"\n" in data or len(data) >= _LONGEST_LINE:
            return Fault("a PROXY line without an end")
        return 1 if data.endswith(b"\r") else 2
    words = data[:-2].split(b" ")
    if words[1] == b"UNKNOWN":
        return Preface("")
    if len(words) != 6 or words[1] not in {b"TCP4", b"TCP6"}:
        return Fault("a PROXY line of another form")
    try:
        client = ip_address(words[2].decode("ascii"))
    except ValueError:
        return Fault("a PROXY line without an address")
    return Preface(str(client)) if client.version == int(words[1][3:]) else Fault("a PROXY line with two families")


def _block(data: bytes) -> Preface | Fault | int:
    if len(data) < 16:
        return 16 - len(data)
    size = int.from_bytes(data[14:16], "big")
    if data[12] >> 4 != 2 or data[12] & 15 > 1 or size > _LONGEST_BLOCK:
        return Fault("a PROXY header of another version")
    if len(data) < 16 + size:
        return 16 + size - len(data)
    local, family = data[12] & 15 == 0, data[13] >> 4
    if local or family not in {_V4, _V6}:
        return Preface("")
    if size < (12 if family == _V4 else 36):
        return Fault("a PROXY header without its addresses")
    return Preface(str(IPv4Address(data[16:20]) if family == _V4 else IPv6Address(data[16:32])))
