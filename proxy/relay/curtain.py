"""What of a head may leave the relay: what presets name, credentials only as keyed hashes, nothing else.

The one exception is a token that the observer is to verify, where the settings of an assistant ask for that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

import msgspec

from proxy.relay.plan import Wanted
from proxy.relay.request import RequestHead

ALWAYS: Final = frozenset({"content-type", "content-encoding"})
"""Fields without which no decoder can be chosen."""
ALWAYS_BACK: Final = ALWAYS | {"sec-websocket-extensions", "sec-websocket-protocol"}
"""The same of a response: what its tunnel speaks, too. Of a request, `Sec-WebSocket-Protocol` may hold a key."""
_NEVER: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "x-auth-token",
        "x-user-key",
        "x-goog-api-key",
        "ocp-apim-subscription-key",
    }
)
"""Credentials do not leave as they are, whatever a preset or an operator wants; hashed they may."""

_READABLE: Final = (
    b"application/json",
    b"application/jsonl",  # and application/jsonlines
    b"text/event-stream",
    b"application/x-ndjson",
    b"application/ndjson",
    b"application/x-jsonlines",
    b"application/vnd.amazon.eventstream",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"text/plain",  # and the next two: what servers call JSON that were told nothing else
    b"text/json",
    b"application/octet-stream",
)
"""How the media types begin that a decoder reads; anything else is timed and measured, not copied."""

Fields = tuple[tuple[str, str], ...]


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A request's head as the observer may see it."""

    method: str
    path: str
    query: Fields
    headers: Fields
    chunked: bool
    readable: bool  # its body is worth a copy


class Curtain:
    """Lets through what `Wanted` allows, turns credentials into keyed hashes, keeps everything else in the relay."""

    def __init__(self, wanted: Wanted, secret: bytes) -> None:
        self._secret = secret
        self._plain = _names((wanted.headers | ALWAYS) - _NEVER)
        self._back = _names((wanted.response_headers - _NEVER) | ALWAYS_BACK)
        self._hashed = _names(wanted.hashed_headers)
        self._jwt = _names(wanted.jwt_headers)
        self._tokens = _names(wanted.token_headers)
        self._cookies = wanted.cookies
        self._special = {*self._hashed, *self._jwt, *self._tokens, *({b"cookie"} if wanted.cookies else ())}
        self._query = wanted.query
        self.request_fields = frozenset(self._plain) | self._special
        self.response_fields = frozenset(self._back)

    def shown(self, head: RequestHead) -> Shown:
        """Give a head as the observer may see it."""
        path, query = self.target(head.target)
        headers = self.request(head.wanted)
        return Shown(head.method.decode("latin-1"), path, query, headers, head.chunked, is_readable(head.kind))

    def request(self, found: Iterable[tuple[bytes, bytes]]) -> Fields:
        """Give request fields as the observer may see them."""
        shown: list[tuple[str, str]] = []
        plain, special = self._plain, self._special
        for raw_name, value in found:
            if (name := plain.get(raw_name)) is not None:
                shown.append((name, value.decode("latin-1")))
            if raw_name in special:
                shown += self._veiled(raw_name, value)
        return tuple(shown)

    def response(self, found: Iterable[tuple[bytes, bytes]]) -> Fields:
        """Give response fields as the observer may see them."""
        back = self._back
        return tuple([(back[name], value.decode("latin-1")) for name, value in found])

    def _veiled(self, raw_name: bytes, value: bytes) -> list[tuple[str, str]]:
        shown: list[tuple[str, str]] = []
        if (name := self._hashed.get(raw_name)) is not None:
            shown.append((f"hash:{name}", self._hash(value)))
        if (name := self._jwt.get(raw_name)) is not None and (payload := _jwt_payload(value)):
            shown.append((f"jwt:{name}", payload))
        if (name := self._tokens.get(raw_name)) is not None:
            shown.append((f"token:{name}", _token(value)))
        if raw_name == b"cookie" and self._cookies:
            for pair in value.split(b";"):
                cookie, _, content = pair.strip().partition(b"=")
                if (text := cookie.decode("latin-1")) in self._cookies:
                    shown.append((f"cookie:{text}", self._hash(content)))
        return shown

    def _hash(self, value: bytes) -> str:
        digest = hmac.digest(self._secret, value, hashlib.sha256)[:16]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def target(self, target: bytes) -> tuple[str, Fields]:
        """Split a target into its path and the wanted parameters of its query, as they came."""
        path, _, query = target.decode("latin-1").partition("?")
        if not query or not self._query:
            return path, ()
        pairs = (part.partition("=") for part in query.split("&"))
        return path, tuple((name, value) for name, _, value in pairs if name in self._query)


def is_readable(kind: bytes) -> bool:
    """Whether a body of this media type is worth a copy. No type at all: chat clients that forget it send JSON."""
    if not kind or kind.startswith(_READABLE):
        return True
    kind = kind.lower()
    return kind.startswith(_READABLE) or b"+json" in kind


def _names(names: Iterable[str]) -> dict[bytes, str]:
    return {name.encode("latin-1"): name for name in names}


def _jwt_payload(value: bytes) -> str:
    """The middle part of a token, without the signature that would make it worth stealing."""
    parts = _token(value).split(".")
    return parts[1] if len(parts) == 3 else ""


def _token(value: bytes) -> str:
    """The token of a field, "" for a credential that is none: an API key, a name with its password."""
    token = value.rpartition(b" ")[2]
    return token.decode("latin-1") if token.count(b".") == 2 else ""
