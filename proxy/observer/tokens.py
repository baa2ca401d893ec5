"""Takes the token off a request's head as the record comes in, and leaves what it proves: claims, or why there are none.

Nothing behind the intake sees a token: neither the tap nor what a relay holds of an open connection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from proxy.meaning.sources import CLAIMS, REFUSED
from proxy.meaning.tokens import REFUSALS, Verified, verify
from proxy.observer.keyring import Keyring, keyring
from proxy.records import Opened
from proxy.settings.model import Assistant
from proxy.settings.people import Jwt

PREFIX: Final = "token:"
"""How the names of fields begin that hold a whole token (see relay/curtain)."""


class Tokens:
    """The tokens of all assistants: whose are verified, by which keys, and how many did not hold."""

    def __init__(self, assistants: Sequence[Assistant]) -> None:
        self._wanted: dict[str, Jwt] = {each.name: each.identity.jwt for each in assistants if each.identity.jwt.on}
        self.rings: dict[str, Keyring] = {name: keyring(name, jwt) for name, jwt in self._wanted.items()}
        self.refused: Counter[tuple[str, str]] = Counter({(name, reason): 0 for name in self.rings for reason in REFUSALS})

    @property
    def stale(self) -> tuple[str, ...]:
        """Assistants whose newest keys can't be had."""
        return tuple(sorted(name for name, ring in self.rings.items() if ring.stale))

    def admit(self, assistant: str, opened: Opened) -> Opened:
        """A head without tokens, judged at the time at which it came."""
        tokens = [value for name, value in opened.headers if name.startswith(PREFIX)]
        if not tokens:
            return opened
        rest = tuple([field for field in opened.headers if not field[0].startswith(PREFIX)])
        if (jwt := self._wanted.get(assistant)) is not None:
            rest += (self._judged(assistant, tokens, jwt, opened.at),)
        return msgspec.structs.replace(opened, headers=rest)

    def _judged(self, assistant: str, tokens: list[str], jwt: Jwt, at: float) -> tuple[str, str]:
        ring = self.rings[assistant]
        found = verify(tokens[0], ring.keys, jwt, at) if len(tokens) == 1 else "malformed"
        if isinstance(found, Verified):
            return CLAIMS, found.payload
        if found == "key_unknown":
            ring.want()
        self.refused[assistant, found] += 1
        return REFUSED, found
