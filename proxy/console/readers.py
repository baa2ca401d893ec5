"""Who a request comes from: by a bearer token, by the cookie of a sign-in, or by the word of a gateway."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from aiohttp import web

from proxy.access import tokens
from proxy.access.roles import Reader
from proxy.access.tokens import Token
from proxy.console.cookies import MARK
from proxy.settings.model import SignOn

READER: Final = web.RequestKey("reader", Reader)
"""Where the guard leaves who asks, for handlers."""
OPERATOR: Final = "console.token_file"
"""Name of the reader whose token the operator wrote into a file."""
LABEL: Final = 64
"""Characters of a department, as the directory keeps them."""

log = logging.getLogger(__name__)


class Known:
    """The tokens of both files. The one that the command writes is looked at again whenever it has changed."""

    def __init__(self, file: Path, own: str | None) -> None:
        self._file = file
        digest = tokens.digest(own) if own is not None else None
        self._own = () if digest is None else (Token(name=OPERATOR, role="admin", digest=digest, made=""),)
        self._seen: object = ()
        self._by_mark: Mapping[str, Token] = {}
        self._broken = False

    @property
    def any(self) -> bool:
        """Whether there is a token at all, even one that has run out; a file that can't be read counts as one."""
        return bool(self._marks()) or self._broken

    def shown(self, token: str, today: date) -> Token | None:
        """The token that was shown, as it is kept."""
        digest = tokens.digest(token)
        found = self.marked(digest[:MARK], today)
        return found if found is not None and found.digest == digest else None

    def marked(self, mark: str, today: date) -> Token | None:
        """The token of a cookie."""
        found = self._marks().get(mark)
        return found if found is not None and found.good(today) else None

    def _marks(self) -> Mapping[str, Token]:
        """Hashes are compared as keys: how long that takes tells of hashes, and nothing of the tokens."""
        try:
            state = self._file.stat()
            seen: object = (state.st_mtime_ns, state.st_size, state.st_ino)
        except OSError:
            seen = None
        if seen != self._seen:
            self._seen = seen
            try:
                found, self._broken = tokens.read(self._file), False
            except tokens.TokensError as error:
                log.error("no token of the file is good until it can be read: %s", error)  # noqa: TRY400 - it says all
                found, self._broken = (), True
            self._by_mark = {each.digest[:MARK]: each for each in (*found, *self._own)}
        return self._by_mark


class Gateway:
    """A gateway in front that has signed people in; its headers are nobody's word from any other address."""

    def __init__(self, settings: SignOn) -> None:
        self._settings = settings
        self._networks = [ipaddress.ip_network(each, strict=False) for each in settings.trusted]

    @property
    def on(self) -> bool:
        """Whether there is one."""
        return bool(self._settings.header)

    def trusts(self, address: str) -> bool:
        """Whether it is the gateway's."""
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        if known.version == 6 and known.ipv4_mapped is not None:
            known = known.ipv4_mapped
        return any(known in network for network in self._networks)

    def client(self, request: web.Request) -> str:
        """The address that a request comes from: behind the gateway, the last one that is not the gateway's own."""
        address = request.remote or ""
        if self.trusts(address):
            hops = [hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
            address = next((hop for hop in reversed(hops) if hop and not self.trusts(hop)), address)
        return address

    def secure(self, request: web.Request) -> bool:
        """Whether the browser came by TLS."""
        told = self.trusts(request.remote or "") and request.headers.get("X-Forwarded-Proto", "").lower() == "https"
        return request.secure or told

    def reader(self, request: web.Request) -> Reader | None:
        """Whom the gateway names; None without a name, and for a viewer whose department it should tell and does not."""
        settings = self._settings
        if not self.on or not self.trusts(request.remote or ""):
            return None
        names = request.headers.getall(settings.header, [])
        name = names[0].strip() if len(names) == 1 else ""  # two are one that somebody else has put beside
        if not name:
            return None
        if name in settings.admins:
            return Reader(name, "admin")
        if name in settings.auditors:
            return Reader(name, "auditor")
        if name in settings.reviewers:
            return Reader(name, "reviewer")
        if not settings.department_header:
            return Reader(name, settings.role)
        departments = request.headers.getall(settings.department_header, [])
        department = departments[0].strip()[:LABEL] if len(departments) == 1 else ""
        return Reader(name, "viewer", department) if department else None
