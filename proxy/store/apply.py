"""From the outbox to the ledger, each event once.

A commit is one transaction per assistant: the conversations' new states, their sums, people, and this observer's high-water
mark. A commit that is repeated finds its events at or below the mark and does nothing; one that met another writer reads and
folds again. Two round trips (watch and read, write), three when a conversation is not where it was seen last. Assistants' commits
go side by side.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, Protocol, assert_never

from redis.exceptions import WatchError

from proxy.kpi.calendar import day, monday, today
from proxy.kpi.cells import accumulate
from proxy.kpi.changes import Change, TurnCounted
from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.kpi.groups import WHOLE, Labels, people_scopes
from proxy.kpi.rules import Rules
from proxy.kpi.session import ConversationState, fold, room
from proxy.kpi.sums import alone, refused, skipped, unmatched
from proxy.kpi.trace import TracedRating, TracedTurn
from proxy.settings.model import Assistant
from proxy.store.abreast import Abreast, WentBackError
from proxy.store.agreed import Agreed
from proxy.store.commit import Commit
from proxy.store.connect import as_bytes
from proxy.store.finding import Finding, place_of
from proxy.store.keys import PRESENT, Keys, written
from proxy.store.labels import KnownLabels
from proxy.store.people import widen
from proxy.store.questions import Questions
from proxy.store.schema import begin
from proxy.store.topics import weighed
from proxy.store.transaction import Client

log = logging.getLogger(__name__)

ATTEMPTS: Final = 4
"""Conflicts after which a commit is split in two: the smaller it is, the less it collides with."""

Numbered = Sequence[tuple[int, Event]]


class Roll(Protocol):
    """Who may use an assistant, by the Monday of a week: by department and profile, empty where nobody says."""

    def heads(self, week: date) -> Mapping[Labels, int]:
        """All of them."""

    def present(self, week: date) -> Mapping[Labels, int]:
        """Those who are not away."""


class Applier:
    """Applies the events of one observer's outbox. `rolls` has the eligible people."""

    def __init__(
        self,
        client: Client,
        assistants: Mapping[str, Assistant],
        observer: str,
        rolls: Mapping[str, Roll] = MappingProxyType({}),
    ) -> None:
        self._client = client
        self._rolls = rolls
        self._begun: set[str] = set()
        self._weeks: dict[str, set[date]] = {}  # whose eligible people are known to be kept
        self._rules = {name: Rules.of(assistant) for name, assistant in assistants.items()}
        self._observer = observer
        self._told: dict[str, int] = {}  # by assistant: the mark that this applier left or found
        self._seen: set[str] = set()  # whose mark was looked at since the last check
        self._full: dict[str, set[date]] = {}  # weeks that take no more themes
        self._unsure: dict[str, tuple[int, list[Change]]] = {}  # commits whose reply was lost: their mark and changes
        self._owed: list[Change] = []  # changes that are written and not told yet
        self._finding = Finding(observer)
        self._abreast = Abreast()

    async def apply(self, batch: Numbered) -> list[Change]:
        """Apply events, in order of their ids; gives what changed, by this call or by one before that could not tell.

        Raises one of `connect.AWAY`, or `WentBackError`, after which all that may be lost is to be applied again.
        """
        by_assistant: dict[str, list[tuple[int, Event]]] = {}
        for number, event in batch:
            by_assistant.setdefault(event.assistant, []).append((number, event))
        await self._abreast.all(self._apply(assistant, events) for assistant, events in by_assistant.items())
        changes, self._owed = self._owed, []
        return changes

    async def check(self) -> None:
        """See that the store still has what it had where no commit has seen it since the last check. Raises as `apply` does."""
        seen, self._seen = self._seen, set()
        await self._abreast.all(self._check(assistant) for assistant in tuple(self._told) if assistant not in seen)

    async def _check(self, assistant: str) -> None:
        self._found(assistant, int(as_bytes(await self._client.get(Keys(assistant).mark(self._observer))) or 0))

    def _found(self, assistant: str, found: int) -> int:
        told = self._told.get(assistant, 0)
        self._seen.add(assistant)
        self._told[assistant] = found
        if found < told:
            self._weeks.pop(assistant, None)
            self._begun.discard(assistant)
            self._unsure.pop(assistant, None)
            raise WentBackError(f"{assistant}: the store had the events up to {told} and has those up to {found}")
        return found

    async def _apply(self, assistant: str, events: Numbered) -> None:
        if assistant not in self._begun:
            await begin(self._client, Keys(assistant), today(self._rules[assistant].zone, events[-1][1].at))
            self._begun.add(assistant)
        for attempt in range(ATTEMPTS if len(events) > 1 else 4 * ATTEMPTS):
            try:
                await self._attempt(assistant, events)
            except WatchError:
                log.debug("commit of %d events met another writer (%d)", len(events), attempt + 1)
            else:
                return
        if len(events) == 1:
            raise WatchError("one conversation is written by others all the time; its event waits")
        half = len(events) // 2
        await self._apply(assistant, events[:half])
        await self._apply(assistant, events[half:])

    async def _attempt(self, assistant: str, events: Numbered) -> None:
        keys = Keys(assistant)
        rules = self._rules[assistant]
        async with self._client.pipeline(transaction=True) as pipe:
            found = await self._finding.read(pipe, keys, events)
            commit = Commit(assistant, keys, rules)
            states = {name: commit.state(state) for name, state in found.states.items()}
            had = self._found(assistant, found.mark)
            self._settle_doubt(assistant, had)
            if not found.events:
                return
            common = Agreed.read(found.agreed)
            _fold(commit, states, found.events, common.labels, questions := Questions(found.questions))
            commit.ask(questions.encoded())
            for week in self._full.get(assistant, set()) & commit.topics.keys():
                del commit.topics[week]
            weeks = self._begin_weeks(commit, found.events, common.labels)
            commit.lead(found.places)
            commit.agree(common)
            commit.mark(self._observer, events[-1][0])
            pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
            commit.write(pipe)
            self._unsure[assistant] = events[-1][0], commit.changes
            outgrown = commit.outgrown(await pipe.execute())
        self._told[assistant] = events[-1][0]
        self._settle_doubt(assistant, events[-1][0])
        self._finding.remember(found.places)
        self._weeks.setdefault(assistant, set()).update(weeks)
        if commit.topics:
            self._full.setdefault(assistant, set()).update(await weighed(self._client, keys, commit.topics))
        if outgrown:
            await widen(self._client, keys, outgrown)

    def _settle_doubt(self, assistant: str, mark: int) -> None:
        """Owe the changes of the last commit if the store's mark says that it was written, whatever became of its reply."""
        upto, changes = self._unsure.pop(assistant, (0, []))
        if changes and mark >= upto:
            self._owed += changes

    def _begin_weeks(self, commit: Commit, events: Sequence[Event], known: KnownLabels) -> set[date]:
        """Keep the eligible people of weeks that are met for the first time."""
        days = {day(commit.rules.zone, event.at) for event in events if isinstance(event, Turn)}
        weeks = {monday(date.fromisoformat(each)) for each in days}
        weeks -= self._weeks.get(commit.assistant, set())
        roll = self._rolls.get(commit.assistant)
        for week in weeks:
            counts: dict[str, int] = {}
            for kind, heads in () if roll is None else (("", roll.heads(week)), (PRESENT, roll.present(week))):
                for labels, count in sorted(heads.items(), key=lambda item: -item[1]):  # the largest are sure of a label
                    for scope in (WHOLE, *people_scopes(known.place(labels, week.isoformat()))):
                        counts[kind + written(scope)] = counts.get(kind + written(scope), 0) + count
            commit.begin_week(week, counts)
        return weeks


def _fold(
    commit: Commit,
    states: Mapping[str, ConversationState],
    events: Sequence[Event],
    known: KnownLabels,
    questions: Questions,
) -> None:
    rules = commit.rules
    folded: dict[str, ConversationState] = {}
    counted: dict[str, list[Turn]] = {}
    for event in events:
        conversation = place_of(event)
        match event:
            case Skipped():
                accumulate(commit.cells, {skipped(event, rules): event.times})
            case Rating():
                if conversation is None:
                    accumulate(commit.cells, {unmatched(event, rules): 1})
                    continue
                commit.trace(TracedRating.of(event, conversation))
                before = folded.get(conversation, states[conversation])
                folded[conversation] = fold(before, event, rules)
                if not room(before, event):
                    accumulate(commit.cells, {refused(event, rules): 1})
            case Turn():
                on = day(rules.zone, event.at)
                turn = known.admitted(commit.themes(event), on)
                commit.seen(turn, on)
                if conversation is None:
                    accumulate(commit.cells, alone(turn, rules))
                    if not turn.excluded:
                        commit.changes.append(TurnCounted(turn))
                    continue
                turn = questions.compared(conversation, turn)
                commit.trace(TracedTurn.of(turn, conversation))
                before = folded.get(conversation, states[conversation])
                folded[conversation] = after = fold(before, turn, rules)
                if after is not before and not turn.excluded:
                    counted.setdefault(conversation, []).append(turn)
            case _:
                assert_never(event)
    for conversation, state in folded.items():
        if state is not states[conversation]:
            commit.revise(conversation, states[conversation], state, counted.get(conversation, ()))
