"""What unanswered questions are about: themes that nobody can read before enough people have raised them.

A theme is two words of one question. What is kept of it is a lock and parts of its key (Shamir's secret sharing): the theme is
encrypted under a key that only `people` parts together give, and each person adds one, always the same. So the store opens a
theme by itself once that many people raised it, and holds nothing that could before, whoever reads it. That is a property of
what is stored; a promise to look away would have been the same bytes with a comment.

Parts name a person to this theme alone: those of one person for two themes have nothing in common. Who has the installation's
secret besides the store can try words that he guesses, and no others (`proxy.meaning.topics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

PRIME: Final = 2**127 - 1
"""Of the field in which keys are shared; a key is one of its numbers, 16 bytes."""
ROOM: Final = 44
"""Bytes of a theme: two words and the space between them."""
CHECK: Final = 4
"""Bytes by which a theme is known to have been opened with its own key."""


class Share(msgspec.Struct, frozen=True, array_like=True):
    """What one person's question adds to one theme."""

    theme: bytes  # 8 bytes that name it
    person: bytes  # 8 bytes that name its person here alone
    part: bytes  # 16 bytes of the key's parts
    sealed: bytes  # the theme, ROOM + CHECK bytes, the same from everybody


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A theme that enough people raised."""

    words: list[str]  # without accents, without the ending of a plural
    people: int
    turns: int


class Topics(msgspec.Struct, frozen=True, kw_only=True):
    """The themes of unanswered and handed-over turns of whole ISO weeks, the running one included; most people first."""

    from_: str = msgspec.field(name="from")
    to: str
    kept: bool  # whether they are kept at all (topics.kept)
    smallest: int  # people from whom on a theme is shown
    topics: list[Topic]
    hidden: int  # themes of fewer people
    full: bool = False  # a week had more themes than are kept


def sealed(theme: str, key: int) -> bytes:
    """Seal a theme of at most ROOM bytes under its key, which seals nothing else."""
    text = theme.encode().ljust(ROOM, b"\0")
    return _mixed(text + _check(text), key)


def part_of(coefficients: list[int], person: bytes) -> bytes:
    """Give a person's part of a key, the first of the coefficients."""
    at, value = int.from_bytes(person), 0
    for coefficient in reversed(coefficients):
        value = (value * at + coefficient) % PRIME
    return value.to_bytes(16)


def opened(lock: bytes, parts: Mapping[bytes, bytes], smallest: int) -> str | None:
    """Open a theme with the parts of its people; None with too few of them, or when they do not fit."""
    if len(parts) < smallest:
        return None
    points = [(int.from_bytes(person), int.from_bytes(part)) for person, part in list(parts.items())[:smallest]]
    text = _mixed(lock, _at_zero(points))
    theme, check = text[:ROOM], text[ROOM:]
    return theme.rstrip(b"\0").decode("ascii", "replace") if check == _check(theme) else None


def joined(found: Iterable[Topic]) -> list[Topic]:
    """Join themes of as many people and turns that share words: the pairs of one question, asked alike. Most people first."""
    groups: dict[tuple[int, int], list[set[str]]] = {}
    for each in found:
        alike = groups.setdefault((each.people, each.turns), [])
        near = [words for words in alike if not words.isdisjoint(each.words)]
        alike[:] = [words for words in alike if words.isdisjoint(each.words)] + [set(each.words).union(*near)]
    topics = [
        Topic(words=sorted(words), people=people, turns=turns) for (people, turns), alike in groups.items() for words in alike
    ]
    return sorted(topics, key=lambda each: (-each.people, -each.turns, each.words))


def _at_zero(points: list[tuple[int, int]]) -> int:
    """Lagrange's interpolation at 0."""
    total = 0
    for at, value in points:
        above = below = 1
        for other, _ in points:
            if other != at:
                above = above * other % PRIME
                below = below * (other - at) % PRIME
        total += value * above * pow(below, -1, PRIME)
    return total % PRIME


def _check(text: bytes) -> bytes:
    return blake2b(text, digest_size=CHECK).digest()


def _mixed(text: bytes, key: int) -> bytes:
    pad = blake2b(key.to_bytes(16), digest_size=ROOM + CHECK).digest()
    return bytes([one ^ other for one, other in zip(text, pad, strict=True)])
