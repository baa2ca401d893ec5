"""Markers: rules that recognise an event in tool names and, as a last resort, in phrases.

A file has rules for what the assistant says, what the user says, and tool names. All rules of some files for a speaker are also
one pattern, which says in one pass over a text, some 2 ns for each byte, that nothing is there (measured: a list of literals
costs four times as much; one pattern for all files outgrows RE2's memory, and is then five hundred times as slow). Only then is
it judged by sentences: spans in `remove` mean something else ("human resources") and are taken out first; a sentence with one of
`never` is left alone, and all of the text from one with `draft` on, which is somebody else's words; a clause with one of
`negation` promises nothing, though it may refuse. In a sentence that asks, or with one of `offer`, a handover is only offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from proxy.kpi.events import Mark, MarkKind, MarkSource
from proxy.meaning.patterns import Pattern
from proxy.meaning.phrases import Sentence, outline, prepare, sentences

SHORT: Final = 300
"""Prepared characters up to which an answer is judged a fallback wherever the phrase stands. In a longer one it must be in
the first two sentences: an answer that explains much and regrets one gap is an answer."""

BUNDLE: Final = 25_000
"""Characters of rules in one pattern. RE2's automaton for 94,000 of them did not fit in `patterns.MEMORY`, and it then takes
milliseconds for a text. Rules are bundled, not files: one of those that ship has 105,000.
Smaller bundles fit as well, and each costs another 4 us a text."""

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GAP: Final = re.compile(r"\.\{0,\d+\}\??")


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
        self._assistant = _Speaker(tuple(file.assistant for file in kept if file.assistant) if phrases else ())
        self._user = _Speaker(tuple(file.user for file in kept if file.user) if phrases else ())
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


class _Speaker:
    """The sides of one speaker in all files, with patterns that tell which of them have rules that may hit."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self._sides = sides
        self._bundles = tuple([(_any(texts), places) for texts, places in bundled(sides)])
        self._clauses = any(side.source == "phrase_user" for side in sides)

    def marks(self, text: str) -> tuple[Mark, ...]:
        if not self._bundles or not text:
            return ()
        prepared = prepare(text)
        outlined = outline(prepared, clauses=self._clauses)
        near = {place for any_rule, places in self._bundles if any_rule.hits(outlined) for place in places}
        if not near:
            return ()
        units = sentences(prepared)
        whole = b" ".join(prepared.split())
        marks: dict[MarkKind, Mark] = {}
        for side in [self._sides[place] for place in sorted(near)]:
            for sentence in [Sentence(whole, asks=whole.endswith(b"?"), first=True)] if side.whole else _own(side, units):
                for rule in _hits(side, sentence, short=len(prepared) <= SHORT):
                    marks.setdefault(rule.kind, Mark(rule.kind, side.source, rule.id))
        return tuple(marks.values())


def bundled(sides: Sequence[Side]) -> list[tuple[list[str], set[int]]]:
    """The texts of all rules within `BUNDLE` each, and the places of the sides that they are of."""
    bundles: list[tuple[list[str], set[int]]] = []
    size = BUNDLE
    for place, side in enumerate(sides):
        for text in _texts(side):
            size += len(text)
            if size > BUNDLE:
                bundles.append(([], set()))
                size = len(text)
            bundles[-1][0].append(text)
            bundles[-1][1].add(place)
    return bundles


def _any(texts: Iterable[str]) -> Pattern:
    """One pattern that hits where a rule may. Gaps without a count hit at least as often, and leave the automaton small."""
    return Pattern("(?m)" + "|".join([f"(?:{_GAP.sub('.*', text)})" for text in texts]))


def _texts(side: Side) -> list[str]:
    return [rule.pattern.text for rule in (*side.rules, *side.offered)]


def _own(side: Side, units: list[Sentence]) -> Iterable[Sentence]:
    """Give the sentences before a draft."""
    for sentence in units:
        if any(pattern.hits(sentence.text) for pattern in side.draft):
            return
        yield sentence


def _hits(side: Side, sentence: Sentence, *, short: bool) -> Iterable[Rule]:
    for pattern in side.remove:
        if (text := pattern.without(sentence.text, b" ~ ")) is not sentence.text:
            sentence = msgspec.structs.replace(sentence, text=text)
    if any(pattern.hits(sentence.text) for pattern in side.never):
        return
    offering = bool(side.offer) and (sentence.asks or any(pattern.hits(sentence.text) for pattern in side.offer))
    candidates = (*side.offered, *side.rules) if offering else side.rules
    clauses = [sentence.text, *sentence.clauses()] if side.negation else [sentence.text]
    said = [clause for clause in clauses if not any(pattern.hits(clause) for pattern in side.negation)]
    for rule in candidates:
        if rule.kind in ("no_answer", "refused_policy") and not (short or sentence.first):
            continue
        if any(rule.pattern.hits(clause) for clause in (said if rule.kind in _NEGATABLE else clauses)):
            if offering and rule.kind == "handover_started":
                yield Rule("handover_offered", rule.id, rule.pattern)
            else:
                yield rule
