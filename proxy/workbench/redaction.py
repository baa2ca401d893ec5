"""Takes from an exchange what people wrote and who they are, and leaves its structure: a capture that can be passed on.

Texts keep their length and punctuation: letters become x, digits 0. Ids become pseudonyms that stay the same within one
recording, so that conversations hang together; their plain beginning ("thread_") stays. Words of the protocol stay: names of
fields, types, roles, finish reasons, models, tool names, numbers below ten million.

What can't be told apart is taken away: bodies that are no JSON, events, lines or form, and bodies that are cut inside a JSON
document. Phrases can't be judged in a redacted capture.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from proxy.meaning.ratings import DOWN, UP, spelled
from proxy.meaning.sources import CLAIMS, REFUSED
from proxy.wire.exchange import Body, Exchange
from proxy.wire.gaps import Gap
from proxy.wire.json import read_json
from proxy.workbench.places import CONVERSATIONS, PEOPLE, VERDICTS, called, speaks
from proxy.workbench.samples import VARIABLE

_KEY: Final = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.$@-]{0,63}")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_.:/-]{0,47}")
_MODEL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,63}")
_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_.:@+=/-]{1,512}")
_BEGINNING: Final = re.compile(r"(?:[A-Za-z]{1,16}[_-])?")
_MIXED: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9]).{3,}|[^@]+@[^@]+")
_KIND_KEY: Final = re.compile(
    r"(?:^|[_-])(?:op|cmd|evt|phase|stage|type|kind|event|status|state)$|[a-z](?:Type|Kind|Event|Status|State)$"
)
_ID_KEY: Final = re.compile(
    r"(?:^|[_-])(?i:id|uuid|guid|key|token|user|username|email|sender|recipient|session|conversation|thread|chat|phone)s?$"
    r"|[a-z](?:Id|ID|Uuid|Key|Token)s?$"
)
_WHOSE: Final = (*PEOPLE, *CONVERSATIONS)
"""What `learn` looks for by name must stay apart in a recording."""
_PEOPLE: Final = frozenset({"user", "users", "u", "people", "contacts", "customers", "accounts", "members"})
"""Segments of a path after which somebody's name stands."""

_PROTOCOL_KEYS: Final = frozenset({
    "role", "object", "finish_reason", "finishReason", "stop_reason", "stopReason",
    "done_reason", "mode", "scale", "format", "language", "locale", "channel", "jsonrpc", "method", "matchType",
    "completion_reason",
})  # fmt: skip
_WORDS: Final = VERDICTS | {"null", "none"}
_RATING_WORDS: Final = UP | DOWN
"""They stay where the field is called after a rating: elsewhere "bon" and "mal" may be what somebody wrote."""
_CALLED: Final = frozenset({"arguments", "parameters", "input", "args", "input_schema"})
"""Beside one of these, a `name` is a tool's."""

_HEADERS: Final = frozenset({"content-type", "content-encoding", "user-agent", "x-synthetic", "accept", "anthropic-version"})
LARGEST: Final = 10_000_000
"""Counts, sizes and statuses are below; account and telephone numbers are not. Unix times are told by their range."""
_TIMES: Final = ((1_000_000_000, 4_000_000_000), (1_000_000_000_000, 4_000_000_000_000))  # s and ms


class Redactor:
    """Redacts exchanges under one key; the same id has the same pseudonym."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.emptied = 0  # bodies that were taken away whole

    def exchange(self, exchange: Exchange) -> Exchange:
        """The redacted copy of a plain exchange."""
        return msgspec.structs.replace(
            exchange,
            client=self._client(exchange.client),
            path=self._path(exchange.path),
            query={name: self._identifier(value) for name, value in exchange.query.items()},
            headers=self._headers(exchange.headers),
            request=self._body(exchange.request, exchange.headers),
            response_headers=self._headers(exchange.response_headers),
            response=self._body(exchange.response, exchange.response_headers),
        )

    def value(self, value: Any, key: str = "", beside: Mapping[str, Any] | None = None) -> Any:
        """A redacted JSON value; `key` is where it stands, `beside` the object it stands in."""
        match value:
            case dict():
                return {self._name(name): self.value(each, str(name), value) for name, each in value.items()}
            case list():
                return [self.value(each, key, beside) for each in value]
            case str():
                return self._text(value, key, beside or {})
            case bool() | None:
                return value
            case int() | float():
                return value if abs(value) < LARGEST or any(low <= value <= high for low, high in _TIMES) else LARGEST
            case _:
                return None

    def _name(self, name: str) -> str:
        return name if _KEY.fullmatch(name) else mask(name)

    def _text(self, text: str, key: str, beside: Mapping[str, Any]) -> str:
        if text.lower() in _WORDS or text == "[DONE]" or (speaks(key) and spelled(text) in _RATING_WORDS):
            return text
        tool = key == "name" and not _CALLED.isdisjoint(beside)
        if ((key in _PROTOCOL_KEYS or _KIND_KEY.search(key)) and _WORD.fullmatch(text)) or (
            (key == "model" or tool) and _MODEL.fullmatch(text)
        ):
            return text
        if key == "code" and _CODE.fullmatch(text):
            return text
        named = _MIXED.fullmatch(text) or _ID_KEY.search(key) or called((key,), _WHOSE)
        return self._identifier(text) if named and _IDENTIFIER.fullmatch(text) else mask(text)

    def _identifier(self, text: str) -> str:
        """A pseudonym of the same beginning. One letter or digit is no id, and becomes none."""
        if len(text) < 2:
            return mask(text)
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")[:9]
        found = _BEGINNING.match(text)
        return (found.group() if found else "") + digest.hex()

    def _path(self, path: str) -> str:
        return _replaced(path, self._identifier)

    def _client(self, client: str) -> str:
        """Loopback and private addresses are gateways and stay; any other becomes one of the documentation's (RFC 3849)."""
        try:
            address = ipaddress.ip_address(client.partition("%")[0])
        except ValueError:
            return ""
        if address.is_loopback or address.is_private:
            return client
        digest = hmac.digest(self._key, client.encode(), "sha256").hex()
        return f"2001:db8::{digest[:4]}:{digest[4:8]}"

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self._header(name, value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if name in _HEADERS or name.startswith(("hash:", "cookie:")):  # these are keyed hashes already
            return value
        if name == REFUSED:  # a word of a closed set
            return value
        if not name.startswith("jwt:") and name != CLAIMS:
            return self._identifier(value)
        try:
            claims = read_json(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        except (binascii.Error, ValueError):
            return ""
        redacted = msgspec.json.encode(self.value(None if isinstance(claims, Gap) else claims))
        return base64.urlsafe_b64encode(redacted).rstrip(b"=").decode("ascii")

    def _body(self, body: Body, headers: Mapping[str, str]) -> Body:
        if not body.data:
            return body
        pieces = self._pieces(body, headers.get("content-type", "").partition(";")[0].strip().lower())
        if pieces is None:
            self.emptied += 1
            return Body(b"", (), cut=True)
        data = bytearray()
        timeline: list[tuple[int, float]] = []
        for piece, end in pieces:
            data += piece
            after = body.after(max(end - 1, 0))
            if after is not None and piece:
                if timeline and timeline[-1][1] == after:
                    timeline.pop()
                timeline.append((len(data), after))
        return Body(bytes(data), tuple(timeline), cut=body.cut)

    def _pieces(self, body: Body, media: str) -> Iterable[tuple[bytes, int]] | None:
        """The redacted pieces of a body, each with the end of the original that it stands for; None: it can't be read."""
        data = body.data
        head = data[:64].lstrip()
        if media == "application/x-www-form-urlencoded" and head[:1] not in (b"{", b"["):
            fields = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)
            return [(urlencode([(self._name(key), self._text(text, key, {})) for key, text in fields]).encode(), len(data))]
        if media != "text/event-stream" and not head.startswith((b"data:", b"event:")):
            value = read_json(data)
            if not isinstance(value, Gap):
                return [(msgspec.json.encode(self.value(value)), len(data))]
        lines = data.splitlines(keepends=True)
        if not any(each.lstrip()[:1] in (b"{", b"[") or each.startswith((b"data:", b"event:", b":")) for each in lines[:3]):
            return None
        return self._lines(lines)

    def _lines(self, lines: Iterable[bytes]) -> Iterable[tuple[bytes, int]]:
        end = 0
        for each in lines:
            end += len(each)
            content = each.rstrip(b"\r\n")
            name, colon, rest = content.partition(b":")
            if name in (b"event", b"retry") or not content:
                yield each, end
                continue
            prefix = name + colon if name in (b"data", b"id") else b""
            value = read_json(rest if prefix else content)
            if isinstance(value, Gap):
                said = (rest if prefix else content).decode("utf-8", "replace")
                text = content if said.strip() == "[DONE]" else prefix + mask(said).encode()
                yield text + each[len(content) :], end
            else:
                space = b" " if prefix and rest[:1] == b" " else b""
                yield prefix + space + msgspec.json.encode(self.value(value)) + each[len(content) :], end


def anonymous(path: str) -> str:
    """A path with * for each id in it."""
    return _replaced(path, lambda _: "*")


def _replaced(path: str, named: Callable[[str], str]) -> str:
    parts = path.split("/")
    before = ["", *parts]
    return "/".join(named(part) if VARIABLE.fullmatch(part) or before[at] in _PEOPLE else part for at, part in enumerate(parts))


def mask(text: str) -> str:
    """A text of the same length and punctuation that says nothing."""
    return "".join("x" if letter.isalpha() else "0" if letter.isdigit() else letter for letter in text)
