"""What `explain`, `replay` and `learn` work on: a file of any known kind, read as exchanges in order of time.

The kind shows in the text: a capture of `kpi-proxy record`, a HAR of a browser, or a conversation export. What can't be read
is told with its line, and the rest is taken.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from proxy.meaning.hashing import VEILED
from proxy.relay.plan import Wanted
from proxy.wire.exchange import Exchange
from proxy.workbench import captures, exports, har
from proxy.workbench.terms import WorkError

LIMIT: Final = 1024 * 1024 * 1024
"""Bytes of one file: it is held in memory, as are its exchanges."""

Kind = Literal["capture", "har", "export"]


class Line(msgspec.Struct, frozen=True):
    """A line, or an entry of a HAR, that was not taken. Lines count from 1."""

    number: int
    what: str


class Material(msgspec.Struct, frozen=True):
    """A file's exchanges. `left_out`: entries that are no calls of an API; `redacted`: texts are not those of people."""

    kind: Kind
    exchanges: tuple[Exchange, ...]
    faults: tuple[Line, ...] = ()
    left_out: int = 0
    redacted: bool = False

    @property
    def veiled(self) -> bool:
        """Whether it holds what a relay hashed under the key of its installation."""
        return self.kind == "capture" and any(
            name.partition(":")[0] in VEILED for exchange in self.exchanges for name in exchange.headers
        )


def read(file: str, wanted: Wanted, secret: bytes) -> Material:
    """Read a file, "-" for standard input. Raises `WorkError` when it can't be read or holds no exchange."""
    data = _bytes(file)
    if not data.strip():
        raise WorkError(f"{file} is empty")
    material = _material(data, wanted, secret, file)
    if not material.exchanges:
        reasons = "; ".join(f"line {fault.number}: {fault.what}" for fault in material.faults[:3])
        raise WorkError(f"{file} holds no exchange" + (f" that can be read: {reasons}" if reasons else ""))
    exchanges = sorted(material.exchanges, key=lambda each: each.at)
    return msgspec.structs.replace(material, exchanges=tuple(exchanges))


def _bytes(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(LIMIT)
        if Path(file).stat().st_size > LIMIT:
            raise WorkError(f"{file} is larger than {LIMIT} bytes")
        return Path(file).read_bytes()
    except OSError as error:
        raise WorkError(f"{file} can't be read: {error.strerror}") from error


def _material(data: bytes, wanted: Wanted, secret: bytes, file: str) -> Material:
    first, _, rest = data.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    heading = _object(first)
    if "kpi_proxy_capture" in heading:
        if heading["kpi_proxy_capture"] != captures.VERSION:
            raise WorkError(f"{file} was written by a newer kpi-proxy")
        return _capture(rest.split(b"\n"), redacted=heading.get("redacted") is True)
    if exports.is_export(heading):
        return _export(data.split(b"\n"))
    if har.is_har(_object(data)):
        return _har(data, wanted, secret)
    what = "neither a capture of kpi-proxy, nor a HAR, nor an export of conversations as JSON Lines"
    try:
        msgspec.json.decode(first)
    except msgspec.DecodeError as error:
        what += f" (line 1: {error})"
    raise WorkError(f"{file} is {what}")


def _capture(lines: Iterable[bytes], *, redacted: bool) -> Material:
    found, faults = [], []
    for number, text in enumerate(lines, 2):
        if text.strip():
            try:
                found.append(captures.exchange_of(text))
            except ValueError as error:
                faults.append(Line(number, str(error)))
    return Material("capture", tuple(found), tuple(faults), redacted=redacted)


def _export(lines: Iterable[bytes]) -> Material:
    found: list[exports.Said] = []
    faults = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            value = msgspec.json.decode(text)
            if not isinstance(value, dict):
                raise ValueError("an object is wanted")  # noqa: TRY004, TRY301 - as every other fault of a line
            found += exports.said(value)
        except ValueError as error:
            faults.append(Line(number, str(error)))
    return Material("export", tuple(exports.exchanges(found)), tuple(faults))


def _har(data: bytes, wanted: Wanted, secret: bytes) -> Material:
    found, faults = [], []
    left_out = 0
    for number, raw in enumerate(har.entries(data), 1):
        try:
            exchange = har.exchange_of(raw, number, wanted, secret)
        except ValueError as error:
            faults.append(Line(number, str(error)))
            continue
        if exchange is None:
            left_out += 1
        else:
            found.append(exchange)
    return Material("har", tuple(found), tuple(faults), left_out)


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}
