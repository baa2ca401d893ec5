"""Facts of one exchange: what a preset reads from the request, and from one value of the answer (see `answering`).

Texts are kept only until the markers have judged them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.kpi.events import MarkKind
from proxy.meaning.closures import Getter
from proxy.meaning.functions import Unreadable, false
from proxy.meaning.presets import Preset
from proxy.meaning.rules import AnswerRules, RequestRules
from proxy.meaning.sieve import Sieve
from proxy.meaning.sources import Seen, Source
from proxy.meaning.stitching import Said, replayed

ID_LIMIT: Final = 512
"""Characters of an identity, id or name. Longer ones are no identifiers; an e-mail address has at most 254."""

LIST_LIMIT: Final = 64
"""Tool names and message ids kept of one answer."""


@dataclass(slots=True)
class Asked:
    """Facts of a request. `said`: by the assistant, which calls back."""

    text: str = ""
    said: str = ""
    user: str | None = None
    conversation: str | None = None
    parent: str | None = None
    model: str = ""
    continues: bool = False
    background: bool = False
    aside: bool = False
    delivers: bool = False
    history: list[Said] = field(default_factory=list)
    marks: list[tuple[MarkKind, str]] = field(default_factory=list)  # kind, id of the rule


@dataclass(slots=True)
class Answer:
    """Facts of an answer. `terminal_after`: when its last event had passed; `text_after`: when its first text had."""

    text: str = ""
    text_after: float | None = None
    ended: bool = False
    terminal_after: float | None = None
    understood: bool = False  # some value was read
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    tokens_written: int | None = None
    tokens_reasoning: int | None = None
    finish: str = ""
    error: str = ""
    refusal: bool = False
    parts: bool = False  # something was delivered that is no text: an image, a card
    awaited: bool = False  # it comes by other exchanges
    conversation: str | None = None
    tools: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    marks: list[tuple[MarkKind, str]] = field(default_factory=list)  # kind, id of the rule


def word(value: Any) -> str | None:
    """An identifier: a string that is not empty or blank, or an integer, within `ID_LIMIT`; else None."""
    if type(value) is int:
        return str(value)
    if type(value) is not str or len(value) > ID_LIMIT:
        return None
    return value.strip() or None


class FactReader:
    """Reads facts by presets; counts the expressions that met a type they do not take."""

    def __init__(self) -> None:
        self.unreadable: Counter[str] = Counter()  # by preset
        self._sieves: dict[str, Sieve] = {}  # by preset

    def sieve(self, preset: Preset) -> Sieve:
        """The preset's rules for events, of which each event is asked those that may find something."""
        found = self._sieves.get(preset.id)
        if found is None:
            found = self._sieves[preset.id] = Sieve(preset.event)
        return found

    def get(self, getter: Getter | None, value: Any, preset: str) -> Any:
        """What an expression finds, None when it finds nothing or can't be read."""
        if getter is None:
            return None
        try:
            return getter(value)
        except Unreadable:
            self.unreadable[preset] += 1
            return None

    def first(self, sources: tuple[Source, ...], seen: Seen, preset: str, *, trusted: bool = True) -> str | None:
        """The first identifier that one of the sources gives; verified sources only from trusted peers."""
        for source in sources:
            if source.verified and not trusted:
                continue
            if (found := word(self.get(source.read, seen, preset))) is not None:
                return found
        return None

    def asked(self, preset: Preset, seen: Seen, *, trusted: bool) -> Asked:
        """Facts of a request. Without a readable body, those of its head."""
        rules: RequestRules = preset.request
        body = seen.body
        name = preset.id
        text = self.get(rules.text, body, name)
        said = self.get(rules.said, body, name)
        return Asked(
            text=text if type(text) is str else "",
            said=said if type(said) is str else "",
            user=self.first(rules.user, seen, name, trusted=trusted),
            conversation=self.first(rules.conversation, seen, name),
            parent=word(self.get(rules.parent, body, name)),
            model=self.first(rules.model, seen, name) or "",
            continues=not false(self.get(rules.continues, body, name)),
            background=not false(self.get(rules.background, body, name)),
            aside=not false(self.get(rules.aside, body, name)),
            delivers=not false(self.get(rules.delivers, body, name)),
            history=replayed(self.get(rules.history, body, name)),
            marks=self.marks(rules.marks, {"path": seen.groups, "body": body}, name) if rules.marks else [],
        )

    def marks(self, rules: tuple[tuple[MarkKind, Getter], ...], value: Any, preset: str) -> list[tuple[MarkKind, str]]:
        """Kind and rule of each mark in a value."""
        return [(kind, f"{preset}/{kind}") for kind, getter in rules if not false(self.get(getter, value, preset))]

    def read(self, rules: AnswerRules, value: Any, answer: Answer, preset: str, last: dict[str, Any]) -> str:
        """Read one value into the answer; return its text. `last`: what was found before, which each event may repeat."""
        for fact, getter in rules.facts:
            try:
                found = getter(value)
            except Unreadable:
                self.unreadable[preset] += 1
                continue
            if found is not None and found is not False and last.get(fact) != found:
                last[fact] = found
                _note(answer, fact, found)
        if rules.marks:
            answer.marks += self.marks(rules.marks, value, preset)
        text = self.get(rules.text, value, preset)
        return text if type(text) is str else ""


def _note(answer: Answer, fact: str, found: Any) -> None:
    match fact:
        case "tokens_in" | "tokens_out" | "tokens_cached" | "tokens_written" | "tokens_reasoning":
            # Counts in streams are cumulative (Anthropic's message_delta): the last one holds.
            if type(found) in (int, float) and 0 <= found < 1e12:
                setattr(answer, fact, int(found))
        case "tools" | "messages" | "targets":
            names: list[str] = getattr(answer, fact)
            for item in found if type(found) is list else (found,):
                if (name := word(item)) is not None and len(names) < LIST_LIMIT and name not in names:
                    names.append(name)
        case "refusal" | "parts":
            if not false(found):
                setattr(answer, fact, True)
        case "error":
            if not answer.error and not false(found):
                answer.error = word(found) or "error"
        case _:
            if (name := word(found)) is not None:
                setattr(answer, fact, name)
