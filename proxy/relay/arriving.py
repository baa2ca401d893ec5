"""A request's head that has not come whole."""

from __future__ import annotations

import httptools

from proxy.relay.fields import SILENT, Refusal


class Arriving:
    """Collects the head and judges what is there, so that what is no HTTP is refused at once."""

    __slots__ = ("_data", "_limit", "_probe")

    def __init__(self, limit: int) -> None:
        self._data = bytearray()
        self._limit = limit  # bytes
        self._probe = httptools.HttpRequestParser(SILENT)

    def feed(self, data: bytes) -> bytes | Refusal | None:
        """Give everything that came once the head is whole in it, None before."""
        known = len(self._data)
        self._data += data
        if self._data.find(b"\r\n\r\n", max(0, known - 3)) >= 0 or self._data.startswith(b"\r\n"):
            return bytes(self._data)
        if len(self._data) > self._limit:
            return Refusal(414 if b"\r\n" not in self._data else 431, "the head is too large")
        try:
            self._probe.feed_data(data)
        except httptools.HttpParserError as error:
            return Refusal(400, str(error))
        return None
