"""Wrong tokens by address: past a few, an address is not listened to for a while."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from typing import Final

FEW: Final = 10
"""Wrong tokens of one address before it waits: a person mistypes less often, a scrape with an old token comes every 15 s."""
WAIT: Final = 300.0
"""Seconds over which they are counted, from the first one on."""
ADDRESSES: Final = 10_000
"""Addresses remembered, the oldest forgotten first: about 2 MB. Who has more of them has other ways as well."""


class Attempts:
    """Counts what one address does, at most `few` times in `span` seconds; the clock is the caller's, in seconds."""

    def __init__(self, few: int = FEW, span: float = WAIT) -> None:
        self._few, self._span = few, span
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many

    def wait(self, address: str, now: float) -> float:
        """Seconds until the address may try again, 0.0 when it may now."""
        since, count = self._counted.get(_block(address), (now, 0))
        return max(0.0, since + self._span - now) if count >= self._few else 0.0

    def failed(self, address: str, now: float) -> None:
        """Note a wrong token."""
        block = _block(address)
        since, count = self._counted.get(block, (now, 0))
        if now - since >= self._span:
            since, count = now, 0
            self._counted.pop(block, None)
        self._counted[block] = (since, count + 1)
        if len(self._counted) > ADDRESSES:
            self._counted.popitem(last=False)


def _block(address: str) -> str:
    """The address, or the /64 of it that one subscriber of IPv6 has (RFC 6177)."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
