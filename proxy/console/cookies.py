"""The cookie of a sign-in: which token it was, until when it holds, and a signature. The token itself is not in it.

It holds no state here, so it outlives a restart of the observer and is good on every host with the same secret; a token that
is revoked or has run out takes its cookies with it, since the reader is looked up each time.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from aiohttp import web

COOKIE: Final = "kpi_proxy_console"
LASTS: Final = 12 * 3600
"""Seconds of a sign-in: a working day."""
MARK: Final = 32
"""Hex digits of a token's digest that tell it from the others."""


class Cookies:
    """Signs and reads; `key` is a secret of this deployment."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"kpi-proxy console cookie\0" + key).digest()

    def put(self, response: web.StreamResponse, digest: str, now: float, *, secure: bool) -> None:
        """Remember the token of this digest."""
        content = f"{digest[:MARK]}.{int(now) + LASTS}"
        value = f"{content}.{self._signature(content)}"
        response.set_cookie(COOKIE, value, max_age=LASTS, httponly=True, samesite="Strict", secure=secure, path="/")

    def take(self, response: web.StreamResponse) -> None:
        """Forget it."""
        response.del_cookie(COOKIE, httponly=True, samesite="Strict", path="/")

    def read(self, request: web.Request, now: float) -> str | None:
        """The mark of the token that signed in; None without a cookie that holds."""
        content, _, signature = request.cookies.get(COOKIE, "").rpartition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(content).encode()):
            return None
        mark, _, until = content.partition(".")
        return mark if now < int(until) else None

    def _signature(self, content: str) -> str:
        return hmac.new(self._key, content.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
