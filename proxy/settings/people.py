"""Who people are, as settings: tokens that are verified, where users are read, whom not to count, and who is meant to come."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from proxy.settings.base import Duration, Path
from proxy.settings.base import Section as _Settings

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures whose keys can be published. `none` and the HS family are not here: who can verify those can forge them."""


class Jwt(_Settings, frozen=True, kw_only=True):
    """Tokens whose claims are believed once verified, from any peer; off without keys (RFC 7519, a JWKS of RFC 7517)."""

    keys_file: Path | None = None
    keys_url: str = ""
    issuer: str = ""  # `iss` must be it; empty: any
    audience: tuple[str, ...] = ()  # `aud` must name one of them; empty: any
    algorithms: tuple[Algorithm, ...] = ("RS256", "ES256", "EdDSA")
    header: str = "authorization"
    leeway: Duration = 30.0  # by which clocks may differ

    @property
    def on(self) -> bool:
        """Whether tokens are verified."""
        return bool(self.keys_file or self.keys_url)


class Identity(_Settings, frozen=True, kw_only=True):
    """Where the user and the conversation are read, in order of preference; empty: as the preset says.

    A source is "header:NAME", "jwt:HEADER#CLAIM", "claim:CLAIM", "cookie:NAME", "hash:HEADER", "body:EXPRESSION" or "query:NAME".
    Headers and claims of `jwt:` are believed only from `trusted` peers (networks in CIDR form), those of `claim:` once `jwt`
    verified them.
    """

    user: tuple[str, ...] = ()
    conversation: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    exclude: tuple[str, ...] = ()  # users that are no people: service accounts, probes, "cookie:VALUE"; "*" matches any run
    jwt: Jwt = field(default_factory=Jwt)


class Synthetic(_Settings, frozen=True, kw_only=True):
    """Traffic that no person makes, beside users under `identity.exclude`: counted apart, in no figure. "*" matches any run."""

    agents: tuple[str, ...] = ()  # User-Agent
    headers: tuple[str, ...] = ()  # NAME, or NAME: VALUE
    paths: tuple[str, ...] = ()


class People(_Settings, frozen=True, kw_only=True):
    """Whom adoption is measured against: a CSV directory (user, department, profile, joined, left), or a plain number."""

    directory: Path | None = None
    aliases: Path | None = None  # CSV (alias, user): the other ids of people
    absences: Path | None = None  # CSV (user, from, to): who is away for how long
    eligible: int | None = None
    exact: int = 10_000  # people of a day and group who are told apart; with more they are estimated
    smallest: int = 5  # people of a department or profile below which its figures are hidden
    smallest_pair: int = 10  # the same for a profile within a department
