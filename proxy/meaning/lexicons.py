"""Lists of words with the feeling they carry, compiled from plain data: those of `config/sentiment`, and an operator's own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

import msgspec

from proxy.meaning.tables import Fault, RulesError, Table

STRONGEST: Final = 3.0
"""The weight of a word at either end; an operator's own may not outweigh those that ship."""

LENGTH: Final = 6
"""Words of an entry at most: longer ones are sentences, which nobody says twice."""

ENTRIES: Final = 2000
"""Entries of an own list: some hundred kilobytes once compiled."""

_TOKEN: Final = re.compile(r"(?:[cdjlmnst]|qu)'(?=[a-z]{2})|[a-z0-9]+(?:'[a-z]+)?|[.!?;,:\n\u2026]")
_QUOTES: Final = {0x2019: "'", 0x2018: "'", 0x153: "oe", 0xE6: "ae"}

Entries = Mapping[str, tuple[tuple[tuple[str, ...], float], ...]]
"""By their first word: the words of an entry and its weight, the longest first."""


Kind = Literal["polite", "words", "thanks", "but", "over", "trouble", "worse"]
Told = Mapping[str, tuple[tuple[tuple[str, ...], Kind, float], ...]]
"""Entries of several lists in one, so that a word is looked up once; of two as long the list named first holds it."""


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """One language. Every entry has a weight; of lists that only say what a word is for, it is 1."""

    words: Entries  # opinions and moods
    sharp: Entries  # reproaches that are questions
    thanks: Entries
    polite: Entries  # that say nothing
    trouble: Entries  # what goes wrong: no opinion by itself
    over: Entries  # that it is over
    worse: Entries  # that it is not the first time
    nots: Entries
    more: Entries
    less: Entries
    but: Entries
    asks: Entries  # how a question of the matter begins
    task: Entries  # how work with somebody else's words begins
    plain: frozenset[str]  # words by which the language is known
    told: Told  # all that a statement is asked for


def folded(text: str) -> str:
    """Lower case, without accents, with one kind of apostrophe, and nothing that is not ASCII then."""
    text = text.lower()
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text.translate(_QUOTES)).encode("ascii", "ignore").decode()


def tokens(text: str) -> list[str]:
    """Words and stops of a folded text; elided articles and pronouns apart."""
    return _TOKEN.findall(text)


def at(entries: Entries, said: list[str], place: int) -> tuple[int, float]:
    """How many words from a place on are an entry, and its weight; (0, 0.0) without one."""
    for words, weight in entries.get(said[place], ()):
        if len(words) == 1 or tuple(said[place : place + len(words)]) == words:
            return len(words), weight
    return 0, 0.0


_LISTS: Final = ("thanks", "polite", "trouble", "over", "worse", "nots", "more", "less", "but", "asks", "task")


def compile_lexicons(raw: Mapping[str, object]) -> dict[str, Lexicon]:
    """Compile the lists of languages, keyed by name; raises `RulesError` with every fault."""
    faults: list[Fault] = []
    found = {name: _lexicon(Table(value, name, faults)) for name, value in raw.items()}
    if faults:
        raise RulesError(tuple(faults))
    return found


def _lexicon(table: Table) -> Lexicon:
    table.text("title", needed=True)
    words, sharp = _weighted(table, "words"), _weighted(table, "sharp")
    lists = {name: entries((text, 1.0) for text in table.texts(name)) for name in _LISTS}
    plain = {word for text in (*table.texts("plain"), *table.texts("asks")) for word in tokens(folded(text))}
    table.close()
    return Lexicon(words=words, sharp=sharp, **lists, plain=frozenset(plain), told=_told({**lists, "words": words}))


def _told(lists: Mapping[str, Entries]) -> Told:
    found: dict[str, list[tuple[tuple[str, ...], Kind, float]]] = {}
    for kind in get_args(Kind):
        for first, each in lists[kind].items():
            found.setdefault(first, []).extend((words, kind, weight) for words, weight in each)
    return {first: tuple(sorted(each, key=lambda entry: -len(entry[0]))) for first, each in found.items()}


def compile_own(raw: Mapping[str, object]) -> dict[str, Entries]:
    """Compile operators' own lists, keyed by path; raises `RulesError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, Entries] = {}
    for name, value in raw.items():
        table, before = Table(value, name, faults), len(faults)
        found[name] = _weighted(table, "words")
        if not found[name] and len(faults) == before:
            table.fault("words", "has no word")
        table.close()
    if faults:
        raise RulesError(tuple(faults))
    return found


def _weighted(table: Table, key: str) -> Entries:
    words = table.table(key)
    weighed: list[tuple[str, float]] = []
    for text in words.every():
        weight = words.raw(text)
        if type(weight) not in (int, float) or not -STRONGEST <= weight <= STRONGEST:
            words.fault(text, f"a weight from {-STRONGEST:g} to {STRONGEST:g} is needed")
        elif not 0 < len(tokens(folded(text))) <= LENGTH:
            words.fault(text, f"one to {LENGTH} words are needed")
        else:
            weighed.append((text, float(weight)))
    if len(weighed) > ENTRIES:
        words.fault("", f"has more than {ENTRIES} words")
    return entries(weighed)


def entries(weighed: Iterable[tuple[str, float]]) -> Entries:
    """Entries by their first words."""
    found: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for text, weight in weighed:
        words = tuple(tokens(folded(text)))
        if words:
            found.setdefault(words[0], []).append((words, weight))
    return {first: tuple(sorted(each, key=lambda entry: -len(entry[0]))) for first, each in found.items()}
