"""The outline of an exchange: which fields it had, of which kind and how large, and never what stood in them.

Names of fields are shown as far as they look like names. Paths are harder, since a name of a person may stand in one where
another API has a word of its own: see `Paths`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.meaning.shapes import Leaf, leaf_kind, leaves, spelled
from proxy.wire.exchange import Exchange
from proxy.wire.messages import Messages, read_messages

FIELDS: Final = 40
"""Fields of one side that are told: enough to write a preset by."""
EVENTS: Final = 200
"""Events of a stream that are looked at."""
ROUTES: Final = 2000
"""Routes counted for one assistant, some 200 bytes each; past it new ones are counted together."""
OFTEN: Final = 10
"""Times that a word of a path must have been seen before it is shown: what stands there once may be anybody's."""
FEW: Final = 8
"""Different words at one place of a path up to which they are taken for those of the API; more are ids."""
DEEP: Final = 8
"""Segments of a path that are told apart."""
_WORD: Final = re.compile(r"[a-z][a-z_.:-]{0,23}|v[0-9]{1,2}(?:(?:alpha|beta)[0-9]?)?")
OTHER: Final = "*"

Route = tuple[str, tuple[str, ...]]
"""A method, and the segments of a path in which only words are left."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Values at one place. Sizes are characters of texts, 0 of anything else."""

    place: str
    kind: Leaf
    count: int
    least: int
    most: int


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange. `outcome` is turn, rating, or the reason for which it is neither; sizes are bytes as they were captured."""

    at: float
    route: Route
    status: int | None
    outcome: str
    preset: str
    marks: tuple[str, ...]  # kind and rule
    request: tuple[Field, ...]
    request_size: int
    answer: tuple[Field, ...]
    answer_size: int
    stream: bool


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How often a route was seen."""

    route: str
    count: int


def outlined(exchange: Exchange, events: Iterable[Event]) -> Outline:
    """Look at an exchange once more; some hundred microseconds."""
    request = read_messages(exchange.request, exchange.headers)
    answer = read_messages(exchange.response, exchange.response_headers)
    outcome, preset, marks = "", "", list[str]()
    for event in events:
        if isinstance(event, Turn):
            outcome, preset = "turn", event.preset
            marks += [f"{mark.kind} {mark.rule}" for mark in event.marks]
        elif isinstance(event, Rating):
            outcome = outcome or "rating"
        elif isinstance(event, Skipped):
            outcome = outcome or event.reason
    return Outline(
        at=exchange.at,
        route=route(exchange.method, exchange.path),
        status=exchange.status,
        outcome=outcome,
        preset=preset,
        marks=tuple(marks),
        request=_fields(request),
        request_size=len(exchange.request.data),
        answer=_fields(answer),
        answer_size=len(exchange.response.data),
        stream=answer.stream,
    )


@lru_cache(maxsize=1024)
def route(method: str, path: str) -> Route:
    """The route of a request: what looks like no word is gone here already."""
    segments = path.split("/")[1 : DEEP + 1]
    return method, tuple([part if _WORD.fullmatch(part) else OTHER if part else "" for part in segments])


def _fields(messages: Messages) -> tuple[Field, ...]:
    found: dict[tuple[str, Leaf], list[int]] = {}
    for message in messages.messages[:EVENTS]:
        for path, leaf in leaves(message.value):
            key = spelled(path) or "(whole)", leaf_kind(leaf)
            if key in found or len(found) < FIELDS:
                found.setdefault(key, []).append(len(leaf) if isinstance(leaf, str) else 0)
    return tuple([
        Field(place=place, kind=kind, count=len(sizes), least=min(sizes), most=max(sizes))
        for (place, kind), sizes in found.items()
    ])  # fmt: skip


class Paths:
    """All routes of an assistant, and which of their words may be shown.

    A word is shown where it was seen often, and stands with few others at its place: an API has few words, people have many
    names. Whoever writes a word into a path often enough, alone, will see it here; so an admin's role is asked for.
    """

    def __init__(self) -> None:
        self._seen: Counter[Route] = Counter()
        self._unknown: Counter[Route] = Counter()

    def count(self, found: Route, *, unknown: bool) -> None:
        """Note an exchange; `unknown`: nothing understood it."""
        if found not in self._seen and len(self._seen) >= ROUTES:
            found = (found[0], (OTHER,) * len(found[1]))
        self._seen[found] += 1
        if unknown:
            self._unknown[found] += 1

    def unknown(self) -> list[Counted]:
        """Routes that nothing understood, the most frequent first."""
        shown = self._shown()
        counts: Counter[str] = Counter()
        for found, count in self._unknown.items():
            counts[shown.get(found, OTHER)] += count
        return [Counted(route=name, count=count) for name, count in counts.most_common()]

    def written(self, routes: Iterable[Route]) -> list[str]:
        """Routes as they may be shown."""
        shown = self._shown()
        return [shown.get(each, f"{each[0]} /{OTHER}") for each in routes]

    def _shown(self) -> dict[Route, str]:
        """Place by place from the left: words that are shown, and all others as one."""
        done: dict[Route, tuple[str, ...]] = dict.fromkeys(self._seen, ())
        for at in range(DEEP):
            words: dict[tuple[str, tuple[str, ...]], Counter[str]] = defaultdict(Counter)
            for found, before in done.items():
                if at < len(found[1]):
                    words[found[0], before][found[1][at]] += self._seen[found]
            for found, before in done.items():
                if at < len(found[1]):
                    beside = words[found[0], before]
                    word = found[1][at]
                    known = beside[word] >= OFTEN and len(beside.keys() - {OTHER, ""}) <= FEW
                    done[found] = (*before, word if known or not word else OTHER)
        return {found: f"{found[0]} /{'/'.join(parts)}" for found, parts in done.items()}
