"""The last head of a connection, known well enough to see it again.

Programs send the same head over and over, but for the digits of Content-Length. A head that differs in nothing else from
one that was accepted is accepted for the same reasons, so it need not be read: that saves a fifth of the work on a request.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.relay.body import Length, Tracker
from proxy.relay.curtain import Shown
from proxy.relay.fields import LENGTH_DIGITS
from proxy.relay.request import RequestHead
from proxy.relay.site import Site

KNOWN_LIMIT: Final = 2048
"""Bytes of a head that is kept while its connection is open: heads of programs are shorter, those of browsers not worth it."""


class Known(msgspec.Struct, frozen=True, gc=False):
    """A head, whom it is for, and what the observer may see of it."""

    head: RequestHead
    site: Site
    shown: Shown
    before: bytes  # up to the digits of the length; all of the head without a length
    behind: bytes  # from the digits on; b"" without

    def body(self, raw: bytes) -> Tracker | None:
        """A tracker for the body behind `raw`, None where that is another head."""
        before, behind = self.before, self.behind
        if not behind:
            return self.head.body() if raw == before else None
        if not raw.startswith(before) or not raw.endswith(behind):
            return None
        digits = raw[len(before) : -len(behind)]
        return Length(int(digits)) if digits.isdigit() and len(digits) <= LENGTH_DIGITS else None


def known(head: RequestHead, site: Site, shown: Shown) -> Known:
    """Take a head that was accepted to mind."""
    raw, length = head.raw, head.length
    if length is None or head.upgrade:  # with a body it would ask for no upgrade
        return Known(head, site, shown, raw, b"")
    start = raw.lower().index(b"\r\ncontent-length:") + 17  # there is exactly one
    start = raw.index(length, start)
    return Known(head, site, shown, raw[:start], raw[start + len(length) :])
