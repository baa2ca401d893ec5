"""One transaction for one assistant: gathered as data first, then written whole or not at all.

Optimistic: the keys that are read are watched, the sums are made here in plain Python, and EXEC writes nothing when someone
else wrote one of those keys in between. Rejected: Lua, in which the session rules would stand a second time, untestable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from proxy.kpi.calendar import day as day_of
from proxy.kpi.calendar import monday, today
from proxy.kpi.cells import Cell, Cells, accumulate
from proxy.kpi.changes import Change
from proxy.kpi.compact import compact
from proxy.kpi.events import Turn
from proxy.kpi.groups import WHOLE, Labels, Scope, people_scopes, scopes
from proxy.kpi.news import counted, news
from proxy.kpi.replay import Replays
from proxy.kpi.rules import Rules
from proxy.kpi.session import DURABLE, OPEN, ConversationState, due, sessions, settle
from proxy.kpi.sums import revise
from proxy.kpi.topics import Share
from proxy.kpi.trace import Trace
from proxy.store.agreed import Agreed
from proxy.store.keys import DAYS_KEPT, HOURS_KEPT, MEMORY, QUESTION, TRAIL, Keys, Kind, expiry
from proxy.store.people import Place, add_people, too_many
from proxy.store.places import Places
from proxy.store.topics import add_topics
from proxy.store.traces import add_traces
from proxy.store.transaction import Transaction

VISITS: Final = 1000
"""Turns of one person kept to tell whether that person came back, the newest: 60 KB of somebody whom only a backlog lets have
so many, since settling forgets what nobody asks about any more."""
VISITS_MARGIN: Final = 86400
"""Seconds for which they are kept beyond their last use: it may be late."""

_encoder = msgspec.msgpack.Encoder()
_state = msgspec.msgpack.Decoder(ConversationState)


class Commit:
    """What is to be written. `changes` holds what is new by it, once it is written."""

    def __init__(self, assistant: str, keys: Keys, rules: Rules) -> None:
        self.keys = keys
        self.rules = rules
        self.cells: Cells = {}
        self.changes: list[Change] = []
        self.assistant = assistant
        self._states: dict[str, bytes] = {}
        self._erased: list[str] = []
        self._due: dict[str, float | None] = {}
        self._places: Places | None = None
        self._questions: Mapping[str, bytes] = {}  # conversation -> its last question
        self.topics: dict[date, list[Share]] = {}  # Monday -> what turns add to themes
        self._people: dict[Place, set[str]] = {}
        self._visits: dict[str, dict[str, float]] = {}  # user -> turn -> time
        self._unvisited: dict[str, float] = {}  # user -> before when
        self._heads: dict[date, dict[str, int]] = {}  # Monday -> group -> eligible people
        self._agreed: Agreed | None = None
        self._sizes: dict[int, Place] = {}
        self._marks: dict[str, int] = {}
        self._traces: list[tuple[str, Trace]] = []  # with their days

    def state(self, stored: bytes | None) -> ConversationState:
        """Read a stored state; one that another version wrote and can't be read begins anew."""
        if stored is not None:
            try:
                return _state.decode(stored)
            except msgspec.MsgspecError:
                pass
        return ConversationState(self.rules.idle)

    def revise(self, conversation: str, old: ConversationState, new: ConversationState, turns: Sequence[Turn] = ()) -> None:
        """Replace a conversation's state, and every sum that rests on it. `turns` are those that are new in it."""
        if len(new.parts) + len(new.prefixes) > OPEN:
            new = settle(new, float("-inf"), self.rules)
        replays = Replays()
        before, after = sessions(old, replays), sessions(new, replays)
        revise(self.cells, after, before, self.rules)
        self.changes += counted(turns, after)
        self.changes += news(self.assistant, before, after)
        kept = compact(new)
        self._states[conversation] = _encoder.encode(kept)
        self._due[conversation] = due(kept, self.rules, after)

    def forget(self, conversation: str) -> None:
        """Take a conversation off the list of those that settle: its state is gone."""
        self._due[conversation] = None

    def erase(self, conversation: str) -> None:
        """Keep nothing of a conversation but what it adds to the sums."""
        del self._states[conversation]
        self._due[conversation] = None
        self._erased.append(conversation)

    def settled(self, cell: Cell) -> None:
        """Count something that is known of a session only when it settles."""
        accumulate(self.cells, {cell: 1})

    def lead(self, places: Places) -> None:
        """Store where ways lead from now on."""
        self._places = places

    def seen(self, turn: Turn, day: str) -> None:
        """Remember that a turn's user was active."""
        if turn.user is not None:
            kind: Kind = "e" if turn.eligible else "p"
            for scope in (WHOLE, *people_scopes(Labels(department=turn.department, profile=turn.profile))):
                self._people.setdefault((day, kind, scope), set()).add(turn.user)
            if not turn.continues:
                self._visits.setdefault(turn.user, {})[turn.id] = turn.at

    def ask(self, questions: Mapping[str, bytes]) -> None:
        """Keep the last questions of conversations for as long as they may be asked again."""
        self._questions = questions

    def themes(self, turn: Turn) -> Turn:
        """Take the themes out of a turn, to be counted in its week."""
        if not turn.topics:
            return turn
        self.topics.setdefault(monday(today(self.rules.zone, turn.at)), []).extend(turn.topics)
        return msgspec.structs.replace(turn, topics=())

    def forget_visits(self, users: Iterable[str], before: float) -> None:
        """Forget when users wrote before a time that no session to be settled asks about."""
        self._unvisited.update(dict.fromkeys(users, before))

    def begin_week(self, week: date, heads: Mapping[str, int]) -> None:
        """Keep how many people are eligible in a week, unless that is known; by group, as its keys end."""
        self._heads[week] = dict(heads)

    def agree(self, agreed: Agreed) -> None:
        """Go by what observers agreed on, and store it if that has changed."""
        self._agreed = agreed

    def trace(self, trace: Trace) -> None:
        """Keep a turn or a rating for a while, to explain figures."""
        self._traces.append((day_of(self.rules.zone, trace.at), trace))

    def mark(self, observer: str, upto: int) -> None:
        """Set the high-water mark of an observer."""
        self._marks[observer] = upto

    def write(self, pipe: Transaction) -> None:
        """Queue all commands; the caller executes them in one transaction."""
        for observer, upto in self._marks.items():
            pipe.set(self.keys.mark(observer), upto, ex=DAYS_KEPT * 86400)
        if self._agreed is not None:
            if self._agreed.changed:
                pipe.set(self.keys.agreed, self._agreed.encoded())
            self._sizes = add_people(pipe, self.keys, self._agreed, self._people)
        for conversation, state in self._states.items():
            pipe.queue("SET", self.keys.conversation(conversation), state, "EX", MEMORY)
        for conversation in self._erased:
            pipe.delete(self.keys.conversation(conversation), self.keys.question(conversation))
        for conversation, question in self._questions.items():
            pipe.queue("SET", self.keys.question(conversation), question, "EX", QUESTION)
        if self._places is not None:
            for key, end in self._places.said.items():
                pipe.queue("SET", key, end, "EX", MEMORY)
            for key, end in self._places.trails.items():
                pipe.queue("SET", key, end, "EX", TRAIL)
        scores = {conversation: at for conversation, at in self._due.items() if at is not None}
        if scores:
            pipe.zadd(self.keys.due, scores)
        if idle := [conversation for conversation, at in self._due.items() if at is None]:
            pipe.zrem(self.keys.due, *idle)
        self._write_ledger(pipe)
        add_topics(pipe, self.keys, self.topics)
        add_traces(pipe, self.keys, self._traces, self.rules.traces)
        self._write_visits(pipe)
        self._write_weeks(pipe)

    def _write_weeks(self, pipe: Transaction) -> None:
        for week, heads in self._heads.items():
            key = self.keys.eligible(week.isoformat())
            for group, count in heads.items():
                pipe.hsetnx(key, group, str(count))
            pipe.expireat(key, expiry(week.isoformat(), DAYS_KEPT + 7))
            # Who was not seen for as long as days are kept is forgotten; once a week is often enough.
            pipe.zremrangebyscore(self.keys.last, "-inf", week.toordinal() - DAYS_KEPT)
            pipe.zinterstore(self.keys.first, {self.keys.first: 1, self.keys.last: 0})

    def outgrown(self, replies: Sequence[object]) -> list[Place]:
        """Say which sets of people have become too large, from the replies to what was written."""
        return too_many(self._sizes, replies, self.rules.exact)

    def _write_visits(self, pipe: Transaction) -> None:
        kept = int(max(self.rules.idle + self.rules.settle, DURABLE)) + VISITS_MARGIN
        for user, turns in self._visits.items():
            key = self.keys.visits(user)
            pipe.queue("ZADD", key, *[each for turn, at in turns.items() for each in (at, turn)])
            pipe.queue("ZREMRANGEBYRANK", key, 0, -VISITS - 1)
            pipe.queue("EXPIRE", key, kept)
        for user, before in self._unvisited.items():
            pipe.zremrangebyscore(self.keys.visits(user), "-inf", f"({before}")
        if self._visits:
            days = {user: min(turns.values()) for user, turns in self._visits.items()}
            mondays = {user: monday(today(self.rules.zone, at)).toordinal() for user, at in days.items()}
            pipe.zadd(self.keys.first, mondays, lt=True)
            last = {user: today(self.rules.zone, max(turns.values())).toordinal() for user, turns in self._visits.items()}
            pipe.zadd(self.keys.last, last, gt=True)

    def _write_ledger(self, pipe: Transaction) -> None:
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


def _increase(pipe: Transaction, key: str, sums: dict[str, int], until: int) -> None:
    for name, count in sums.items():
        if count:
            pipe.queue("HINCRBY", key, name, count)
    pipe.expireat(key, until)


def conversation_keys(keys: Keys, conversations: Sequence[str]) -> list[str]:
    """Give the keys of the states."""
    return [keys.conversation(conversation) for conversation in conversations]
