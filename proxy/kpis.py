"""Asks the console of a running proxy for its figures."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

from proxy.console.status import Status
from proxy.kpi.report import Breakdown, Day, Figures, Series
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport
from proxy.settings.address import EVERYWHERE, place

T = TypeVar("T")

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

TIMEOUT: Final = 10.0  # s; the console answers any period within one
ANSWER_LIMIT: Final = 8 * 1024 * 1024  # bytes of one answer; figures take some kilobytes

STATUS: Final = "/api/v1/status"


class AskError(Exception):
    """The console can't be asked, or refuses; the text is for the operator."""


class Described(msgspec.Struct, frozen=True):
    """One assistant behind the proxy."""

    name: str
    time_zone: str
    launched: date | None = None


class _Assistants(msgspec.Struct):
    assistants: list[Described]


class _Days(msgspec.Struct):
    days: list[Day]


class _Fault(msgspec.Struct):
    message: str
    hint: str = ""


class _Failure(msgspec.Struct):
    error: _Fault


class Asker:
    """The API of one console."""

    def __init__(self, console: str, token: str = "") -> None:
        self._base = _base(console)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Proxies from the environment are for the way out, and a console is near.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def assistants(self) -> list[str]:
        """Names of the assistants behind the proxy."""
        return [each.name for each in self.described()]

    def described(self) -> list[Described]:
        """The assistants behind the proxy."""
        return answer_as(self.get("/api/v1/assistants"), _Assistants).assistants

    def days(self, assistant: str, first: str, last: str) -> list[Day]:
        """The five figures of each day, both ends included."""
        return answer_as(self.get("/api/v1/days", {"assistant": assistant, "from": first, "to": last}), _Days).days

    def status(self) -> Status:
        """How the proxy is doing now."""
        return answer_as(self.get(STATUS), Status)

    def figures(self, assistant: str, first: str | None, last: str | None, narrowed: Mapping[str, str] = NOTHING) -> bytes:
        """Figures as JSON, as the API gives them; without days the console chooses the period. `narrowed`: more parameters."""
        query = {"assistant": assistant, "from": first, "to": last, **narrowed}
        return self.get("/api/v1/kpis", {key: value for key, value in query.items() if value})

    def topics(self, assistant: str) -> Topics:
        """What unanswered questions of the last weeks are about."""
        return answer_as(self.get("/api/v1/topics", {"assistant": assistant}), Topics)

    def value(self, assistant: str, first: str | None, last: str | None) -> bytes:
        """Costs and value as JSON, as the API gives them."""
        query = {"assistant": assistant, "from": first, "to": last}
        return self.get("/api/v1/value", {key: text for key, text in query.items() if text})

    def get(self, path: str, query: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """An answer of the console as it is; raises `AskError` for any that is a failure."""
        url = f"{self._base}{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, headers=self._headers)  # noqa: S310 - http or https, see _base
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return bytes(answer.read(ANSWER_LIMIT))
        except urllib.error.HTTPError as error:
            raise AskError(_refusal(error.code, error.read(ANSWER_LIMIT))) from error
        except (OSError, ValueError) as error:  # URLError is an OSError; an answer that is no HTTP is a ValueError
            reason = getattr(error, "reason", error)
            raise AskError(f"no console at {self._base}: {reason}; is kpi-proxy running, and is --console right?") from error


def decoded(body: bytes) -> Figures:
    """Figures of an answer; raises `AskError` when it is none."""
    return answer_as(body, Figures)


def decoded_groups(body: bytes) -> Breakdown:
    """Groups of an answer; raises `AskError` when it has none."""
    return answer_as(body, Breakdown)


def decoded_series(body: bytes) -> Series:
    """The series of an answer; raises `AskError` when it is none."""
    return answer_as(body, Series)


def decoded_value(body: bytes) -> ValueReport:
    """Costs and value of an answer; raises `AskError` when it has none."""
    return answer_as(body, ValueReport)


def token_of(file: str | None) -> str:
    """The console's token from its file, "" without one."""
    try:
        return Path(file).read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise AskError(f"the token can't be read: {error}") from error


def _base(console: str) -> str:
    if console.startswith(("http://", "https://")):
        return console.rstrip("/")
    try:
        where = place(console)
    except ValueError as error:
        raise AskError(f"--console: {error}") from error
    if where.unix:
        raise AskError("--console: a console on a Unix socket can't be asked from here; use curl --unix-socket")
    host = "127.0.0.1" if where.host in EVERYWHERE else where.host
    return f"http://{f'[{host}]' if ':' in host else host}:{where.port}"


def answer_as(body: bytes, kind: type[T]) -> T:
    """Read an answer; raises `AskError` when it is none of this kind."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise AskError(f"the console answered something else than it should: {error}") from error


def _refusal(status: int, body: bytes) -> str:
    try:
        fault = msgspec.json.decode(body, type=_Failure).error
    except msgspec.MsgspecError:
        return f"the console answered {status}" + (", give --token-file" if status in (401, 403) else "")
    return f"{fault.message}{f'; {fault.hint}' if fault.hint else ''}"
