"""Regular expressions on RE2: linear in the text whatever the pattern, so that no payload can stall the observer.

RE2 has no lookaround; what a lookahead would exclude is written as a second pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

MEMORY: int = 16 * 1024 * 1024
"""Bytes that RE2 may use for one pattern's automaton before it falls back to the slower one."""


class PatternError(ValueError):
    """A text that is no RE2 pattern."""


class Pattern:
    """A compiled pattern over ASCII or UTF-8 bytes."""

    __slots__ = ("_inner", "text")

    def __init__(self, text: str) -> None:
        try:
            self._inner: Any = re2.compile(text, self.options())
        except re2.error as error:
            what = error.args[0] if error.args else ""
            raise PatternError(what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what)) from error
        self.text = text

    @staticmethod
    def options() -> Any:
        """How every pattern is compiled."""
        options = re2.Options()
        options.log_errors = False
        options.max_mem = MEMORY
        return options

    def hits(self, text: bytes) -> bool:
        """Whether the pattern occurs in UTF-8 bytes."""
        return self._inner.search(text) is not None

    def without(self, text: bytes, filler: bytes) -> bytes:
        """The text with each occurrence replaced."""
        if self._inner.search(text) is None:
            return text
        changed: bytes = self._inner.sub(filler, text)
        return changed

    def groups(self, path: str) -> dict[str, str] | None:
        """The named groups of the first occurrence in a path, percent-decoded; None without one."""
        found = self._inner.search(path.encode("utf-8", "replace"))
        if found is None:
            return None
        return {name: unquote(value.decode("utf-8", "replace")) for name, value in found.groupdict().items() if value}


def glob(text: str) -> Pattern:
    """A text in which only `*` is special, as a pattern over the whole of a case-folded one."""
    return Pattern("^" + ".*".join(_quoted(part) for part in text.casefold().split("*")) + "$")


def _quoted(text: str) -> str:
    return "".join(f"\\x{{{ord(letter):x}}}" for letter in text)


class PatternSet:
    """Many patterns searched in one pass: which of them occur."""

    __slots__ = ("_inner",)

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._inner: Any = re2.Set.SearchSet(Pattern.options())
        for pattern in patterns:
            self._inner.Add(pattern.text)
        self._inner.Compile()

    def hits(self, text: str) -> list[int]:
        """The places of those that occur, rising."""
        return sorted(self._inner.Match(text.encode("utf-8", "replace")) or ())
