"""Invitations to rate: a token that says which conversation may be rated, once, and until when.

A token is its content (MessagePack, base64url) and an HMAC-SHA256 of it cut to 128 bits. It names a conversation by its keyed
hash alone, so a link in a mail tells nobody what was talked about, and nobody can make one for another conversation.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import Final, Literal

import msgspec

Scale = Literal["binary", "five", "nps"]
"""A thumb, one to five, or nought to ten: would you recommend it."""
LONGEST: Final = 512
"""Characters of a token; ours have some 150."""

_LABEL: Final = b"kpi-proxy invitation\0"
_encoder = msgspec.msgpack.Encoder()


class Invitation(msgspec.Struct, frozen=True, array_like=True):
    """Whose rating of what: hashes as in `proxy.meaning.hashing`."""

    nonce: str
    assistant: str
    conversation: str
    scale: Scale
    until: int  # Unix seconds
    message: str | None = None


_decoder = msgspec.msgpack.Decoder(Invitation)


def invited(assistant: str, conversation: str, scale: Scale, until: int, message: str | None = None) -> Invitation:
    """Make a new one."""
    return Invitation(secrets.token_urlsafe(12), assistant, conversation, scale, until, message)


class Invitations:
    """Signs and reads tokens under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, _LABEL, "sha256")

    def token(self, invitation: Invitation) -> str:
        """The token of an invitation."""
        content = _encoder.encode(invitation)
        return f"{_text(content)}.{_text(self._sign(content))}"

    def read(self, token: str) -> Invitation | None:
        """The invitation of a token; None for one that we did not make."""
        content, dot, sign = token.partition(".")
        if not dot or len(token) > LONGEST or not token.isascii():
            return None
        try:
            body = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))
            if not hmac.compare_digest(_text(self._sign(body)), sign) or _text(body) != content:
                return None
            return _decoder.decode(body)
        except (binascii.Error, msgspec.MsgspecError):
            return None

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")[:16]


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
