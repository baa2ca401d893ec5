"""`kpi-proxy explain`: what was recognised in each exchange, by which rule, and what was not understood.

The events are those of the observer's own reading. Beside them the texts are looked at once more, to say how much was read and
which texts of the bodies no rule took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, assert_never

import msgspec

from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.meaning.answering import answered
from proxy.meaning.choosing import Call, Choice, Choosing, FeedbackChoice
from proxy.meaning.facts import FactReader
from proxy.meaning.named import chosen
from proxy.meaning.presets import Preset
from proxy.meaning.shapes import exchanged, leaves, spelled
from proxy.meaning.sources import Seen
from proxy.meaning.understanding import Understanding
from proxy.settings.model import Assistant
from proxy.store.keys import Keys
from proxy.store.places import Places
from proxy.wire.exchange import Exchange
from proxy.wire.messages import Messages, read_messages

WORDS: Final = 3
"""Words from which a text that no rule read is told: shorter ones are names and states."""
UNREAD: Final = 6
"""Places of unread texts that are told of one exchange."""


class Texts(msgspec.Struct, frozen=True):
    """What a preset's rules for texts gave. Of a redacted explanation only their sizes are shown."""

    asked: str = ""
    answered: str = ""


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange as it was understood. `unread`: places of texts that no rule read; `gaps`: what could not be decoded."""

    number: int  # in the file's order of time, from 1
    exchange: Exchange
    preset: str = ""
    confidence: str = ""
    events: tuple[Event, ...] = ()
    texts: Texts = Texts()
    shape: str = ""
    unread: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    unreadable: int = 0  # expressions that met a type they do not take

    @property
    def unknown(self) -> bool:
        """Whether no preset knows it."""
        return any(isinstance(event, Skipped) and event.reason == "unknown" for event in self.events)


class Explainer:
    """Explains exchanges under the rules of one assistant, in their order: later ones may rest on earlier ones."""

    def __init__(self, understanding: Understanding, assistant: Assistant, presets: Mapping[str, Preset]) -> None:
        self._understanding = understanding
        self._presets = presets
        self._facts = FactReader()
        self._choosing = Choosing(presets, chosen(assistant), self._facts)
        self._places = Places(Keys(assistant.name), {})  # as the store would; some entries of 150 bytes for each turn of the file
        self._number = 0

    def explain(self, exchange: Exchange) -> Explained:
        """Explain the next exchange."""
        self._number += 1
        before = self._facts.unreadable.total()
        request = read_messages(exchange.request, exchange.headers)
        body = request.messages[0].value if request.messages else None if request.gaps else {}
        call = Call(exchange.method, exchange.path, body, exchange.headers, exchange.response_headers)
        choice = self._choosing.choose(call)
        preset = choice.preset if isinstance(choice, Choice) else None
        response = read_messages(exchange.response, exchange.response_headers, elements=preset is not None and preset.elements)
        events = tuple([self._places.place(event) for event in self._understanding.read(exchange)])
        texts = Texts()
        if isinstance(choice, Choice) and any(isinstance(event, Turn) for event in events):
            texts = self._texts(choice, exchange, body, response)
        return Explained(
            number=self._number,
            exchange=exchange,
            preset=_preset(choice, events),
            confidence=choice.confidence if isinstance(choice, Choice) and texts != Texts() else "",
            events=events,
            texts=texts,
            shape=exchanged(exchange.method, request, response),
            unread=_unread(request, response, texts),
            gaps=(*(f"request: {gap.reason}" for gap in request.gaps), *(f"answer: {gap.reason}" for gap in response.gaps)),
            unreadable=self._facts.unreadable.total() - before,
        )

    def _texts(self, choice: Choice, exchange: Exchange, body: Any, response: Messages) -> Texts:
        seen = Seen(exchange.headers, exchange.query, choice.groups, body)
        asked = self._facts.asked(choice.preset, seen, trusted=True)
        return Texts(asked.text, answered(self._facts, choice.preset, response).text)


def _preset(choice: object, events: Iterable[Event]) -> str:
    for event in events:
        if isinstance(event, Turn):
            return event.preset
        if isinstance(event, Rating) and isinstance(choice, FeedbackChoice):
            return choice.preset
    return ""


def _unread(request: Messages, response: Messages, texts: Texts) -> tuple[str, ...]:
    places: Counter[str] = Counter()
    for side, messages in (("request", request), ("answer", response)):
        for message in messages.messages:
            for path, leaf in leaves(message.value):
                if isinstance(leaf, str) and len(leaf.split()) >= WORDS and not _read(leaf, texts):
                    places[f"{side} {spelled(path)}"] += 1
    return tuple(list(places)[:UNREAD])


def _read(text: str, texts: Texts) -> bool:
    return text.strip() in texts.asked or text.strip() in texts.answered or (texts.asked != "" and texts.asked in text)


class Totals:
    """How many exchanges were what: by preset and confidence, by reason, unknown ones by shape."""

    def __init__(self) -> None:
        self.counts: Mapping[str, Counter[str]] = {"understood": Counter(), "no turn": Counter(), "unknown by shape": Counter()}

    def add(self, explained: Explained) -> None:
        """Count an exchange."""
        for event in explained.events:
            match event:
                case Skipped():
                    self.counts["no turn"][event.reason] += 1
                    if event.reason == "unknown":
                        self.counts["unknown by shape"][explained.shape] += 1
                case Turn():
                    sure = f" ({explained.confidence})" if explained.confidence else ""
                    self.counts["understood"][f"{explained.preset}{sure}"] += 1
                case Rating():
                    self.counts["understood"][f"{explained.preset} (rating)"] += 1
                case _:
                    assert_never(event)
