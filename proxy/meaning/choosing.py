"""Which preset reads an exchange, and how sure that is. What no preset knows is skipped, not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from proxy.meaning.facts import FactReader
from proxy.meaning.functions import false
from proxy.meaning.presets import FeedbackRules, Preset, SkipReason

Confidence = Literal[
    "path_and_shape",  # the route, and the body has the fields of this API
    "path",  # the route; the body could not be read
    "shape",  # no route is known; user text and answer must both be found
]


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


_NO_GROUPS: Final[Mapping[str, str]] = {}


class Choosing:
    """Chooses among the presets of one assistant: the named ones, or all for "auto". `generic` feedback is always known."""

    def __init__(self, presets: Mapping[str, Preset], wanted: str | Sequence[str], facts: FactReader) -> None:
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        chosen = tuple(presets) if "auto" in names else names
        self.presets = tuple(sorted((presets[name] for name in chosen), key=lambda preset: (not preset.routes, preset.id)))
        self._generic = presets.get("generic")
        self.named = "auto" not in names
        self._facts = facts

    def all_presets(self) -> tuple[Preset, ...]:
        """Every preset that may read an exchange of this assistant."""
        generic = self._generic
        return self.presets if generic is None or generic in self.presets else (*self.presets, generic)

    def choose(self, method: str, path: str, body: Any) -> Choice | None:
        """The preset for a request; `body` is None when it could not be read."""
        for preset in self.presets:
            if not preset.routes and method == "POST" and body is not None and self._shaped(preset, body):
                return Choice(preset, _NO_GROUPS, "shape")
            for route in preset.routes:
                groups = route.groups(method, path)
                if groups is None:
                    continue
                if body is None:
                    return Choice(preset, groups, "path")
                if self._shaped(preset, body):
                    return Choice(preset, groups, "path_and_shape")
        return None

    def skip(self, method: str, path: str) -> SkipReason | None:
        """The reason for which a request near a known API is no turn."""
        for preset in self.presets:
            for skip in preset.skips:
                if skip.route.groups(method, path) is not None:
                    return skip.reason
        return None

    def feedback(self, method: str, path: str) -> FeedbackChoice | None:
        """The feedback rules for a request."""
        for preset in self.all_presets():
            for rules in preset.feedback:
                groups = rules.route.groups(method, path)
                if groups is not None:
                    return FeedbackChoice(preset.id, rules, groups)
        return None

    def _shaped(self, preset: Preset, body: Any) -> bool:
        return all(not false(self._facts.get(shape, body, preset.id)) for shape in preset.shape)
