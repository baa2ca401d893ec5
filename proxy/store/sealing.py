"""Texts sealed under a key that the store never sees: AES-256-GCM (NIST SP 800-38D), by the package `cryptography`.

Who has the store, a replica or a backup of it has nothing without the key's file. What a text belongs to is sealed with it, so
that nobody who can write to the store can put one person's words under another's answer. The package takes 8 MiB, so it is
imported where there is a key.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

NONCE: Final = 12
"""Bytes, random: with 96 bits a key may seal 2**32 texts before a repetition becomes thinkable."""


class Seal:
    """Seals and opens under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see above

        self._cipher = AESGCM(key)
        self._faults = (InvalidTag, ValueError)

    def sealed(self, content: bytes, about: str) -> bytes:
        """The content in a form that only the key opens, and only for the same `about`."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, about.encode())

    def opened(self, sealed: bytes, about: str) -> bytes | None:
        """The content; None for what was sealed under another key or about something else, or was changed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
        except self._faults:
            return None


def seal_of(file: str) -> Seal:
    """The seal of a key file: 64 hex digits, as the settings checked. Raises `OSError` and `ValueError`."""
    return Seal(bytes.fromhex(Path(file).read_text("ascii").strip()))
