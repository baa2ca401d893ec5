"""An issuer of tokens for the tests: real keys, made when they are wanted, and the set in which it publishes them."""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER = "https://login.example.org"
AUDIENCE = "assistants"


class Issuer:
    """Has one key of each kind; each new issuer has others."""

    def __init__(self, suffix: str = "1", *, bits: int = 2048) -> None:
        self.keys: dict[str, Any] = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=bits),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }
        self.suffix = suffix

    def kid(self, algorithm: str) -> str:
        return f"{algorithm.lower()}-{self.suffix}"

    def jwks(self, *, private: bool = False) -> bytes:
        """The published set, or by mistake the private keys."""
        makers: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
        keys = []
        for algorithm, key in self.keys.items():
            shown = key if private else key.public_key()
            keys.append({**json.loads(makers[algorithm].to_jwk(shown)), "kid": self.kid(algorithm), "use": "sig"})
        return json.dumps({"keys": keys}).encode()

    def token(self, algorithm: str = "RS256", *, at: float, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token of five minutes from `at` on; a claim of None is left out."""
        payload = {"sub": "ann", "iss": ISSUER, "aud": AUDIENCE, "exp": at + 300, "nbf": at, **claims}
        payload = {name: value for name, value in payload.items() if value is not None}
        head = {"kid": self.kid(algorithm), **(headers or {})}
        return jwt.encode(payload, self.keys[algorithm], algorithm, {k: v for k, v in head.items() if v is not None})
