"""Markers: rules that recognise an event in tool names and, as a last resort, in phrases.

A file has rules for what the assistant says, what the user says, and tool names. The words that the rules of all files need are
looked for in one pass over a text, some 2 ns for each byte. Nearly always that says that no rule can hit; else the same says of
each sentence which may. (One pattern of all rules outgrew RE2's memory. Ten patterns of a tenth of them each took ten times as
long, and thirty times on words that their automata had not met.)

A sentence that rules may hit is judged by them. Spans in `remove` mean something else ("human resources") and are taken out
first; a sentence with one of `never` is left alone, and all of the text from one with `draft` on: somebody else's words;
a clause with one of `negation` promises nothing, though it may refuse. A sentence that asks, or has one of `offer`, only offers a
handover.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from proxy.kpi.events import Mark, MarkKind, MarkSource
from proxy.meaning.patterns import Filter, Pattern
from proxy.meaning.phrases import Sentence, prepare, sentences

SHORT: Final = 300
"""Prepared characters up to which an answer is judged a fallback wherever the phrase stands. In a longer one it must be in
the first two sentences: an answer that explains much and regrets one gap is an answer."""

SHARED: Final = 8
"""Choices of files whose filters are kept for all assistants that make them: a tenth of a second each."""

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


ASSISTANT_CLASSES: Final[Mapping[MarkKind, str]] = {
    "handover_started": "started",
    "handover_offered": "offered",
    "handover_refused": "refused",
    "ticket_created": "ticket_created",
    "ai_transfer": "ai_transfer",
    "refused_policy": "refused_policy",
    "no_answer": "no_answer",
}
USER_CLASSES: Final[Mapping[MarkKind, str]] = {"handover_requested": "requested"}
"""A text may have several marks and has one class: the first of these that is among them, else "none"."""

_NEGATABLE: Final = frozenset({"handover_started", "handover_offered", "handover_requested"})
"""Kinds that a negation takes back. The others are said by a negation as a rule ("I can't transfer you")."""


class Rule(msgspec.Struct, frozen=True):
    """One pattern with the mark it makes and the id that evidence shows."""

    kind: MarkKind
    id: str
    pattern: Pattern


class Side(msgspec.Struct, frozen=True):
    """The phrase rules of a file for one speaker. `whole`: a rule must cover the text, not a sentence of it."""

    source: MarkSource
    rules: tuple[Rule, ...]
    remove: tuple[Pattern, ...] = ()
    never: tuple[Pattern, ...] = ()
    draft: tuple[Pattern, ...] = ()
    negation: tuple[Pattern, ...] = ()
    offer: tuple[Pattern, ...] = ()
    offered: tuple[Rule, ...] = ()
    whole: bool = False


def classed(marks: Iterable[Mark], classes: Mapping[MarkKind, str]) -> tuple[str, str]:
    """The class of a text with these marks and the id of the rule that gave it; ("none", "") without one."""
    rules = {mark.kind: mark.rule for mark in marks}
    return next(((name, rules[kind]) for kind, name in classes.items() if kind in rules), ("none", ""))


class MarkerFile(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled file of `config/markers`."""

    id: str
    title: str
    assistant: Side | None
    user: Side | None
    tools: tuple[Rule, ...]
    tools_never: tuple[Pattern, ...]
    examples: Mapping[str, Any]


class Markers:
    """The marker files that apply to an assistant, with its own tool names for a handover."""

    def __init__(self, files: Iterable[MarkerFile], *, handover_tools: Iterable[str] = (), phrases: bool = True) -> None:
        kept = tuple(files)
        self._assistant = _speaker(tuple([file.assistant for file in kept if file.assistant]) if phrases else ())
        self._user = _speaker(tuple([file.user for file in kept if file.user]) if phrases else ())
        self._files = kept
        self._own_tools = frozenset(snake(name) for name in handover_tools)

    def assistant(self, text: str) -> tuple[Mark, ...]:
        """Marks in what the assistant said."""
        return self._assistant.marks(text)

    def user(self, text: str) -> tuple[Mark, ...]:
        """Marks in what the user said."""
        return self._user.marks(text)

    def tools(self, names: Iterable[str]) -> tuple[Mark, ...]:
        """Marks in the names of called tools."""
        marks: dict[MarkKind, Mark] = {}
        for name in map(snake, names):
            if name in self._own_tools:
                marks["handover_started"] = Mark("handover_started", "tool_call", "settings/handover_tools")
                continue
            for rule in self._tool_rules(name.encode()):
                marks.setdefault(rule.kind, Mark(rule.kind, "tool_call", rule.id))
                break  # a tool means one thing: the first rule of a file says which
        return tuple(marks.values())

    def _tool_rules(self, name: bytes) -> Iterable[Rule]:
        for file in self._files:
            if not any(pattern.hits(name) for pattern in file.tools_never):
                yield from (rule for rule in file.tools if rule.pattern.hits(name))


def snake(name: str) -> str:
    """A tool's name in lower_snake_case: `transferToHuman`, `TransferToHuman`, `transfer-to-human` are one name."""
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name).lower()).strip("_")


class _Candidate(msgspec.Struct, frozen=True):
    """A rule that may hit, and where it belongs. `offered`: only where a sentence offers something."""

    place: int
    rule: Rule
    offered: bool


class _Speaker:
    """The sides of one speaker in all files, with a filter that tells which of their rules may hit."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self._sides = sides
        self._rules = tuple(
            [
                _Candidate(place, rule, offered)
                for place, side in enumerate(sides)
                for offered, rules in ((True, side.offered), (False, side.rules))
                for rule in rules
            ]
        )
        self._filter = Filter([candidate.rule.pattern for candidate in self._rules])

    def marks(self, text: str) -> tuple[Mark, ...]:
        if not self._rules or not text:
            return ()
        prepared = prepare(text)
        whole = prepared if b"\n" not in prepared else b" ".join(prepared.split())
        near = self._near(whole)
        if not near:
            return ()
        short = len(prepared) <= SHORT
        units: list[_Unit] | None = None
        marks: dict[MarkKind, Mark] = {}
        for place in sorted({candidate.place for candidate in near}):
            side = self._sides[place]
            if side.whole:
                said: Sequence[_Unit] = [(Sentence(whole, asks=whole.endswith(b"?"), first=True), near)]
            else:
                if units is None:
                    units = [(sentence, self._near(sentence.text)) for sentence in sentences(prepared)]
                said = units
            for rule in _found(side, place, said, short=short):
                marks.setdefault(rule.kind, Mark(rule.kind, side.source, rule.id))
        return tuple(marks.values())

    def _near(self, text: bytes) -> list[_Candidate]:
        return [self._rules[at] for at in self._filter.may(text)]


@lru_cache(maxsize=2 * SHARED)
def _speaker(sides: tuple[Side, ...]) -> _Speaker:
    return _Speaker(sides)


_Unit = tuple[Sentence, Sequence[_Candidate]]
"""A sentence with the rules that may hit it."""


def _found(side: Side, place: int, units: Sequence[_Unit], *, short: bool) -> Iterable[Rule]:
    """Give the rules that hit, sentence by sentence, up to a draft."""
    end: int | None = None
    for at, (sentence, near) in enumerate(units):
        own = [candidate for candidate in near if candidate.place == place]
        if own and (hits := list(_hits(side, sentence, own, short=short))):
            if end is None:
                end = _drafted(side, units)
            if at >= end:
                return
            yield from hits


def _drafted(side: Side, units: Sequence[_Unit]) -> int:
    """Where a draft begins; past the end where none does."""
    drafts = (at for at, (sentence, _) in enumerate(units) if any(pattern.hits(sentence.text) for pattern in side.draft))
    return next(drafts, len(units))


def _hits(side: Side, sentence: Sentence, near: Iterable[_Candidate], *, short: bool) -> Iterable[Rule]:
    for pattern in side.remove:
        if (text := pattern.without(sentence.text, b" ~ ")) is not sentence.text:
            sentence = msgspec.structs.replace(sentence, text=text)
    if any(pattern.hits(sentence.text) for pattern in side.never):
        return
    offering = bool(side.offer) and (sentence.asks or any(pattern.hits(sentence.text) for pattern in side.offer))
    clauses = [sentence.text, *sentence.clauses()] if side.negation else [sentence.text]
    said = [clause for clause in clauses if not any(pattern.hits(clause) for pattern in side.negation)]
    for candidate in near:
        rule = candidate.rule
        if candidate.offered and not offering:
            continue
        if rule.kind in ("no_answer", "refused_policy") and not (short or sentence.first):
            continue
        if any(rule.pattern.hits(clause) for clause in (said if rule.kind in _NEGATABLE else clauses)):
            if offering and rule.kind == "handover_started":
                yield Rule("handover_offered", rule.id, rule.pattern)
            else:
                yield rule
