"""What both kinds of heads have in common: llhttp's judgement, and what the names of fields mean to a relay.

llhttp (through httptools, without callbacks) judges the syntax in C; one pass over the lines then takes out what belongs
to this connection only (RFC 9110 7.6.1). All other lines go on as they came: order, case, duplicates, octets. A head
that llhttp or one of the checks here does not accept is never forwarded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import httptools

# What a line's name means to the relay.
OTHER, CONNECTION, HOP, LENGTH, TRANSFER, HOST, UPGRADE, TYPE, WANTED = range(9)

_PROTECTED: Final = frozenset(
    {
        b"host",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"authorization",
        b"cookie",
        b"cache-control",
        b"date",
    }
)
"""Fields that stay even when `Connection` names them: a client could otherwise take away what others rely on."""
_OPTIONS: Final = frozenset({b"close", b"keep-alive", b"upgrade", b""})
"""Words in `Connection` that name no field."""
LASTING: Final = frozenset({b"keep-alive", b"Keep-Alive"})
"""All that most `Connection` fields say, and nothing that HTTP/1.1 does not mean anyway."""
LENGTH_DIGITS: Final = 18
"""Digits of a Content-Length: below 2**63, where other parsers overflow."""


_REPEATED: Final = frozenset(
    b"host accept accept-encoding accept-language accept-charset cache-control connection content-type content-language "
    b"date origin pragma server strict-transport-security te transfer-encoding upgrade user-agent vary via "
    b"access-control-allow-origin sec-fetch-dest sec-fetch-mode sec-fetch-site sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform "
    b"x-content-type-options x-powered-by x-stainless-arch x-stainless-async x-stainless-lang x-stainless-os "
    b"x-stainless-package-version x-stainless-runtime x-stainless-runtime-version".split()
)
"""Names whose lines come again and again, and tell nothing of a person."""
_LINE_LIMIT: Final = 200
"""Bytes of a line that is remembered."""
_LINES_LIMIT: Final = 1000
"""Lines remembered by one reader, so at most some 300 KiB; a full memory is forgotten as a whole."""


class _Silent:
    """A parser protocol without callbacks: llhttp only judges. The names are here so that looking for them is cheap."""

    on_message_begin = on_url = on_status = on_header = on_headers_complete = None
    on_body = on_message_complete = on_chunk_header = on_chunk_complete = None


SILENT: Final = _Silent()


class Refusal:
    """A head that is not forwarded: the status that the relay answers, and why."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason


_NOTHING: Final = (OTHER, b"", b"")


class Lines:
    """Takes lines apart, and remembers those that come again and again: a look costs a third of that."""

    def __init__(self, fields: Mapping[bytes, int]) -> None:
        self._fields = fields
        self.known: dict[bytes, tuple[int, bytes, bytes]] = {}

    def read(self, line: bytes) -> tuple[int, bytes, bytes]:
        """What a line means, its name in lower case, its value."""
        name, _, value = line.partition(b":")
        name = name.lower()
        what = self._fields.get(name)
        if what is None:
            if name not in _REPEATED:
                return _NOTHING
            meant = _NOTHING
        else:
            meant = (what, name, value.strip(b" \t"))
        if name in _REPEATED and len(line) <= _LINE_LIMIT:
            if len(self.known) >= _LINES_LIMIT:
                self.known.clear()
            self.known[line] = meant
        return meant


def malformed(parser: httptools.HttpRequestParser | httptools.HttpResponseParser, raw: bytes, ends: int) -> Refusal | None:
    """Let llhttp judge a head with so many CRLF; any other CR or LF is refused besides."""
    try:
        parser.feed_data(raw)
    except httptools.HttpParserUpgrade:
        pass  # llhttp stops after a head that asks for an upgrade; the head is well-formed
    except httptools.HttpParserError as error:
        return Refusal(400, str(error))
    if raw.count(b"\n") != ends or raw.count(b"\r") != ends:
        return Refusal(400, "a line that does not end with CRLF")
    return None


def options(values: Iterable[bytes]) -> set[bytes]:
    """The words of the `Connection` fields, lower case."""
    return {word.strip().lower() for value in values for word in value.split(b",")}


def nominated(lines: list[bytes], words: set[bytes]) -> list[bytes]:
    """The lines below the first whose names stand in `Connection`, where that may take them away."""
    names = words - _PROTECTED - _OPTIONS
    return [line for line in lines[1:] if line.partition(b":")[0].lower() in names] if names else []


def without(raw: bytes, lines: Iterable[bytes]) -> bytes:
    """A head without one line for each of `lines`. A line holds no CR or LF, so what stands between two is the line."""
    for line in lines:
        raw = raw.replace(b"\r\n" + line + b"\r\n", b"\r\n", 1)
    return raw
