"""Keyed hashes: the only form in which identities and ids leave this room.

HMAC-SHA256 cut to 128 bits, base64url without padding, 22 characters. Each use has its own label, so that the hash of an
id says nothing about a user of the same spelling. Users hash alike in all assistants: a person is one person. Conversations
and messages belong to their assistant.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

VEILED: Final = ("hash", "cookie")
"""Places whose values leave a relay as hashes only, as which they are a person's name."""

_BLOCK: Final = 64
"""Bytes of a block of SHA-256, which is what HMAC makes keys of."""

_URL: Final = bytes.maketrans(b"+/", b"-_")
"""From base64 to base64url."""


class Keyed:
    """Hashes under one secret. `aliases`: the hash of a person by that of another id of the same."""

    __slots__ = ("_inner", "_outer", "aliases")

    def __init__(self, secret: bytes, aliases: Mapping[str, str] = MappingProxyType({})) -> None:
        # RFC 2104, 2 and 4: the key is worked into both hashes once, and they are copied. A copy by `hmac` takes twice the time.
        key = (sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes([byte ^ 0x36 for byte in key]))
        self._outer = sha256(bytes([byte ^ 0x5C for byte in key]))
        self.aliases = aliases

    def user(self, user: str) -> str:
        """A person. Addresses are the same in any case of letters."""
        found = self._hash("user", user.casefold() if "@" in user else user)
        return self.aliases.get(found, found)

    def listed(self, name: str) -> str:
        """A person as a file or a command names it: as traffic does; "cookie:VALUE" or "hash:VALUE" where a relay hashes that."""
        return self.user(name if (veiled := self.veiled(name)) is None else veiled)

    def veiled(self, name: str) -> str | None:
        """What a relay ships for "cookie:VALUE" or "hash:VALUE" (`proxy.relay.curtain`); None for any other name."""
        place, colon, value = name.partition(":")
        if not colon or place not in VEILED:
            return None
        return _short(self._signed(value))

    def conversation(self, assistant: str, conversation: str) -> str:
        """A conversation by its id on the wire."""
        return self._hash("conversation", f"{assistant}\0{conversation}")

    def derived(self, assistant: str, user: str) -> str:
        """The conversation of a user without an id; `user` is the hash."""
        return self._hash("derived", f"{assistant}\0{user}")

    def message(self, assistant: str, message: str) -> str:
        """An answer by its id on the wire."""
        return self._hash("message", f"{assistant}\0{message}")

    def began(self, assistant: str, exchange: str) -> str:
        """A conversation by the exchange it began with."""
        return self._hash("began", f"{assistant}\0{exchange}")

    def said(self, before: str, text: str, *, person: bool) -> str:
        """What was said, after what was said before it."""
        return self._hash("person" if person else "assistant", f"{before}\0{text}")

    def opening(self, asked: str) -> str:
        """Where those meet who begin alike; `asked` is the hash of what they say."""
        return self._hash("opening", asked)

    def call(self, assistant: str, scope: str, name: str) -> str:
        """A call that its client has given a name, the same for each attempt; `scope` is whose it is."""
        return self._hash("call", f"{assistant}\0{scope}\0{name}")

    def asked(self, person: str) -> bytes:
        """The key under which the words of one person's questions are hashed; `person` says where, too."""
        return self._digest("asked", person)

    def place(self, assistant: str, conversation: str) -> float:
        """Where a conversation falls between 0 and 1, evenly: a sample of a share is what falls below it."""
        return int.from_bytes(self._digest("sample", f"{assistant}\0{conversation}")[:6]) / 2**48

    def _hash(self, label: str, value: str) -> str:
        return _short(self._digest(label, value))

    def _digest(self, label: str, value: str) -> bytes:
        return self._signed(f"{label}\0{value}")

    def _signed(self, text: str) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode("utf-8", "surrogatepass"))
        outer.update(inner.digest())
        return outer.digest()


def _short(digest: bytes) -> str:
    return b2a_base64(digest[:16]).translate(_URL)[:22].decode("ascii")
