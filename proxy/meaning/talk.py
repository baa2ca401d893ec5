"""The turns of one upgraded connection, as they happen: a socket may stay open for hours, a turn takes seconds.

A turn begins with a message of the client that has the user's words, or when the user stops speaking. It ends with the
answer's last message, with the user's next words (an answer that is interrupted is cancelled), or with the connection. A
message of the client that goes on with the turn before (a tool's result) begins one that `continues` it. What the assistant
says unasked is no turn; what it says of the conversation by protocol marks is put beside it.

Everything that a reader knows is in its `TalkState`, so that another one can go on in the middle of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from proxy.kpi.events import Turn
from proxy.meaning.answering import Draft, finished, go_on
from proxy.meaning.facts import Answer, Asked, FactReader
from proxy.meaning.functions import false
from proxy.meaning.presets import Preset
from proxy.meaning.sources import Seen
from proxy.records import EndReason
from proxy.wire.exchange import Exchange
from proxy.wire.messages import Message

ASKED_LIMIT: Final = 64 * 1024
"""Characters of the user's words kept while the answer is on its way: twice what phrase rules look at."""


class Maker(Protocol):
    """Makes a turn of what was asked and answered."""

    def __call__(
        self, exchange: Exchange, preset: Preset, asked: Asked, answer: Answer, seen: Seen, *, partial: bool, torn: bool
    ) -> Turn:
        """`exchange` is the socket's, with the times of the turn."""
        ...


@dataclass(slots=True)
class Waiting:
    """A turn whose answer is not whole. `after`: when the user's last message had passed."""

    asked: Asked
    after: float
    draft: Draft = field(default_factory=Draft)

    @property
    def begun(self) -> bool:
        """Whether the answer has begun."""
        answer = self.draft.answer
        return answer.text_after is not None or bool(answer.tools)


@dataclass(slots=True)
class TalkState:
    """What is known of a socket: who speaks, the turn in the making, and how many turns there were."""

    user: str | None = None
    conversation: str | None = None
    model: str = ""
    waiting: Waiting | None = None
    count: int = 0


class Talk:
    """Feed the messages of both sides in the order in which they passed, take turns."""

    def __init__(
        self,
        head: Exchange,
        preset: Preset,
        groups: Mapping[str, str],
        facts: FactReader,
        make: Maker,
        *,
        trusted: bool,
        state: TalkState | None = None,
    ) -> None:
        """`head` is the exchange before anything passed; `trusted` says whether its client's headers are believed."""
        self.preset = preset
        self._head = head
        self._groups = groups
        self._facts = facts
        self._make = make
        self._trusted = trusted
        self.state = state or TalkState()
        if state is None:
            self._remember(facts.asked(preset, self._seen({}), trusted=trusted))

    def said(self, message: Message) -> list[Turn]:
        """Take a message of the client."""
        facts, preset = self._facts, self.preset
        asked = facts.asked(preset, self._seen(message.value), trusted=self._trusted)
        self._remember(asked)
        speech = not false(facts.get(preset.request.speech, message.value, preset.id))
        if asked.text or asked.continues or speech:
            return self._open(asked, message.after or 0.0)
        if asked.marks:
            return [self._beside(asked, Answer(), message.after or 0.0)]
        return []

    def answered(self, message: Message) -> list[Turn]:
        """Take a message of the assistant."""
        facts, preset = self._facts, self.preset
        after = message.after or 0.0
        turns: list[Turn] = []
        if preset.event.speech is not None and not false(facts.get(preset.event.speech, message.value, preset.id)):
            turns = self._open(Asked(), after)
        heard = facts.get(preset.event.heard, message.value, preset.id)
        if type(heard) is str and heard:
            turns += self._heard(heard, after)
        waiting = self.state.waiting
        draft = waiting.draft if waiting is not None else Draft()
        go_on(facts, preset, draft, (message,))
        answer = draft.answer
        self.state.conversation = answer.conversation or self.state.conversation
        if waiting is None:
            if answer.marks:
                turns.append(self._beside(Asked(), Answer(marks=answer.marks), after))
        elif answer.ended:
            turns.append(self._close(waiting, "complete", after))
        return turns

    def ended(self, reason: EndReason, after: float) -> list[Turn]:
        """The connection has ended; an answer that was on its way did not come whole."""
        waiting = self.state.waiting
        if waiting is None:
            return []
        return [self._close(waiting, "upstream_broken" if reason == "complete" else reason, after)]

    def lost(self, after: float) -> list[Turn]:
        """Bytes are missing: nothing that comes after them can be read, and nobody knows how an open turn went on."""
        waiting = self.state.waiting
        if waiting is None:
            return []
        return [msgspec.structs.replace(self._close(waiting, "complete", after, partial=True), duration=None)]

    def _seen(self, value: object) -> Seen:
        return Seen(self._head.headers, self._head.query, self._groups, value)

    def _remember(self, asked: Asked) -> None:
        state = self.state
        state.user = asked.user or state.user
        state.conversation = asked.conversation or state.conversation
        state.model = asked.model or state.model

    def _open(self, asked: Asked, after: float) -> list[Turn]:
        state = self.state
        waiting = state.waiting
        asked.text = asked.text[:ASKED_LIMIT]
        turns = []
        if waiting is not None and waiting.begun:
            turns = [self._close(waiting, "client_gone", after)]
            waiting = None
        if waiting is None:
            state.waiting = Waiting(asked, after)
            return turns
        before = waiting.asked
        asked.text = f"{before.text}\n{asked.text}".strip()[-ASKED_LIMIT:]
        asked.continues = asked.continues and before.continues
        asked.marks = [*before.marks, *asked.marks]
        waiting.asked, waiting.after = asked, after
        return turns

    def _heard(self, text: str, after: float) -> list[Turn]:
        """Take what the user said aloud; it may be known only after the answer."""
        if (waiting := self.state.waiting) is not None and not waiting.asked.text:
            waiting.asked.text = text[:ASKED_LIMIT]
            return []
        turn = self._beside(Asked(text=text[:ASKED_LIMIT]), Answer(), after)
        return [turn] if turn.marks else []

    def _beside(self, asked: Asked, answer: Answer, after: float) -> Turn:
        asked.aside = True
        return self._made(asked, answer, after, after, "complete", torn=False)

    def _close(self, waiting: Waiting, ending: EndReason, after: float, *, partial: bool = False) -> Turn:
        self.state.waiting = None
        answer = finished(self.preset, waiting.draft)
        torn = not answer.ended
        return self._made(waiting.asked, answer, waiting.after, after, ending, torn=torn, partial=partial)

    def _made(
        self,
        asked: Asked,
        answer: Answer,
        began: float,
        ended: float,
        ending: EndReason,
        *,
        torn: bool,
        partial: bool = False,
    ) -> Turn:
        state, head = self.state, self._head
        asked.user = asked.user or state.user
        asked.conversation = asked.conversation or answer.conversation or state.conversation
        answer.conversation = asked.conversation or head.id  # without an id, what is said on one connection is one conversation
        asked.model = asked.model or state.model
        exchange = msgspec.structs.replace(
            head,
            id=f"{head.id}.{state.count}",
            at=head.at + began,
            request_after=began,
            ending=ending,
            ended_after=ended,
        )
        state.count += 1
        return self._make(exchange, self.preset, asked, answer, self._seen({}), partial=partial, torn=torn)
