"""Regular expressions on RE2: linear in the text whatever the pattern, so that no payload can stall the observer.

RE2 has no lookaround; what a lookahead would exclude is written as a second pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

MEMORY: int = 16 * 1024 * 1024
"""Bytes that RE2 may use for one pattern's automaton before it falls back to the slower one."""

_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[\^$]", re.DOTALL)
"""What an anchor may be taken for: something escaped, a class; and an anchor."""


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

    def share(self, compiled: Any) -> None:
        """Go by what a filter has compiled of the same text: the phrase rules would stand in memory twice, at 10 MiB."""
        self._inner = compiled

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


def unbound(pattern: Pattern) -> Pattern:
    """The pattern without `^` and `$`: it hits wherever that hits a part of a text. The same where it has none."""
    text = _PIECE.sub(lambda piece: "(?:)" if piece.group() in ("^", "$") else piece.group(), pattern.text)
    return pattern if text == pattern.text else Pattern(text)


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

    def hits(self, text: bytes) -> list[int]:
        """The places of those that occur in UTF-8 bytes, rising."""
        return sorted(self._inner.Match(text) or ())


class Filter:
    """Many patterns: which of them may occur in a text, by the words that each of them needs (RE2's FilteredRE2).

    All words are looked for in one pass, some 2 ns a byte however many patterns there are. A pattern without a run of three
    fixed letters in each of its branches is always among them.
    """

    __slots__ = ("_parts",)

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._parts = tuple(_parts(patterns, 0))
        re2.purge()  # its cache is all that still holds what was compiled before

    def may(self, text: bytes) -> list[int]:
        """The places of those that may occur in a text of small letters, rising."""
        found: list[int] = []
        for start, inner in self._parts:
            found += [start] if inner is None else [start + at for at in inner.Match(text, potential=True) or ()]
        return found


def _parts(patterns: Sequence[Pattern], start: int) -> Iterator[tuple[int, Any]]:
    """Filters, each with the place of its first pattern. More than one where the words outgrow RE2's memory: some 80 KiB of them.

    None for a single pattern that does.
    """
    if not patterns:
        return
    inner = re2.Filter()
    for pattern in patterns:
        inner.Add(pattern.text, Pattern.options())
    try:
        inner.Compile()
    except re2.error:
        if half := len(patterns) // 2:
            yield from _parts(patterns[:half], start)
            yield from _parts(patterns[half:], start + half)
        else:
            yield start, None
    else:
        for at, pattern in enumerate(patterns):
            pattern.share(inner.re(at))
        yield start, inner
