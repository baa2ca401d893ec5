"""Listening sockets: the supervisor opens them, and keeps them for as long as it lives."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Final

from proxy.settings.address import Place
from proxy.settings.problem import Problem, SettingsError

BACKLOG: Final = 4096


def listeners(where: Place, path: str, count: int) -> list[socket.socket]:
    """One listening socket per relay on the same port, balanced by the system; where it can't, the relays share one."""
    first = listen(where, path, shared=count > 1)
    if count == 1 or where.unix or not hasattr(socket, "SO_REUSEPORT"):
        return [first, *(first.dup() for _ in range(count - 1))]
    bound = Place(host=where.host, port=first.getsockname()[1])
    return [first, *(listen(bound, path, shared=True) for _ in range(count - 1))]


def listen(where: Place, path: str, *, shared: bool = False) -> socket.socket:
    """One listening socket; raises `SettingsError` that names the setting `path`."""
    listening = None
    try:
        if where.unix:
            _clear(where.unix)
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(where.unix)
        else:
            found = socket.getaddrinfo(where.host or None, where.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            # "every interface" is one IPv6 socket that takes IPv4 too, where the system has IPv6
            family, _, _, _, address = min(found, key=lambda entry: not where.host and entry[0] != socket.AF_INET6)
            listening = socket.socket(family)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6 and not where.host:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # every interface, IPv4 included
            listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        if listening is not None:
            listening.close()
        text = where.unix or f"{where.host}:{where.port}"
        raise SettingsError([Problem(path, f"can't listen on {text}: {error.strerror or error}", "is it in use?")]) from error
    return listening


def _clear(path: str) -> None:
    """Remove the socket that one before left behind; raises OSError for one that is in use, and for what is no socket."""
    try:
        kind = Path(path).lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise FileExistsError(errno.EEXIST, "there is a file that is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # a full backlog is a listener, too
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink()
            return
        except BlockingIOError:
            pass
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def shown(listening: socket.socket, scheme: str = "http") -> str:
    """A socket's address as people type it."""
    name = listening.getsockname()
    if isinstance(name, str):
        return f"unix:{name}"
    host, port = name[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
