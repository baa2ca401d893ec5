"""Where an API is found: by method and path, and for those whose path each application chooses, by header or body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from proxy.meaning.patterns import Pattern
from proxy.meaning.tables import Table

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class Route(msgspec.Struct, frozen=True):
    """Requests by method and path. The pattern is searched in the path without the query; an empty one means any path.

    With `headers` or `response_headers`, one of them must be there.
    """

    methods: frozenset[str]
    path: Pattern
    headers: tuple[str, ...] = ()
    response_headers: tuple[str, ...] = ()

    @property
    def anywhere(self) -> bool:
        """Whether any path will do."""
        return not self.path.text

    @property
    def by_header(self) -> bool:
        """Whether a header decides."""
        return bool(self.headers or self.response_headers)

    def headed(self, headers: Mapping[str, str], response_headers: Mapping[str, str]) -> bool:
        """Whether one of its headers is there."""
        return any(name in headers for name in self.headers) or any(name in response_headers for name in self.response_headers)


def route(table: Table) -> Route:
    """Read a route's keys; whoever owns the table closes it."""
    methods = table.texts("method") or ("POST",)
    for method in methods:
        if method not in METHODS:
            table.fault("method", f'"{method}" is none of {", ".join(sorted(METHODS))}')
    headers = tuple(name.lower() for name in table.texts("header"))
    response_headers = tuple(name.lower() for name in table.texts("response_header"))
    text = table.text("path", needed=not (headers or response_headers))
    pattern = table.compiled("path", text, Pattern)
    return Route(frozenset(methods), pattern or Pattern(""), headers, response_headers)
