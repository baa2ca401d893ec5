"""Whether a request may be answered, and what a browser may do with the pages.

On loopback without tokens anybody on the machine may read, but only under a loopback name: a page elsewhere that rebinds its
own name to 127.0.0.1 must not. With tokens, and always off loopback, each door asks for a role. What a browser posts must come
from a page of the console: the cookie is strict, and the browser's own word on where it comes from is heard as well.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from proxy.access.roles import ANYBODY, Reader
from proxy.access.tokens import Token
from proxy.console.attempts import Attempts
from proxy.console.cookies import Cookies
from proxy.console.readers import Gateway, Known
from proxy.settings.model import Settings
from proxy.settings.readers import SHORTEST, tokens_file

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers say Origin: null of our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class GuardError(ValueError):
    """The console can't be opened safely with these settings."""


class WaitError(Exception):
    """Too many wrong tokens came from this address; `seconds` until the next one is looked at."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


def on_loopback(listen: str) -> bool:
    """Whether an address in the settings can be reached from this machine only."""
    if listen.startswith("unix:"):
        return True
    return _loopback_name(_host(listen))


class Guard:
    """Judges requests by the address that the console listens on, tokens, and the gateway in front. `key` signs cookies."""

    def __init__(self, settings: Settings, key: bytes, now: Callable[[], datetime]) -> None:
        console = settings.console
        self._open = on_loopback(console.listen)
        self._named = self._open and not console.listen.startswith("unix:")
        own = None if console.token_file is None else _read(Path(console.token_file).expanduser())
        self._known = Known(tokens_file(settings), own)
        self._gateway = Gateway(console.sign_on)
        self._cookies = Cookies(key)
        self._attempts = Attempts()
        self._now = now

    @property
    def asks(self) -> bool:
        """Whether readers must say who they are."""
        return not self._open or self._gateway.on or self._known.any

    def right_host(self, request: web.Request) -> bool:
        """Whether the Host header names this machine, where nothing else keeps a rebound name out."""
        return not self._named or self.asks or _loopback_name(_host(request.host))

    def from_here(self, request: web.Request) -> bool:
        """Whether something posted comes from a page of the console, or from no browser at all."""
        site = request.headers.get("Sec-Fetch-Site")  # W3C Fetch Metadata: no script can set it
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == request.host

    def client(self, request: web.Request) -> str:
        """Whose address it is, through a gateway that may say so."""
        return self._gateway.client(request)

    def reader(self, request: web.Request) -> Reader | None:
        """Who asks, None for somebody unknown. Raises `WaitError` for a token of an address that has tried too often."""
        if not self.asks:
            return ANYBODY
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = self.token(request, given.strip())
            return None if found is None else found.reader
        now = self._now()
        mark = self._cookies.read(request, now.timestamp())
        known = None if mark is None else self._known.marked(mark, now.astimezone(UTC).date())
        return self._gateway.reader(request) if known is None else known.reader

    def token(self, request: web.Request, given: str) -> Token | None:
        """The token that was given, None for one that is not good. Raises `WaitError`."""
        now, address = self._now(), self._gateway.client(request)
        if wait := self._attempts.wait(address, now.timestamp()):
            raise WaitError(wait)
        found = self._known.shown(given, now.astimezone(UTC).date())
        if found is None:
            self._attempts.failed(address, now.timestamp())
        return found

    def sign_in(self, request: web.Request, response: web.StreamResponse, token: Token) -> None:
        """Remember the sign-in in a cookie that is of no use elsewhere and does not hold the token."""
        self._cookies.put(response, token.digest, self._now().timestamp(), secure=self._gateway.secure(request))

    def sign_out(self, response: web.StreamResponse) -> None:
        """Forget it."""
        self._cookies.take(response)


def _read(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GuardError(f"console.token_file {path}: {error}") from error
    if len(token.encode()) < SHORTEST:
        raise GuardError(f"console.token_file {path}: a token has at least {SHORTEST} characters")
    return token


def _host(address: str) -> str:
    """Host of HOST:PORT, [V6]:PORT or a bare host."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, colon, port = address.rpartition(":")
    return host if colon and port.isdigit() else address


def _loopback_name(host: str) -> bool:
    if host.lower() in ("localhost", "localhost."):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
