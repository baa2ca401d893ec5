"""Bodies of HTML forms as one mapping: `application/x-www-form-urlencoded` and `multipart/form-data` (RFC 7578).

A field that comes several times is a list. A part that says it is JSON is decoded; a file is left out, since nothing here
reads files. What is no text is dropped field by field.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote_to_bytes

from proxy.wire.gaps import Gap
from proxy.wire.json import read_json

FIELDS_LIMIT: Final = 1000
"""Fields of one form: what web frameworks take at most."""

BOUNDARY_LIMIT: Final = 70
"""Characters of a boundary (RFC 2046 section 5.1.1)."""


def read_form(data: bytes) -> dict[str, Any] | Gap:
    """Fields of a URL-encoded form."""
    if data.count(b"&") >= FIELDS_LIMIT:
        return Gap("form_limit", len(data))
    fields: dict[str, Any] = {}
    for pair in data.strip().split(b"&"):
        name, _, value = pair.partition(b"=")
        if name:
            _add(fields, _plain(name), _plain(value))
    return fields


def _plain(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")


def read_multipart(data: bytes, content_type: str) -> dict[str, Any] | Gap:
    """Fields of a multipart form; of a body that ends early, the parts that are whole."""
    boundary = parameter(content_type, "boundary").encode("utf-8", "replace")
    if not 0 < len(boundary) <= BOUNDARY_LIMIT:
        return Gap("form_syntax", len(data))
    mark = b"\n--" + boundary
    if data.count(mark) > FIELDS_LIMIT:
        return Gap("form_limit", len(data))
    first, *parts = (b"\n" + data).split(mark)
    if not parts or first.strip():
        return Gap("form_syntax", len(data))
    if not parts[-1].startswith(b"--"):
        gone = parts.pop()  # no boundary came after it
        if not parts:
            return Gap("form_syntax", len(gone))
    fields: dict[str, Any] = {}
    for part in parts:
        if part.startswith(b"--"):
            break
        _part(part, fields)
    return fields


def parameter(value: str, name: str) -> str:
    """A parameter of a header's value, quotes taken off; "" without it."""
    for part in value.split(";")[1:]:
        key, _, text = part.partition("=")
        if key.strip().lower() == name:
            return text.strip().strip('"')
    return ""


def _part(part: bytes, fields: dict[str, Any]) -> None:
    lines = part.removesuffix(b"\r").replace(b"\r\n", b"\n")
    head, blank, content = lines.partition(b"\n\n")
    if not blank:
        return
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        key, _, text = line.partition(":")
        headers[key.strip().lower()] = text.strip()
    disposition = headers.get("content-disposition", "")
    name = parameter(disposition, "name")
    if not name or parameter(disposition, "filename"):
        return
    if headers.get("content-type", "").startswith("application/json"):
        value = read_json(content)
        if not isinstance(value, Gap):
            _add(fields, name, value)
        return
    _add(fields, name, content.decode("utf-8", "replace"))


def _add(fields: dict[str, Any], name: str, value: Any) -> None:
    if name not in fields:
        fields[name] = value
    elif isinstance(known := fields[name], list):
        known.append(value)
    else:
        fields[name] = [known, value]
