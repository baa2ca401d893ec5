"""What the settings of verified tokens must hold: one place of keys, safe on its way, and a source that reads claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from proxy.settings.address import Place
from proxy.settings.people import Identity, Jwt
from proxy.settings.problem import Problem
from proxy.settings.ways import readable

HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
LEEWAY: Final = 600.0
"""Seconds that clocks may differ: past it an expired token is in use, not a clock wrong."""


def check_tokens(identity: Identity, path: str) -> Iterator[Problem]:
    """Faults of `identity.jwt`, and of the sources that depend on it."""
    jwt, where = identity.jwt, f"{path}.jwt"
    claims = [
        f"{path}.{name}[{at}]"
        for name in ("user", "conversation", "department", "profile")
        for at, source in enumerate(getattr(identity, name))
        if source.startswith("claim:")
    ]
    if not jwt.on:
        advice = "set identity.jwt.keys_url or keys_file, or write jwt:HEADER#CLAIM for tokens that your gateway has verified"
        yield from (Problem(claim, "no token is verified, so there are no claims", advice) for claim in claims)
        if jwt != Jwt():
            yield Problem(where, "names no keys", "set keys_url or keys_file")
        return
    if not claims:
        yield Problem(where, "verifies tokens of which nothing is read", 'name a claim, as in user: ["claim:sub"]')
    if jwt.keys_file and jwt.keys_url:
        yield Problem(f"{where}.keys_url", "keys_file already names the keys", "give one of the two")
    if jwt.keys_file is not None:
        yield from readable(jwt.keys_file, f"{where}.keys_file")
    if jwt.keys_url:
        yield from _url(jwt.keys_url, f"{where}.keys_url")
    if not jwt.algorithms:
        yield Problem(f"{where}.algorithms", "is empty, so that no token can be verified")
    if not HEADER.fullmatch(jwt.header):
        yield Problem(f"{where}.header", f'"{jwt.header[:80]}" is no name of a header')
    if jwt.leeway > LEEWAY:
        yield Problem(f"{where}.leeway", f"is longer than {LEEWAY:g} s")


def _url(text: str, path: str) -> Iterator[Problem]:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if not host or url.scheme not in ("http", "https") or any(letter.isspace() for letter in text):
        yield Problem(path, f'"{text[:80]}" is no URL', "write https://HOST/PATH")
    elif url.username is not None or url.password is not None:
        yield Problem(path, "holds a user or a password", "keys are public: name a URL that asks for none")
    elif url.scheme == "http" and not Place(host=host).loopback:
        yield Problem(path, "whoever is on the way could put keys of their own there", "write https://, http:// is for loopback")
