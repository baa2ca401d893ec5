"""One visit of one person: a conversation with aims and moods, as requests out and answers in.

Pure: the driver of live people and the maker of history both ask for the `next_call` and say what was heard, so both
speak alike. A visit ends when there is no next call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from proxy.demo.answers import HANDOVER_TOOL, MODEL, dice
from proxy.demo.people import Person
from proxy.demo.topics import ODD, TOPICS, Language

CHAT: Final = "/v1/chat/completions"
FEEDBACK: Final = "/v1/feedback"

Mood = Literal["curious", "odd", "human", "hurried", "unhappy"]

_HUMAN: dict[Language, tuple[str, ...]] = {
    "fr": ("Je veux parler à un conseiller", "Passez-moi un conseiller", "Je voudrais parler à une vraie personne"),
    "en": ("I want to speak to a real person", "Talk to a human agent", "Connect me to a live agent please"),
}
_AGREED: dict[Language, str] = {"fr": "Oui, s'il vous plaît", "en": "Yes please"}
_THANKS: dict[Language, tuple[str, ...]] = {
    "fr": ("Merci, c'est parfait", "Merci beaucoup !"),
    "en": ("Thank you, that helps", "Thanks a lot!"),
}
_COMPLAINTS: dict[Language, tuple[str, ...]] = {
    "fr": ("Ça ne m'aide pas du tout", "C'est nul", "2/5", "Merci, mais ce n'est pas ma question"),
    "en": ("That doesn't help at all", "useless", "2/5", "Thanks, but that doesn't answer my question"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the person's client, sent `think` seconds after the answer before; `leave` cuts the answer there."""

    path: str
    body: bytes
    think: float
    leave: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client understood of a response."""

    failed: bool
    message: str = ""
    text: str = ""
    tool: str = ""
    tool_call: str = ""


def hear(status: int, media: str, body: bytes) -> Heard:
    """Read a chat completion, whole or streamed, as far as it came."""
    if status != 200:
        return Heard(failed=True)
    try:
        events = [msgspec.json.decode(data) for data in _events(body)] if "event-stream" in media else [msgspec.json.decode(body)]
    except msgspec.MsgspecError:  # cut in the middle
        return Heard(failed=True)
    text, tool, call, message = "", "", "", ""
    for event in events:
        message = event.get("id", message)
        for choice in event.get("choices", ()):
            delta = choice.get("delta") or choice.get("message") or {}
            text += delta.get("content") or ""
            for called in delta.get("tool_calls", ()):
                tool, call = called["function"]["name"], called["id"]
    return Heard(
        failed=not events or any("error" in event for event in events), message=message, text=text, tool=tool, tool_call=call
    )


def _events(body: bytes) -> list[bytes]:
    lines = [event.removeprefix(b"data: ") for event in body.split(b"\n\n")]
    return [line for line in lines if line.startswith(b"{")]


def _mood(roll: float, maturity: float) -> Mood:
    """The assistant knows more as weeks pass: fewer odd questions."""
    odd = 0.25 - 0.06 * maturity
    bounds: tuple[tuple[Mood, float], ...] = (("odd", odd), ("human", 0.10), ("hurried", 0.045), ("unhappy", 0.05))
    for mood, share in bounds:
        if roll < share:
            return mood
        roll -= share
    return "curious"


class Visit:
    """A person's conversation. `name` makes its chance and its id; `maturity` is 0 at launch and 1 when settled in."""

    def __init__(self, person: Person, name: str, maturity: float) -> None:
        self.person = person
        self.chance = dice("visit", name)
        self.conversation = f"conv-{dice('conversation', name).randbytes(10).hex()}"
        self._messages: list[dict[str, Any]] = []
        self._mood = _mood(self.chance.random(), maturity)
        # Questions still to ask: 1 to 4, fewer are likelier.
        self._questions = min(4, 1 + int(self.chance.expovariate(0.9)))
        if self._mood in ("odd", "human"):
            self._questions = self.chance.choice((0, 0, 1))
        self._aimed = self._mood not in ("odd", "human")  # the mood's own question was asked
        self._retried = self._closing = False

    def next_call(self, heard: Heard | None) -> Call | None:
        """The next request, given what was heard of the last (None at the start, and after feedback)."""
        if heard is None:
            return self._first() if not self._messages else None
        if heard.failed:
            return self._after_failure()
        self._messages.append(_spoken(heard))
        if heard.tool == HANDOVER_TOOL:
            return None  # a human goes on, elsewhere
        if heard.tool:
            self._messages.append({"role": "tool", "tool_call_id": heard.tool_call, "content": '{"ok": true}'})
            return self._chat(think=0.4)
        if self._closing:
            return None
        if self._questions:
            self._questions -= 1
            return self._ask(self._question())
        if not self._aimed:
            self._aimed = True
            return self._ask(self._own_question())
        return self._last(heard)

    def _first(self) -> Call:
        if self._questions:
            self._questions -= 1
            return self._ask(self._question(), think=0.0)
        self._aimed = True
        return self._ask(self._own_question(), think=0.0)

    def _after_failure(self) -> Call | None:
        """One in two tries once more, with the same words."""
        if self._retried or self.chance.random() < 0.5:
            return None
        self._retried = True
        return self._chat(think=self.chance.uniform(4, 20))

    def _last(self, heard: Heard) -> Call | None:
        """After the last answer: insist, thank, complain, rate, or just go."""
        self._closing = True
        tongue = self.person.language
        roll = self.chance.random()
        if self._mood == "odd":
            if roll < 0.30:
                return self._ask(_AGREED[tongue] if heard.text.endswith("?") else self.chance.choice(_HUMAN[tongue]))
            if roll < 0.55:
                return self._ask(self._question())
            return self._rate(heard, happy=False) if roll < 0.58 else None
        if self._mood == "human":
            return None
        if self._mood == "unhappy":
            if roll < 0.4:
                return self._rate(heard, happy=False)
            return self._ask(self.chance.choice(_COMPLAINTS[tongue])) if roll < 0.75 else None
        if roll < 0.27:
            return self._rate(heard, happy=self.chance.random() < 0.97)
        return self._ask(self.chance.choice(_THANKS[tongue])) if roll < 0.45 else None

    def _question(self) -> str:
        """Something that the assistant knows; a sensitive topic comes up once in a hundred times."""
        sensitive = self.chance.random() < 0.01
        topic = self.chance.choice([topic for topic in TOPICS if topic.sensitive == sensitive])
        return self.chance.choice(topic.questions[self.person.language])

    def _own_question(self) -> str:
        """What the mood asks for."""
        source = _HUMAN if self._mood == "human" else ODD
        return self.chance.choice(source[self.person.language])

    def _ask(self, text: str, think: float | None = None) -> Call:
        self._messages.append({"role": "user", "content": text})
        leave = None
        if self._mood == "hurried" and not self._questions and self.person.streams:
            self._closing = True
            leave = self.chance.uniform(0.3, 1.2)
        return self._chat(think=self.chance.uniform(8, 70) if think is None else think, leave=leave)

    def _chat(self, think: float, leave: float | None = None) -> Call:
        body: dict[str, Any] = {"model": MODEL, "messages": self._messages, "user": self.person.user}
        body["metadata"] = {"conversation_id": self.conversation}
        if self.person.streams:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return Call(CHAT, msgspec.json.encode(body), think, leave)

    def _rate(self, heard: Heard, *, happy: bool) -> Call:
        thumb, stars = ("up", (4, 5, 5)) if happy else ("down", (1, 2, 2, 3))
        rating = self.chance.choice(stars) if self.person.stars else thumb
        body = {"message_id": heard.message, "conversation_id": self.conversation, "user": self.person.user, "rating": rating}
        return Call(FEEDBACK, msgspec.json.encode(body), self.chance.uniform(2, 15))


def _spoken(heard: Heard) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": heard.text or None}
    if heard.tool:
        function = {"name": heard.tool, "arguments": "{}"}
        message["tool_calls"] = [{"id": heard.tool_call, "type": "function", "function": function}]
    return message
