"""Recorded exchanges, decoded and put together by route: what a preset is learned from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from proxy.meaning.shapes import leaves
from proxy.wire.exchange import Exchange
from proxy.wire.messages import DONE, read_messages

Path = tuple[str | int, ...]

VARIABLE: Final = re.compile(r"(?!v[0-9]+[a-z0-9]*$)(?:(?=[^/]*[0-9])[^/.:]{6,}|[0-9]{2,}|[^/:]{25,}|[^/]*(?:@|%40)[^/]*)")
"""A segment of a path that looks like an id. `v1beta1` and `name:verb` are none."""
DISTINCT: Final = 3
"""Different segments at one place, all else equal, from which the place holds an id whatever they look like."""
_ID: Final = re.compile(r"(?=.*[0-9_-])[A-Za-z0-9_.:@+=-]{1,128}")


class Sample(msgspec.Struct, frozen=True):
    """One decoded exchange. `answers` holds the answer, or the events of a stream without the end mark."""

    exchange: Exchange
    asked: Any
    answers: tuple[Any, ...]
    stream: bool
    names: tuple[str, ...] = ()  # of the events, where they have some

    def asked_leaves(self) -> Iterator[tuple[Path, Any]]:
        """Values of the request."""
        return leaves(self.asked)

    @property
    def fine(self) -> bool:
        """Whether it was answered well."""
        return self.exchange.status is not None and self.exchange.status < 300


class Group(msgspec.Struct, frozen=True):
    """The samples of one route. `segments`: None stands for an id."""

    method: str
    segments: tuple[str | None, ...]
    samples: tuple[Sample, ...]

    def pattern(self, names: Iterable[str]) -> str:
        """The route as a pattern; `names` are those of its ids, in order."""
        given = iter(names)
        parts = [
            re.escape(part).replace("\\-", "-") if part is not None else f"(?P<{next(given)}>[^/]+)" for part in self.segments
        ]
        return "^" + "/".join(parts) + "$"


def sample(exchange: Exchange) -> Sample:
    """Decode an exchange."""
    request = read_messages(exchange.request, exchange.headers)
    response = read_messages(exchange.response, exchange.response_headers)
    answers = [message for message in response.messages if message.value is not None and message.value != DONE]
    return Sample(
        exchange,
        request.messages[0].value if request.messages else None,
        tuple([message.value for message in answers]),
        response.stream,
        tuple([message.event for message in answers]),
    )


def groups(samples: Iterable[Sample]) -> list[Group]:
    """Samples by method and route, the most frequent first."""
    by_route: dict[tuple[str, tuple[str | None, ...]], list[Sample]] = defaultdict(list)
    for each in samples:
        segments = tuple([None if VARIABLE.fullmatch(part) else part for part in each.exchange.path.split("/")])
        by_route[each.exchange.method, segments].append(each)
    merged = _merged(by_route)
    found = [Group(method, segments, tuple(each)) for (method, segments), each in merged.items()]
    return sorted(found, key=lambda group: -len(group.samples))


def _merged(
    routes: dict[tuple[str, tuple[str | None, ...]], list[Sample]],
) -> dict[tuple[str, tuple[str | None, ...]], list[Sample]]:
    """Join routes that differ in one segment only, in three ways or more: there stands an id that looks like a word."""
    beside: dict[tuple[str, tuple[str | None, ...], int], set[str | None]] = defaultdict(set)
    for method, segments in routes:
        for at in range(len(segments)):
            beside[method, (*segments[:at], "", *segments[at + 1 :]), at].add(segments[at])
    merged: dict[tuple[str, tuple[str | None, ...]], list[Sample]] = defaultdict(list)
    for (method, segments), each in routes.items():
        joined = tuple([
            None if part is None or len(beside[method, (*segments[:at], "", *segments[at + 1 :]), at]) >= DISTINCT else part
            for at, part in enumerate(segments)
        ])  # fmt: skip
        merged[method, joined].extend(each)
    return merged


def is_id(value: Any) -> bool:
    """Whether a value can be an id: one word with a digit, or a number."""
    return (type(value) is int and value > 0) or (isinstance(value, str) and _ID.fullmatch(value) is not None)


def words(value: Any) -> int:
    """Words of a text; 0 for what is none."""
    return len(value.split()) if isinstance(value, str) and not value.startswith(("http://", "https://", "data:")) else 0
