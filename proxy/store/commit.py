"""One transaction for one assistant: gathered as data first, then written whole or not at all.

Optimistic: the keys that are read are watched, the sums are made here in plain Python, and EXEC writes nothing when someone
else wrote one of those keys in between. Rejected: Lua, in which the session rules would stand a second time, untestable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from proxy.kpi.changes import Change
from proxy.kpi.compact import compact
from proxy.kpi.events import Turn
from proxy.kpi.groups import WHOLE, Scope, people_scopes, scopes
from proxy.kpi.news import news
from proxy.kpi.parts import Part
from proxy.kpi.rules import Rules
from proxy.kpi.session import OPEN, ConversationState, due, sessions, settle
from proxy.kpi.sums import Cells, accumulate, difference
from proxy.store.keys import DAYS_KEPT, HOURS_KEPT, MEMORY, Keys, expiry
from proxy.store.labels import KnownLabels
from proxy.store.people import Place, add_people

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

_encoder = msgspec.msgpack.Encoder()
_state = msgspec.msgpack.Decoder(ConversationState)


class Commit:
    """What is to be written. `changes` holds what is new by it, once it is written."""

    def __init__(self, assistant: str, keys: Keys, rules: Rules) -> None:
        self.keys = keys
        self.rules = rules
        self.cells: Cells = {}
        self.changes: list[Change] = []
        self._assistant = assistant
        self._states: dict[str, bytes] = {}
        self._due: dict[str, float | None] = {}
        self._places: dict[str, str] = {}  # key of a message or user -> conversation
        self._people: dict[Place, set[str]] = {}
        self._labels: bytes | None = None
        self._marks: dict[str, int] = {}

    def state(self, stored: bytes | None) -> ConversationState:
        """Read a stored state; one that another version wrote and can't be read begins anew."""
        if stored is not None:
            try:
                return _state.decode(stored)
            except msgspec.MsgspecError:
                pass
        return ConversationState(self.rules.idle)

    def revise(self, conversation: str, old: ConversationState, new: ConversationState) -> None:
        """Replace a conversation's state, and every sum that rests on it."""
        if len(new.parts) + len(new.prefixes) > OPEN:
            new = settle(new, float("-inf"), self.rules)
        before, after = sessions(old), sessions(new)
        accumulate(self.cells, difference(after, before, self.rules))
        self.changes += news(self._assistant, before, after)
        kept = compact(new)
        self._states[conversation] = _encoder.encode(kept)
        self._due[conversation] = due(kept, self.rules)

    def forget(self, conversation: str) -> None:
        """Take a conversation off the list of those that settle: its state is gone."""
        self._due[conversation] = None

    def place(self, turn: Turn, day: str) -> None:
        """Remember where a turn's messages and user are, and that the user was active."""
        if turn.conversation is not None:
            self._places.update(dict.fromkeys([self.keys.message(message) for message in turn.messages], turn.conversation))
            if turn.user is not None:
                self._places[self.keys.user(turn.user)] = turn.conversation
        if turn.user is not None:
            for scope in (WHOLE, *people_scopes(Part.of(turn).labels)):
                self._people.setdefault((day, False, scope), set()).add(turn.user)
                if turn.eligible:
                    self._people.setdefault((day, True, scope), set()).add(turn.user)

    def label(self, known: KnownLabels) -> None:
        """Keep the labels that were admitted, if there are new ones."""
        if known.changed:
            self._labels = known.encoded()

    def mark(self, observer: str, upto: int) -> None:
        """Set the high-water mark of an observer."""
        self._marks[observer] = upto

    def write(self, pipe: Pipeline) -> None:
        """Queue all commands; the caller executes them in one transaction."""
        for observer, upto in self._marks.items():
            pipe.set(self.keys.mark(observer), upto, ex=DAYS_KEPT * 86400)
        if self._labels is not None:
            pipe.set(self.keys.labels, self._labels)
        for conversation, state in self._states.items():
            pipe.set(self.keys.conversation(conversation), state, ex=MEMORY)
        for key, conversation in self._places.items():
            pipe.set(key, conversation, ex=MEMORY)
        scores = {conversation: at for conversation, at in self._due.items() if at is not None}
        if scores:
            pipe.zadd(self.keys.due, scores)
        if idle := [conversation for conversation, at in self._due.items() if at is None]:
            pipe.zrem(self.keys.due, *idle)
        self._write_ledger(pipe)
        add_people(pipe, self.keys, self._people)

    def _write_ledger(self, pipe: Pipeline) -> None:
        hours: dict[str, dict[str, int]] = {}
        days: dict[tuple[str, Scope], dict[str, int]] = {}
        for (hour, name, labels), count in self.cells.items():
            if count:
                _count(hours.setdefault(hour, {}), name, count)
                for scope in (WHOLE, *scopes(labels)):
                    _count(days.setdefault((hour[:10], scope), {}), name, count)
        for hour, sums in hours.items():
            _increase(pipe, self.keys.hour(hour), sums, expiry(hour[:10], HOURS_KEPT))
        for (day, scope), sums in days.items():
            _increase(pipe, self.keys.day(day, scope), sums, expiry(day, DAYS_KEPT))


def _count(sums: dict[str, int], name: str, count: int) -> None:
    sums[name] = sums.get(name, 0) + count


def _increase(pipe: Pipeline, key: str, sums: dict[str, int], until: int) -> None:
    for name, count in sums.items():
        if count:
            pipe.hincrby(key, name, count)
    pipe.expireat(key, until)


def conversation_keys(keys: Keys, conversations: Sequence[str]) -> list[str]:
    """Give the keys of the states."""
    return [keys.conversation(conversation) for conversation in conversations]
