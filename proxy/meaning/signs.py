"""Signs on HTTP: what an operator says that a call or an answer means, by method and path, status and a header.

For applications whose handover is a call of its own (`POST /chats/42/transfer`) or a field of the answer's head, and no preset
knows it. A sign is surer than a phrase and less sure than what a protocol says. In a turn it is one more mark of it; a call that
is no turn becomes one beside the conversation, which the path's group `conversation` or the identity settings tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from proxy.kpi.events import Mark
from proxy.meaning.patterns import Pattern, glob
from proxy.settings.model import Sign
from proxy.wire.exchange import Exchange

CONVERSATION: Final = "conversation"
"""The group of a sign's path that names the conversation."""


class Seen(msgspec.Struct, frozen=True):
    """What the signs say of an exchange. `conversation` is None where no path names it."""

    marks: tuple[Mark, ...] = ()
    conversation: str | None = None


class Signs:
    """The signs of one assistant; raises `PatternError` for a path that is no pattern."""

    def __init__(self, settings: Iterable[Sign]) -> None:
        self._signs = tuple(_Compiled(sign) for sign in settings)

    def of(self, exchange: Exchange) -> Seen:
        """The marks of an exchange, one for each kind: the first sign that fits."""
        marks: dict[str, Mark] = {}
        conversation: str | None = None
        for compiled in self._signs:
            if (groups := compiled.groups(exchange)) is not None:
                sign = compiled.sign
                marks.setdefault(sign.mark, Mark(sign.mark, "http", f"settings/{sign.name}"))
                conversation = conversation or groups.get(CONVERSATION)
        return Seen(tuple(marks.values()), conversation)


class _Compiled:
    """One sign, with its patterns."""

    def __init__(self, sign: Sign) -> None:
        self.sign = sign
        self._methods = frozenset(method.upper() for method in sign.methods)
        self._path = Pattern(sign.path)
        name, _, value = sign.header.partition(":")
        self._header = name.strip().lower()
        self._value = glob(value.strip()) if value.strip() else None

    def groups(self, exchange: Exchange) -> dict[str, str] | None:
        """The groups of the path, None where the sign does not fit."""
        status = exchange.status
        if exchange.own or status is None or (self._methods and exchange.method not in self._methods):
            return None
        if status not in self.sign.status if self.sign.status else status >= 400:  # what was refused has not happened
            return None
        if self._header:
            value = exchange.response_headers.get(self._header)
            if value is None or (self._value is not None and not self._value.hits(value.casefold().encode("utf-8", "replace"))):
                return None
        return self._path.groups(exchange.path)


def header_names(settings: Iterable[Sign]) -> frozenset[str]:
    """The headers of answers that must leave a relay for it, lower case."""
    return frozenset(sign.header.partition(":")[0].strip().lower() for sign in settings if sign.header)
