"""A head that has not come whole."""

from __future__ import annotations

import httptools

from proxy.relay.fields import SILENT, Refusal


class Arriving:
    """Collects the head and judges what is there: what can't become one is refused at once, not when its peer has given up."""

    __slots__ = ("_data", "_limit", "_probe")

    def __init__(self, limit: int, *, response: bool = False) -> None:
        self._data = bytearray()
        self._limit = limit  # bytes
        self._probe = (httptools.HttpResponseParser if response else httptools.HttpRequestParser)(SILENT)

    def feed(self, data: bytes) -> bytes | Refusal | None:
        """Give everything that came once the head is whole in it, None before."""
        known = len(self._data)
        self._data += data
        if self._data.find(b"\r\n\r\n", max(0, known - 3)) >= 0 or self._data.startswith(b"\r\n"):
            return bytes(self._data)
        if len(self._data) > self._limit:
            return Refusal(414 if b"\r\n" not in self._data else 431, "the head is too large")
        if data.count(b"\n") != self._data.count(b"\r\n", max(0, known - 1)):
            return Refusal(400, "a line that does not end with CRLF")
        try:
            self._probe.feed_data(data)
        except httptools.HttpParserError as error:
            return Refusal(400, str(error))
        return None


def without_empty_lines(data: bytes) -> bytes:
    """What comes after empty lines, which may stand before a request (RFC 9112 2.2)."""
    start = 0
    while data.startswith(b"\r\n", start):
        start += 2
    return data[start:]
