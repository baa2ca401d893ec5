"""Who is asking: from the places the operator named, else from a gateway's headers, else as the preset says.

A gateway's identity headers beat what a body claims, since any client can write a body; but a header proves something only
when the peer is the gateway. Headers and claims of a peer outside `trusted` are therefore not looked at, but for claims of a
token that was verified. A token that was refused makes its bearer nobody: what else such a request says of its user is no
better. A conversation id carries no authority, and is read from anyone.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final

import msgspec

from proxy.meaning.facts import FactReader
from proxy.meaning.hashing import Keyed
from proxy.meaning.patterns import glob
from proxy.meaning.presets import Preset
from proxy.meaning.sources import REFUSED, Seen, Source, compile_source
from proxy.meaning.tables import Fault, RulesError
from proxy.settings.people import Identity

VERIFIED_HEADERS: Final = (
    "x-auth-request-email",
    "x-forwarded-email",
    "cf-access-authenticated-user-email",
    "x-openwebui-user-email",
    "x-auth-request-preferred-username",
    "x-forwarded-preferred-username",
    "x-auth-request-user",
    "x-forwarded-user",
    "x-remote-user",
    "x-ms-client-principal-name",
    "x-openwebui-user-id",
)
"""What OAuth2 Proxy, Traefik, Apache, Azure, Cloudflare and Open WebUI set; addresses first, since directories list those."""

CONVERSATION_HEADERS: Final = ("x-conversation-id", "x-openwebui-chat-id", "x-chat-id", "x-session-id")

_VERIFIED: Final = frozenset(VERIFIED_HEADERS)
_CONVERSATION: Final = frozenset(CONVERSATION_HEADERS)

PEERS: Final = 4096
"""Peer addresses whose trust is remembered."""


class Who(msgspec.Struct, frozen=True):
    """Raw identities of one exchange; they do not leave this room. `excluded`: a user that is no person."""

    user: str | None = None
    excluded: bool = False
    department: str = ""
    profile: str = ""


class IdentityReader:
    """Reads identities by the settings of one assistant; raises `RulesError` for sources and networks it can't read.

    `keyed` has the relays' key, under which those are known of whom only a cookie or a credential is.
    """

    def __init__(self, settings: Identity, facts: FactReader, keyed: Keyed) -> None:
        self._facts = facts
        faults: list[Fault] = []
        self._user = _sources("user", settings.user, faults)
        self._conversation = _sources("conversation", settings.conversation, faults)
        self._department = _sources("department", settings.department, faults)
        self._profile = _sources("profile", settings.profile, faults)
        self._verified = tuple(compile_source(f"header:{name}") for name in VERIFIED_HEADERS)
        self._usual = tuple(compile_source(f"header:{name}") for name in CONVERSATION_HEADERS)
        self._networks = _networks(settings.trusted, faults)
        if faults:
            raise RulesError(tuple(faults))
        veiled = {each: keyed.veiled(each) for each in settings.exclude}
        self._exclude = tuple([glob(each) for each, name in veiled.items() if name is None])
        self._veiled = frozenset([name for name in veiled.values() if name is not None])
        self.trusts = lru_cache(maxsize=PEERS)(self._trusts)

    def sources(self) -> tuple[Source, ...]:
        """Every source this reader may look at, for the list of what may leave a relay."""
        verified = () if self._user else self._verified
        return (*self._user, *self._conversation, *self._department, *self._profile, *verified, *self._usual)

    def who(self, preset: Preset | None, preset_user: str | None, seen: Seen, client: str) -> Who:
        """The identity in an exchange; `preset_user` is what the preset's own sources gave."""
        if REFUSED in seen.headers:
            return Who()
        trusted = self.trusts(client)
        name = preset.id if preset else "feedback"
        if self._user:
            user = self._facts.first(self._user, seen, name, trusted=trusted)
        else:
            gateway = trusted and not _VERIFIED.isdisjoint(seen.headers)
            user = (self._facts.first(self._verified, seen, name) if gateway else None) or preset_user
        return Who(
            user=user,
            excluded=user is not None and self._excludes(user),
            department=self._label(self._department, seen, name, trusted=trusted),
            profile=self._label(self._profile, seen, name, trusted=trusted),
        )

    def conversation(self, found: str | None, seen: Seen, preset: str) -> str | None:
        """The conversation id: from the configured places, else the preset's `found`, else the usual headers."""
        if self._conversation:
            return self._facts.first(self._conversation, seen, preset)
        if found or _CONVERSATION.isdisjoint(seen.headers):
            return found
        return self._facts.first(self._usual, seen, preset)

    def _excludes(self, user: str) -> bool:
        folded = user.casefold().encode("utf-8", "replace")
        return user in self._veiled or any(pattern.hits(folded) for pattern in self._exclude)

    def _label(self, sources: tuple[Source, ...], seen: Seen, preset: str, *, trusted: bool) -> str:
        return (self._facts.first(sources, seen, preset, trusted=trusted) or "")[:64]

    def _trusts(self, client: str) -> bool:
        if not client:
            return True  # a Unix socket: file permissions decided who may connect
        try:
            address = ipaddress.ip_address(client.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


def _sources(key: str, texts: tuple[str, ...], faults: list[Fault]) -> tuple[Source, ...]:
    sources = []
    for at, text in enumerate(texts):
        try:
            sources.append(compile_source(text))
        except ValueError as error:
            faults.append(Fault(f"identity.{key}[{at}]", str(error)))
    return tuple(sources)


def _networks(texts: tuple[str, ...], faults: list[Fault]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    networks = []
    for at, text in enumerate(texts):
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            faults.append(Fault(f"identity.trusted[{at}]", str(error), "write a network as 10.0.0.0/8"))
    return tuple(networks)
