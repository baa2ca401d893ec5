"""Addresses as they are written: "HOST:PORT", ":PORT" (every interface), "[::1]:PORT", "unix:/path"."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import msgspec

EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::", "*"})  # noqa: S104 - to recognise it, not to bind it
LOOPBACK: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_HOST_PORT: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[^\s:/\[\]@]*)):(?P<port>[0-9]{1,5})")


class Place(msgspec.Struct, frozen=True):
    """Where to listen or connect: a host and a port, or the path of a Unix socket. Port 0: any free one."""

    host: str = ""
    port: int = 0
    unix: str = ""

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it. A name counts only when it is the customary one of loopback."""
        if self.unix or self.host.lower() in LOOPBACK:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def meets(self, other: Place) -> bool:
        """Whether both can't be listened on at the same time, or a connection to one arrives at the other."""
        if self.unix or other.unix:
            return self.unix == other.unix
        if not self.port or self.port != other.port:
            return False
        mine, theirs = _plain(self.host), _plain(other.host)
        return mine == theirs or mine in EVERYWHERE or theirs in EVERYWHERE


def _plain(host: str) -> str:
    return "127.0.0.1" if host.lower() in LOOPBACK or host == "::1" else host.lower()


def place(text: str) -> Place:
    """Read an address; raises ValueError with words for the operator."""
    if text.startswith("unix:"):
        path = text.removeprefix("unix:").removeprefix("//")
        if not path.startswith("/"):
            raise ValueError("the path of a Unix socket must be absolute, as in unix:/run/kpi-proxy.sock")
        if len(path.encode()) > 100:  # sun_path holds 108 bytes on Linux, 104 on macOS
            raise ValueError("the path of a Unix socket is longer than 100 bytes")
        return Place(unix=path)
    if text.isdecimal():
        raise ValueError(f'a port without its colon, did you mean ":{text}"?')
    if not (match := _HOST_PORT.fullmatch(text)):
        raise ValueError('not an address, write "HOST:PORT", ":PORT" or "unix:/path"')
    if int(match["port"]) > 65535:
        raise ValueError(f"there is no port {match['port']}, the highest is 65535")
    return Place(host=match["v6"] or match["host"] or "", port=int(match["port"]))
