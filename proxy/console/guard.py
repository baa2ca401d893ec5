"""Who may read the console, and what a browser may do with its pages.

On loopback anybody on the machine may read, but only under a loopback name: a page elsewhere that rebinds its own name to
127.0.0.1 must not. Off loopback a token is required. Nothing here changes state, so there is nothing to forge but the
sign-in itself, and that needs the token.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from pathlib import Path
from typing import Final

from aiohttp import web

COOKIE: Final = "kpi_proxy_console"
TOKEN_LEAST: Final = 16
"""Characters of a token: guessing at the rate of one console must be hopeless."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OPEN: Final = frozenset({"/healthz", "/readyz", "/login"})  # probes carry no token


class GuardError(ValueError):
    """The console can't be opened safely with these settings."""


def on_loopback(listen: str) -> bool:
    """Whether an address in the settings can be reached from this machine only."""
    if listen.startswith("unix:"):
        return True
    return _loopback_name(_host(listen))


class Guard:
    """Judges requests by the address that the console listens on and its token."""

    def __init__(self, listen: str, token_file: str | None) -> None:
        self._names = on_loopback(listen) and not listen.startswith("unix:")
        self._token = None if token_file is None else _read(Path(token_file).expanduser())
        if self._token is None and not on_loopback(listen):
            raise GuardError(f"the console on {listen} is not on loopback: set console.token_file, or listen on 127.0.0.1")

    @property
    def asks(self) -> bool:
        """Whether a token is needed at all."""
        return self._token is not None

    def right_host(self, request: web.Request) -> bool:
        """Whether the Host header names this machine, where it must."""
        return not self._names or _loopback_name(_host(request.host))

    def admits(self, request: web.Request) -> bool:
        """Whether the request may be answered: an open path, a bearer token, or the cookie of a sign-in."""
        if self._token is None or request.path in _OPEN or request.path.startswith("/static/"):
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.right_token(given.strip())
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._mark())

    def right_token(self, given: str) -> bool:
        """Whether this is the token, in a time that does not tell how much of it is right."""
        return self._token is not None and hmac.compare_digest(given.encode(), self._token)

    def sign_in(self, response: web.StreamResponse, *, secure: bool) -> None:
        """Remember the sign-in in a cookie that is of no use elsewhere and does not hold the token."""
        response.set_cookie(COOKIE, self._mark().decode(), httponly=True, samesite="Strict", secure=secure, path="/")

    def sign_out(self, response: web.StreamResponse) -> None:
        """Forget it."""
        response.del_cookie(COOKIE, path="/")

    def _mark(self) -> bytes:
        return hmac.new(self._token or b"", b"kpi-proxy console sign-in", hashlib.sha256).hexdigest().encode()


def _read(path: Path) -> bytes:
    try:
        token = path.read_text(encoding="utf-8").strip().encode()
    except (OSError, UnicodeDecodeError) as error:
        raise GuardError(f"console.token_file {path}: {error}") from error
    if len(token) < TOKEN_LEAST:
        raise GuardError(f"console.token_file {path}: a token has at least {TOKEN_LEAST} characters")
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
