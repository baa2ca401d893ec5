"""Where a value stands in a request: an expression over the body, or a place in the head.

user                    an expression over the decoded body (also written body:user)
header:x-user           a request header
hash:x-api-key          a header that leaves the relay only as a keyed hash: a credential used as an identity
cookie:sid              a cookie, likewise hashed by the relay
query:user              a parameter of the query
jwt:authorization#sub   a claim of the token in a header; the relay lets its payload pass, without the signature
claim:sub               a claim of the token that the observer has verified (see tokens)
path:conversation       a named group of the matched path
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args

import msgspec

from proxy.meaning.functions import Unreadable
from proxy.meaning.paths import compile_expression
from proxy.wire.gaps import Gap
from proxy.wire.json import read_json

Place = Literal["body", "header", "hash", "cookie", "query", "jwt", "claim", "path"]
PLACES: Final = frozenset(get_args(Place))

SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-goog-api-key"}
)
"""Headers that are credentials: they never leave the relay as they are."""

TOKEN_LIMIT: Final = 16 * 1024
"""Characters of a token's payload; a head line of that length has already been refused nearly everywhere."""


CLAIMS: Final = "claims:verified"
"""Where the payload of a verified token stands among the headers of an exchange; no header's name has a colon."""
REFUSED: Final = "claims:refused"
"""Where stands why a token was refused: who came with it is nobody, whatever else the request says."""


class SourceError(ValueError):
    """A text that names no source."""


class Seen(msgspec.Struct, frozen=True):
    """What sources are read from: a request's head and decoded body, and the groups of its matched path."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    groups: Mapping[str, str]
    body: Any


class Source(msgspec.Struct, frozen=True):
    """One compiled source. `name` is the header, cookie, parameter or group, "" for the body."""

    place: Place
    name: str
    read: Callable[[Seen], Any]

    @property
    def verified(self) -> bool:
        """Whether it is only to be believed from a trusted peer: a gateway sets it, and so can anyone else."""
        return self.place in ("header", "jwt")


def compile_source(text: str) -> Source:
    """Compile one source; raises `SourceError` or `ExpressionError`, both ValueErrors."""
    place, colon, rest = text.partition(":")
    if not colon or place not in PLACES:
        return _body(text)
    name = rest.strip()
    if not name:
        raise SourceError(f'"{text}" names nothing after the colon')
    lower = name.lower()
    match place:
        case "body":
            return _body(name)
        case "header":
            if lower in SECRET_HEADERS:
                raise SourceError(f'"{lower}" is a credential; write hash:{lower}, or jwt:{lower}#CLAIM for a claim of its token')
            return Source("header", lower, lambda seen: seen.headers.get(lower))
        case "hash":
            key = f"hash:{lower}"
            return Source("hash", lower, lambda seen: seen.headers.get(key))
        case "cookie":
            cookie = f"cookie:{name}"
            return Source("cookie", name, lambda seen: seen.headers.get(cookie))
        case "query":
            return Source("query", name, lambda seen: seen.query.get(name))
        case "path":
            return Source("path", name, lambda seen: seen.groups.get(name))
        case "claim":
            return Source("claim", name, _claim(CLAIMS, name))
        case _:
            return _token(text, name)


def _body(text: str) -> Source:
    get = compile_expression(text)
    return Source("body", "", lambda seen: get(seen.body))


def _token(text: str, name: str) -> Source:
    header, hash_sign, claim = name.partition("#")
    if not hash_sign or not header or not claim:
        raise SourceError(f'"{text}": a claim is written jwt:HEADER#CLAIM')
    return Source("jwt", header.lower(), _claim(f"jwt:{header.lower()}", claim))


def _claim(key: str, claim: str) -> Callable[[Seen], Any]:
    get = compile_expression(claim)

    def read(seen: Seen) -> Any:
        payload = seen.headers.get(key)
        if payload is None or len(payload) > TOKEN_LIMIT:
            return None
        try:
            raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        except (binascii.Error, ValueError) as error:
            raise Unreadable from error
        value = read_json(raw)
        return None if isinstance(value, Gap) else get(value)

    return read
