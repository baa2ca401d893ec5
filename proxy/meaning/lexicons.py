"""Lists of words with the feeling they carry, compiled from plain data: those of `config/sentiment`, and an operator's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeVar, get_args

import msgspec

from proxy.meaning.letters import spelled
from proxy.meaning.spelling import Forms, Spelling, spelling
from proxy.meaning.tables import Fault, RulesError, Table

STRONGEST: Final = 3.0
"""The weight of a word at either end; an operator's own may not outweigh those that ship."""

LENGTH: Final = 6
"""Words of an entry at most: longer ones are sentences, which nobody says twice."""

ENTRIES: Final = 2000
"""Entries of an own list: some hundred kilobytes once compiled."""

_TOKEN: Final = re.compile(r"(?:[cdjlmnst]|qu)'(?=[a-z]{2})|[a-z0-9]+(?:'[a-z]+)?|[.!?;,:\n\u2026]")

Entries = Mapping[str, Mapping[str, tuple[tuple[tuple[str, ...], float], ...]]]
"""By their first word, and by their second or "": the words of an entry and its weight, the longest first. Dozens begin alike."""


Kind = Literal["polite", "words", "thanks", "but", "over", "trouble", "wanted", "worse"]
Told = Mapping[str, Mapping[str, tuple[tuple[tuple[str, ...], Kind, float], ...]]]
"""Entries of several lists in one, so that a word is looked up once; of two as long the list named first holds it."""

_Entry = TypeVar("_Entry", tuple[tuple[str, ...], float], tuple[tuple[str, ...], Kind, float])


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """One language. Every entry has a weight; of lists that only say what a word is for, it is 1."""

    words: Entries  # opinions and moods
    sharp: Entries  # reproaches that are questions
    thanks: Entries
    polite: Entries  # that say nothing
    trouble: Entries  # what goes wrong: no opinion by itself
    wanted: Entries  # what people wait for: trouble where it is denied
    over: Entries  # that it is over
    worse: Entries  # that it is not the first time
    nots: Entries
    more: Entries
    less: Entries
    but: Entries
    yours: Entries  # that something is the assistant's, or its makers'
    mine: Entries  # that something is the user's own
    it: Entries  # what stands for that which was spoken of before: an answer, most often
    hopes: Entries  # that something is yet to come
    asks: Entries  # how a question of the matter begins
    seeks: Entries  # how it begins in the midst of a sentence
    task: Entries  # how work with somebody else's words begins
    plain: frozenset[str]  # words by which the language is known
    says: frozenset[str]  # words of which each statement has one: without them it is keywords
    spelling: Spelling
    told: Told  # all that a statement is asked for


def folded(text: str) -> str:
    """Lower case, without accents, with one kind of apostrophe, and nothing that is not ASCII then."""
    return spelled(text).decode()


def tokens(text: str) -> list[str]:
    """Words and stops of a folded text; elided articles and pronouns apart."""
    return _TOKEN.findall(text)


def at(entries: Entries, said: list[str], place: int) -> tuple[int, float]:
    """How many words from a place on are an entry, and its weight; (0, 0.0) without one."""
    alike = entries.get(said[place])
    if alike is None:
        return 0, 0.0
    for second in said[place + 1 : place + 2], ():
        for words, weight in alike.get(second[0] if second else "", ()):
            if len(words) < 3 or tuple(said[place : place + len(words)]) == words:
                return len(words), weight
    return 0, 0.0


def told_at(told: Told, said: list[str], place: int) -> tuple[int, Kind, float] | None:
    """How many words from a place on are an entry of any list, which one it is, and its weight; None without one."""
    alike = told.get(said[place])
    if alike is None:
        return None
    for second in said[place + 1 : place + 2], ():
        for words, kind, weight in alike.get(second[0] if second else "", ()):
            if len(words) < 3 or tuple(said[place : place + len(words)]) == words:
                return len(words), kind, weight
    return None


_LISTS: Final = (
    *("thanks", "polite", "trouble", "wanted", "over", "worse", "nots", "more", "less", "but"),
    *("yours", "mine", "it", "hopes", "asks", "seeks", "task"),
)

_MARKED: Final = 1.5
"""Weight from which on a single word is known with a slip in it."""


def compile_lexicons(raw: Mapping[str, object]) -> dict[str, Lexicon]:
    """Compile the lists of languages, keyed by name; raises `RulesError` with every fault."""
    faults: list[Fault] = []
    found = {name: _lexicon(Table(value, name, faults)) for name, value in raw.items()}
    if faults:
        raise RulesError(tuple(faults))
    return found


def _lexicon(table: Table) -> Lexicon:
    table.text("title", needed=True)
    forms = _forms(table.table("spelled"))
    weighted = {key: entries(_weighed(table, key), forms) for key in ("words", "sharp")}
    lists = {name: entries([(text, 1.0) for text in table.texts(name)], forms) for name in _LISTS}
    plain = {word for text in (*table.texts("plain"), *table.texts("asks")) for word in tokens(folded(text))}
    says = frozenset(table.texts("says"))
    table.close()
    known = {word for each in (*weighted.values(), *lists.values()) for words, _ in _all(each) for word in words}
    marked = [words[0] for words, weight in _all(weighted["words"]) if len(words) == 1 and abs(weight) >= _MARKED]
    return Lexicon(
        **weighted,
        **lists,
        plain=frozenset({*plain, *forms}),
        says=says,
        told=_told({**lists, "words": weighted["words"]}),
        spelling=spelling(forms, {*known, *plain, *says}, marked),
    )


def _forms(table: Table) -> Forms:
    return {folded(typed): tuple(tokens(folded(table.text(typed)))) for typed in table.every()}


def _told(lists: Mapping[str, Entries]) -> Told:
    return _grouped((words, kind, weight) for kind in get_args(Kind) for words, weight in _all(lists[kind]))


def _all(entries: Entries) -> Iterator[tuple[tuple[str, ...], float]]:
    return (entry for alike in entries.values() for found in alike.values() for entry in found)


def compile_own(raw: Mapping[str, object]) -> dict[str, Entries]:
    """Compile operators' own lists, keyed by path; raises `RulesError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, Entries] = {}
    for name, value in raw.items():
        table, before = Table(value, name, faults), len(faults)
        found[name] = entries(_weighed(table, "words"), {})
        if not found[name] and len(faults) == before:
            table.fault("words", "has no word")
        table.close()
    if faults:
        raise RulesError(tuple(faults))
    return found


def _weighed(table: Table, key: str) -> list[tuple[str, float]]:
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
    return weighed


def entries(weighed: Iterable[tuple[str, float]], forms: Forms) -> Entries:
    """Entries by their first words, spelled as `forms` say."""
    return _grouped((tuple(_spelled(tokens(folded(text)), forms)), weight) for text, weight in weighed)


def _grouped(found: Iterable[_Entry]) -> dict[str, dict[str, tuple[_Entry, ...]]]:
    grouped: dict[str, dict[str, list[_Entry]]] = {}
    for entry in found:
        words = entry[0]
        if words:
            grouped.setdefault(words[0], {}).setdefault(words[1] if len(words) > 1 else "", []).append(entry)
    return {
        first: {second: tuple(sorted(each, key=lambda entry: -len(entry[0]))) for second, each in alike.items()}
        for first, alike in grouped.items()
    }


def _spelled(said: list[str], forms: Forms) -> list[str]:
    return [each for word in said for each in forms.get(word, (word,))]
