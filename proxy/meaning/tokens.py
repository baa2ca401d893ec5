"""Whether a token is what it says: its signature by given keys, its claims at a given time (RFC 7515, 7517, 7519, 8725).

Pure: who fetched the keys and reads the clock calls it. The only module that knows PyJWT, of which it takes keys and signatures
alone: PyJWT's own check of claims reads the clock, and a record that comes late is to be judged by its own time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeGuard, get_args

import jwt
import msgspec

from proxy.meaning.sources import TOKEN_LIMIT
from proxy.settings.people import Algorithm, Jwt
from proxy.wire.gaps import Gap
from proxy.wire.json import read_json

Refusal = Literal[
    "malformed",  # no token, or one without a time at which it ends
    "algorithm",  # signed in a way that the settings do not take, `none` and HS256 among them
    "key_unknown",  # by a key that is not in the set, or there is no set yet
    "signature",  # not by the key it names, or altered
    "expired",  # used past `exp` or before `nbf`
    "issuer",
    "audience",
]
REFUSALS: Final[tuple[Refusal, ...]] = get_args(Refusal)

CANDIDATES: Final = 8
"""Keys that a token without a key id is tried with; a set in rotation has two or three."""
KEYS: Final = 256
"""Keys taken of one set; the largest public ones have some tens."""

_FITTING: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("RSA", ""): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}
"""By type and curve of a key, what it may sign: the key decides, not the token (RFC 8725, 3.1)."""

_signatures: Final = jwt.PyJWS()


class Key(msgspec.Struct, frozen=True):
    """A public key for one algorithm. `id` is "" for a key without one."""

    id: str
    algorithm: str
    key: Any  # jwt.PyJWK, bound to the algorithm


class KeysError(ValueError):
    """A document that is no set of keys, or has none that can be used; the text is for the operator."""


class Verified(msgspec.Struct, frozen=True):
    """A token that holds: its payload, base64url without padding."""

    payload: str


def read_keys(document: bytes) -> tuple[Key, ...]:
    """Read a JWKS. Keys of other kinds or uses, private and weak ones are left out. Raises `KeysError`."""
    value = read_json(document)
    entries = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise KeysError('is no set of keys: a JSON object with a list "keys" is wanted')
    keys = tuple([key for entry in entries[:KEYS] if isinstance(entry, dict) for key in _keys(entry)])
    if not keys:
        raise KeysError("has no public key that can verify a signature (RSA of 2048 bits or more, EC or Ed25519)")
    return keys


def _keys(entry: dict[str, Any]) -> Iterator[Key]:
    if "d" in entry or entry.get("use", "sig") != "sig":
        return
    name, kind, curve = entry.get("kid", ""), entry.get("kty"), entry.get("crv", "")
    if not (isinstance(name, str) and isinstance(kind, str) and isinstance(curve, str)):
        return
    for algorithm in sorted(_FITTING.get((kind, curve), ())):
        if entry.get("alg", algorithm) != algorithm:
            continue
        try:
            key = jwt.PyJWK(entry, algorithm)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            return
        if key.Algorithm.check_key_length(key.key) is not None:
            return
        yield Key(name, algorithm, key)


def verify(token: str, keys: tuple[Key, ...], wanted: Jwt, now: float) -> Verified | Refusal:
    """Judge a token at `now`, in Unix seconds."""
    header = _header(token)
    if header is None:
        return "malformed"
    algorithm, name = header
    if algorithm not in get_args(Algorithm) or algorithm not in wanted.algorithms:
        return "algorithm"
    fitting = [key for key in keys if key.algorithm == algorithm and (name is None or key.id in ("", name))]
    if not fitting:
        return "key_unknown"
    payload = _payload(token, fitting[:CANDIDATES])
    if not isinstance(payload, bytes):
        return payload
    claims = read_json(payload)
    if isinstance(claims, Gap) or not isinstance(claims, dict):
        return "malformed"
    return _judged(claims, wanted, now) or Verified(base64.urlsafe_b64encode(payload).rstrip(b"=").decode("ascii"))


def _header(token: str) -> tuple[str, str | None] | None:
    """The algorithm and the id of the key."""
    if len(token) > TOKEN_LIMIT or token.count(".") != 2 or not token.isascii():
        return None
    first = token.partition(".")[0]
    try:
        value = read_json(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError):
        return None
    if isinstance(value, Gap) or not isinstance(value, dict):
        return None
    algorithm, name = value.get("alg"), value.get("kid")
    if not isinstance(algorithm, str) or not isinstance(name, str | None):
        return None
    return algorithm, name


def _payload(token: str, keys: list[Key]) -> bytes | Refusal:
    for key in keys:
        try:
            payload: bytes = _signatures.decode(token, key.key, [key.algorithm])
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError:
            return "malformed"
        return payload
    return "signature"


def _judged(claims: dict[str, Any], wanted: Jwt, now: float) -> Refusal | None:
    ends, begins = claims.get("exp"), claims.get("nbf", 0)
    if not _time(ends) or not _time(begins):
        return "malformed"
    if now >= ends + wanted.leeway or now < begins - wanted.leeway:
        return "expired"
    if wanted.issuer and claims.get("iss") != wanted.issuer:
        return "issuer"
    if wanted.audience:
        meant = claims.get("aud")
        if not any(each in wanted.audience for each in (meant if isinstance(meant, list) else [meant])):
            return "audience"
    return None


def _time(value: Any) -> TypeGuard[float]:
    return type(value) in (int, float)
