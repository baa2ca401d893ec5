"""The doors of the console: each path with who may open it, and for the API with what is asked and answered there.

One table leads requests to handlers, is judged by the guard, is what the API's description is made of, and is what the tests of
authorisation walk through: a path that is not in it does not exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from proxy.access.roles import Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What a program may ask of a door and gets from it. Parameters are names of `parameters.PARAMETERS`."""

    answers: tuple[Any, ...]  # one of these types, which msgspec can describe
    parameters: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    body: Any = None  # the type of what is posted


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """One path. `needs` None: open to everybody. `department`: its handler gives the reader of a department no more than that."""

    path: str
    handler: Handler
    method: str = "GET"
    needs: Role | None = "viewer"
    department: bool = False
    instead: str = ""  # where the reader of a department finds what is theirs of it
    page: bool = False  # people open it: who is not signed in is led there
    endless: bool = False  # a stream: nothing to ask about with HEAD
    outside: bool = False  # pages of others may post here: its handler judges which
    call: Call | None = None


def table(doors: Iterable[Door]) -> Mapping[tuple[str, str], Door]:
    """Doors by method and path. What can be got can be asked about with HEAD, but for a stream."""
    found = {(door.method, door.path): door for door in doors}
    return found | {("HEAD", door.path): door for door in found.values() if door.method == "GET" and not door.endless}
