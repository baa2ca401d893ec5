"""What an exchange is: a call that a preset reads, feedback, or none of it; and how sure that is. Nothing is guessed.

All routes of all presets of an assistant are one set of patterns, searched in one pass. Which of those found may be meant, by the
fields that their shapes need of a body, is remembered: nearly all calls are like those before them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from proxy.meaning.facts import FactReader
from proxy.meaning.functions import false
from proxy.meaning.patterns import PatternSet
from proxy.meaning.presets import Preset
from proxy.meaning.routes import Route
from proxy.meaning.rules import Condition, FeedbackRules, Skip, SkipReason
from proxy.meaning.sieve import may_hold

Confidence = Literal[
    "path_and_shape",  # the route, and the body has the fields of this API
    "path",  # the route; the body could not be read
    "header",  # a header that only this API has
    "shape",  # no route is known; the body has the fields of this API
    "guess",  # customary field names; user text and answer must both be found
]


class Call(msgspec.Struct, frozen=True):
    """A request's head and decoded body, None when that could not be read, and the answer's headers."""

    method: str
    path: str
    body: Any
    headers: Mapping[str, str]
    response_headers: Mapping[str, str]
    socket: bool = False  # the connection was upgraded


class Choice(msgspec.Struct, frozen=True):
    """A preset, the named groups of its path, and the confidence."""

    preset: Preset
    groups: Mapping[str, str]
    confidence: Confidence


class FeedbackChoice(msgspec.Struct, frozen=True):
    """The feedback rules of a preset, and the named groups of the path."""

    preset: str
    rules: FeedbackRules
    groups: Mapping[str, str]


REMEMBERED: Final = 256
"""Outlines of calls of which it is remembered what they may be, some 1 KiB each: the routes that their paths have, and fields."""
LONGEST: Final = 512
"""Characters of the fields of a call that is remembered."""

_Entry = tuple[Route, Preset, FeedbackRules | Skip | None]
_NO_GROUPS: Final[Mapping[str, str]] = {}


class Choosing:
    """Chooses among the presets of one assistant: the named ones, or all for "auto". `generic` feedback is always known."""

    def __init__(self, presets: Mapping[str, Preset], wanted: str | Sequence[str], facts: FactReader) -> None:
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        self.named = "auto" not in names
        chosen = [presets[name] for name in (names if self.named else sorted(presets))]
        generic = presets.get("generic")
        beside = chosen if generic is None or generic in chosen else [*chosen, generic]
        beside.sort(key=lambda preset: (preset.id == "generic", preset.id))
        feedback: list[_Entry] = [(rules.route, preset, rules) for preset in beside for rules in preset.feedback]
        skips: list[_Entry] = [(skip.route, preset, skip) for preset in chosen for skip in preset.skips]
        routes: list[_Entry] = [(route, preset, None) for preset in chosen for route in preset.routes]
        self._entries = (*feedback, *skips, *sorted(routes, key=_vagueness))
        self._set = PatternSet(route.path for route, _, _ in self._entries)
        self._facts = facts
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._sifted)

    def choose(self, call: Call) -> Choice | FeedbackChoice | SkipReason | None:
        """What the call is. Feedback is asked for first, then what is no turn, then presets from the surest on."""
        for route, preset, rules in self._near(call.method, call.path, call.body):
            if route.by_header and not route.headed(call.headers, call.response_headers):
                continue
            match rules:
                case _ if call.socket is not (rules is None and preset.socket is not None):
                    continue
                case None:
                    confidence = self._confidence(route, preset, call.body)
                    if confidence is not None:
                        return Choice(preset, _groups(route, call.path), confidence)
                case FeedbackRules(shape=shape):
                    if self._shaped(preset, shape, call.body):
                        return FeedbackChoice(preset.id, rules, _groups(route, call.path))
                case Skip(shape=shape):
                    if self._shaped(preset, shape, call.body):
                        return rules.reason
        return None

    def _near(self, method: str, path: str, body: Any) -> tuple[_Entry, ...]:
        """The entries that a call may be, by all that can be known of it without the values in its body."""
        places = tuple(self._set.hits(path.encode("utf-8", "replace")))
        fields = tuple(body) if type(body) is dict else None
        few = fields is None or sum(map(len, fields)) <= LONGEST
        return (self._remembered if few else self._sifted)(method, places, fields)

    def _sifted(self, method: str, places: tuple[int, ...], fields: tuple[str, ...] | None) -> tuple[_Entry, ...]:
        found = [self._entries[at] for at in places]
        return tuple([entry for entry in found if method in entry[0].methods and _may(entry, fields)])

    def _confidence(self, route: Route, preset: Preset, body: Any) -> Confidence | None:
        if body is None:
            return "header" if route.by_header else None if route.anywhere or preset.narrowed else "path"
        if not self._shaped(preset, preset.shape, body):
            return None
        if not route.anywhere:
            return "path_and_shape"
        return "header" if route.by_header else "shape" if preset.shape else "guess"

    def _shaped(self, preset: Preset, shape: tuple[Condition, ...], body: Any) -> bool:
        return not any(false(self._facts.get(condition.holds, body, preset.id)) for condition in shape)


def _may(entry: _Entry, fields: tuple[str, ...] | None) -> bool:
    """Whether the shape of an entry may hold for a body of these fields, None for one that is no object."""
    _, preset, rules = entry
    shape = preset.shape if rules is None else rules.shape
    return fields is None or all(may_hold(condition.tree, fields) for condition in shape)


def _groups(route: Route, path: str) -> Mapping[str, str]:
    return (route.path.groups(path) or _NO_GROUPS) if "(?P<" in route.path.text else _NO_GROUPS


def _vagueness(entry: _Entry) -> tuple[bool, bool, bool, int, str]:
    """Routes before shapes before guesses; what extends a preset before that preset."""
    route, preset, _ = entry
    return route.anywhere, not route.by_header, not preset.shape, -preset.depth, preset.id
