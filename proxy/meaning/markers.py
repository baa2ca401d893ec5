"""Markers: rules that recognise an event in tool names and, as a last resort, in phrases.

A file has rules for what the assistant says, what the user says, and tool names. The words that the rules of all files need are
looked for in one pass over a text, some 2 ns for each byte: often that says that no rule can hit. Else words are looked for in
each line, and the rules whose words are there; only where one hits is the text judged by sentences. (One pattern of all rules
outgrew RE2's memory. Ten patterns of a tenth of them each took ten times as long, and more on words not met before.)

Spans in `remove` mean something else ("human resources") and are taken out of a sentence; one with one of `never` is left alone,
and all of the text from one with `draft` on: somebody else's words; a clause with one of `negation` promises nothing, though it
may refuse. A sentence that asks, or has one of `offer`, only offers a handover.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from proxy.kpi.events import Mark, MarkKind, MarkSource
from proxy.meaning.patterns import Filter, Pattern, unbound
from proxy.meaning.phrases import Sentence, outline, prepare, sentences

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

_EARLY: Final = frozenset({"no_answer", "refused_policy"})
"""Kinds that count at the beginning of a long answer only (see SHORT)."""

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


class _Candidate:
    """A rule that may hit, and where it belongs. `offered`: only where a sentence offers something."""

    __slots__ = ("_anywhere", "offered", "place", "rule")

    def __init__(self, place: int, rule: Rule, *, offered: bool) -> None:
        self.place = place
        self.rule = rule
        self.offered = offered
        self._anywhere: Pattern | None = None

    def near(self, line: bytes) -> bool:
        """Whether the rule hits some part of a line."""
        if self._anywhere is None:  # made when it is needed: most rules never are
            self._anywhere = unbound(self.rule.pattern)
        return self._anywhere.hits(line)

    def hits(self, sentence: Sentence, *, parted: bool) -> bool:
        """Whether the rule hits a sentence, or one of its clauses where it is parted in them and the rule asks for their ends."""
        hits = self.rule.pattern.hits
        if hits(sentence.text):
            return True
        bound = self._anywhere is not self.rule.pattern
        return parted and bound and any(hits(clause) for clause in sentence.clauses())


class _Speaker:
    """The sides of one speaker in all files, with a filter that tells which of their rules may hit."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self._sides = tuple([_Judging(side) for side in sides])
        self._rules = tuple(
            [
                _Candidate(place, rule, offered=offered)
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
        candidates = [self._rules[at] for at in self._filter.may(whole)]
        if not candidates:
            return ()
        short = len(prepared) <= SHORT
        marks: dict[MarkKind, Mark] = {}
        units: list[Sentence] = []
        for place, near in sorted(self._near(candidates, prepared).items()):
            judging = self._sides[place]
            if judging.side.whole:
                said = [Sentence(whole, asks=whole.endswith(b"?"), first=True)]
            else:
                said = units = units or sentences(prepared)
            for rule in judging.found(near, said, short=short):
                marks.setdefault(rule.kind, Mark(rule.kind, judging.side.source, rule.id))
        return tuple(marks.values())

    def _near(self, candidates: Sequence[_Candidate], prepared: bytes) -> dict[int, list[_Candidate]]:
        """By the place of its side, each rule that may hit a sentence of a text, or all of it."""
        near = [candidate for candidate in candidates if self._sides[candidate.place].side.whole]
        if len(near) < len(candidates):
            near += self._of_sentences(outline(prepared))
        places: dict[int, list[_Candidate]] = {}
        for candidate in near:
            places.setdefault(candidate.place, []).append(candidate)
        return places

    def _of_sentences(self, outlined: bytes) -> list[_Candidate]:
        """The rules that may hit a line: their words are there, and without their bounds they hit, or words may come together."""
        taking = [judging.takes_out(outlined) for judging in self._sides]
        found: set[int] = set()
        for line in outlined.split(b"\n"):
            for at in self._filter.may(line):
                candidate = self._rules[at]
                judging = self._sides[candidate.place]
                if at not in found and (candidate.near(line) or (taking[candidate.place] and judging.takes_out(line))):
                    found.add(at)
        return [self._rules[at] for at in sorted(found) if not self._sides[self._rules[at].place].side.whole]


@lru_cache(maxsize=2 * SHARED)
def _speaker(sides: tuple[Side, ...]) -> _Speaker:
    return _Speaker(sides)


class _Judging:
    """Judges texts by the rules of one side. What says that a rule does not count is asked of those that hit."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._remove = Pattern("|".join([f"(?:{pattern.text})" for pattern in side.remove])) if side.remove else None

    def takes_out(self, text: bytes) -> bool:
        """Whether something in a text means something else."""
        return self._remove is not None and self._remove.hits(text)

    def found(self, near: Sequence[_Candidate], units: Sequence[Sentence], *, short: bool) -> Iterable[Rule]:
        """Give the rules that hit, sentence by sentence, up to a draft."""
        end: int | None = None
        for at, sentence in enumerate(units):
            hits = self._hits(sentence, near, short=short)
            if hits and end is None:
                end = self._drafted(units)
            if end is not None and at >= end:
                return
            yield from hits

    def _drafted(self, units: Sequence[Sentence]) -> int:
        """Where a draft begins; past the end where none does."""
        drafts = (at for at, sentence in enumerate(units) if any(pattern.hits(sentence.text) for pattern in self.side.draft))
        return next(drafts, len(units))

    def _hits(self, sentence: Sentence, near: Iterable[_Candidate], *, short: bool) -> list[Rule]:
        side = self.side
        if self.takes_out(sentence.text):
            for pattern in side.remove:
                sentence = msgspec.structs.replace(sentence, text=pattern.without(sentence.text, b" ~ "))
        early = short or sentence.first
        parted = bool(side.negation)
        hitting = [each for each in near if (early or each.rule.kind not in _EARLY) and each.hits(sentence, parted=parted)]
        if not hitting or any(pattern.hits(sentence.text) for pattern in side.never):
            return []
        offering = bool(side.offer) and (sentence.asks or any(pattern.hits(sentence.text) for pattern in side.offer))
        clauses = [sentence.text, *sentence.clauses()] if parted else [sentence.text]
        said = [clause for clause in clauses if not any(pattern.hits(clause) for pattern in side.negation)]
        found = []
        for candidate in hitting:
            rule = candidate.rule
            if candidate.offered and not offering:
                continue
            if any(rule.pattern.hits(clause) for clause in (said if rule.kind in _NEGATABLE else clauses)):
                turned = offering and rule.kind == "handover_started"
                found.append(Rule("handover_offered", rule.id, rule.pattern) if turned else rule)
        return found
