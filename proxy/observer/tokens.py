"""Takes the token off a request's head as the record comes in, and leaves what it proves: claims, or why there are none.

Nothing behind the intake sees a token: neither the tap nor what a relay holds of an open connection. What verifies is imported
where an assistant asks for it: cryptography takes 8 MiB.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from proxy.meaning.sources import CLAIMS, REFUSED
from proxy.records import Opened
from proxy.settings.model import Assistant
from proxy.settings.people import Jwt

if TYPE_CHECKING:
    from proxy.observer.keyring import Keyring

PREFIX: Final = "token:"
"""How the names of fields begin that hold a whole token (see relay/curtain)."""


class Tokens:
    """The tokens of all assistants: whose are verified, by which keys, and how many did not hold."""

    def __init__(self, assistants: Sequence[Assistant]) -> None:
        self._wanted: dict[str, Jwt] = {each.name: each.identity.jwt for each in assistants if each.identity.jwt.on}
        self.rings: dict[str, Keyring] = {}
        self.refused: Counter[tuple[str, str]] = Counter()
        if self._wanted:
            from proxy.meaning.tokens import REFUSALS  # noqa: PLC0415 - see above
            from proxy.observer.keyring import keyring  # noqa: PLC0415 - see above

            self.rings.update({name: keyring(name, jwt) for name, jwt in self._wanted.items()})
            self.refused.update({(name, reason): 0 for name in self.rings for reason in REFUSALS})

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
        from proxy.meaning.tokens import Verified, verify  # noqa: PLC0415 - see above

        ring = self.rings[assistant]
        found = verify(tokens[0], ring.keys, jwt, at) if len(tokens) == 1 else "malformed"
        if isinstance(found, Verified):
            return CLAIMS, found.payload
        if found == "key_unknown":
            ring.want()
        self.refused[assistant, found] += 1
        return REFUSED, found
