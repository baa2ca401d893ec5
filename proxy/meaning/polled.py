"""Socket.IO by polling: what is said and answered of one exchange, each by itself.

A session goes over many exchanges, which relays and hosts may share, so nothing of it is remembered here: a posted message is a
turn that awaits its answer, the poll that ends the answer delivers it, and polls before that stand beside the turn. They meet
in the store by the session's id (proxy.kpi.joining). The price: only the last poll's text tells of an empty answer, a text that
is cut by polls is judged in pieces, and who speaks is known where the message itself or a header says it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from proxy.kpi.events import Turn
from proxy.meaning.answering import Draft, finished, go_on
from proxy.meaning.facts import Answer, Asked, FactReader
from proxy.meaning.presets import Preset
from proxy.meaning.sources import Seen
from proxy.meaning.talk import Maker
from proxy.wire.exchange import Exchange
from proxy.wire.messages import Messages


class Polled:
    """One exchange of a session."""

    def __init__(
        self, exchange: Exchange, preset: Preset, groups: Mapping[str, str], facts: FactReader, make: Maker, *, trusted: bool
    ) -> None:
        self._exchange = exchange
        self._preset = preset
        self._groups = groups
        self._facts = facts
        self._make = make
        self._trusted = trusted
        self._count = 0

    def turns(self, said: Messages, heard: Messages) -> list[Turn]:
        """The turns of what was posted, and what a poll brought."""
        found = []
        for message in said.messages:
            asked = self._facts.asked(self._preset, self._seen(message.value), trusted=self._trusted)
            if asked.text or asked.continues:
                found.append(self._made(asked, Answer(awaited=True), partial=said.cut))
            elif asked.marks:
                asked.aside = True
                found.append(self._made(asked, Answer()))
        if self._exchange.own or (self._exchange.status or 500) >= 400:
            return found
        draft = Draft()
        go_on(self._facts, self._preset, draft, heard.messages)
        answer = finished(self._preset, draft)
        done = answer.ended or bool(answer.error)
        if done or answer.marks or answer.tools or answer.text or answer.messages:
            answer.parts = answer.parts or not answer.text  # what was said came by the polls before
            asked = Asked(continues=True, delivers=done, aside=not done)
            found.append(self._made(asked, answer, partial=heard.cut))
        return found

    def _seen(self, value: object) -> Seen:
        return Seen(self._exchange.headers, self._exchange.query, self._groups, value)

    def _made(self, asked: Asked, answer: Answer, *, partial: bool = False) -> Turn:
        exchange = msgspec.structs.replace(self._exchange, id=f"{self._exchange.id}.{self._count}")
        self._count += 1
        asked.conversation = self._exchange.query.get("sid")
        answer.conversation = None
        return self._make(exchange, self._preset, asked, answer, self._seen({}), partial=partial, torn=False)
