"""`kpi-proxy replay`: the same exchanges under two sets of rules, through the observer's own reading and a store of its own.

Each run has a fresh embedded store, and time passes as it did in the recording: sessions settle before the next batch comes.
At the end all of them are given the time to settle, so that both runs are compared at their final outcomes. The sessions
themselves are folded beside the store, to say which of them changed and by which exchanges and rules.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from proxy.kpi.calendar import monday
from proxy.kpi.changes import Outcome
from proxy.kpi.events import Event, Skipped, Turn
from proxy.kpi.groups import WHOLE
from proxy.kpi.parts import digest
from proxy.kpi.report import Figures
from proxy.kpi.rules import Rules
from proxy.kpi.session import ConversationState, Session, fold, sessions, settle
from proxy.meaning.directory import Person
from proxy.observer.people import Roll
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, connect
from proxy.store.embedded import Embedded, EmbeddedError
from proxy.store.figures import LONGEST, Ledger
from proxy.store.keys import Keys
from proxy.store.places import placed
from proxy.store.settle import Settler
from proxy.wire.exchange import Exchange
from proxy.workbench.material import Material
from proxy.workbench.ruleset import Ruleset
from proxy.workbench.terms import Progress, WorkError

BATCH: Final = 1000
"""Events of one commit, as the observer's."""
SETTLE: Final = 1000
SAME: Final = "replay"
"""The assistant's name in both runs: hashes of conversations rest on it, and another name is no other outcome."""


class Judged(msgspec.Struct, frozen=True):
    """A session's outcome with what it rests on. `exchanges` are numbers in the file's order of time, from 1."""

    first: float  # Unix seconds
    outcome: Outcome
    exchanges: tuple[int, ...]
    rules: tuple[str, ...]  # of the marks in it


class Ran(msgspec.Struct, frozen=True):
    """What one set of rules made of the exchanges; sessions by conversation."""

    figures: Figures
    sessions: dict[str, tuple[Judged, ...]]


class Changed(msgspec.Struct, frozen=True):
    """A conversation whose sessions came out otherwise. Empty: under those rules there is no such conversation."""

    conversation: str
    old: tuple[Judged, ...]
    new: tuple[Judged, ...]


def replay(material: Material, ruleset: Ruleset, assistant: Assistant, secret: bytes, word: str) -> Ran:
    """Run exchanges under one set of rules. Raises `WorkError` when the store does not start, or the recording is too old."""
    first, last = (_day(assistant, material.exchanges[at]) for at in (0, -1))
    if (datetime.now(UTC).date() - first).days >= LONGEST:
        raise WorkError(f"the recording begins on {first}: the ledger reaches back {LONGEST} days")
    known = ruleset.people(assistant, secret)
    name = assistant.name
    assistant = msgspec.structs.replace(assistant, name=SAME)
    understanding = ruleset.understanding(assistant, known, secret)
    progress = Progress()
    events: list[Event] = []
    for number, exchange in enumerate(material.exchanges, 1):
        events += understanding.read(msgspec.structs.replace(exchange, assistant=assistant.name))
        progress.tell(f"{word}: {number} of {len(material.exchanges)} exchanges read")
    progress.end()
    rules = Rules.of(assistant)
    end = max([_end(exchange) for exchange in material.exchanges]) + rules.idle + rules.settle + 1.0
    try:
        figures = asyncio.run(_figures(events, assistant, _eligible(assistant, known.people, last), (first, last), end))
    except EmbeddedError as error:
        raise WorkError(str(error)) from error
    except AWAY as error:
        raise WorkError(f"the store of the replay failed: {error}") from error
    numbers = {digest(exchange.id): number for number, exchange in enumerate(material.exchanges, 1)}
    return Ran(msgspec.structs.replace(figures, assistant=name), _sessions(events, rules, end, numbers))


def changed(old: Ran, new: Ran) -> list[Changed]:
    """The conversations whose sessions differ in number or outcome, in order of their first messages."""
    found = [
        Changed(name, old.sessions.get(name, ()), new.sessions.get(name, ()))
        for name in {**old.sessions, **new.sessions}
        if _outcomes(old.sessions.get(name, ())) != _outcomes(new.sessions.get(name, ()))
    ]
    return sorted(found, key=lambda each: min(session.first for session in (*each.old, *each.new)))


def _outcomes(judged: Sequence[Judged]) -> list[tuple[float, Outcome]]:
    return [(each.first, each.outcome) for each in judged]


def _day(assistant: Assistant, exchange: Exchange) -> date:
    return datetime.fromtimestamp(exchange.at, UTC).astimezone(ZoneInfo(assistant.time_zone)).date()


def _eligible(assistant: Assistant, people: Mapping[str, Person], last: date) -> int | None:
    return Roll(assistant, people).groups(monday(last)).get(WHOLE)


def _end(exchange: Exchange) -> float:
    return exchange.at + exchange.ended_after


async def _figures(
    events: Sequence[Event], assistant: Assistant, people: int | None, period: tuple[date, date], end: float
) -> Figures:
    with tempfile.TemporaryDirectory(prefix="kpi-proxy-replay-") as directory:
        embedded = Embedded(Path(directory))
        await embedded.start()
        client = connect(embedded.url)
        try:
            assistants = {assistant.name: assistant}
            applier, settler = Applier(client, assistants, "replay"), Settler(client, assistants)
            for start in range(0, len(events), BATCH):
                batch = events[start : start + BATCH]
                await applier.apply(list(enumerate(batch, start + 1)))
                await _settled(settler, batch[-1].at)
            await _settled(settler, end)
            return await Ledger(client).figures(assistant, people, *period, end)
        finally:
            await client.aclose()
            await embedded.stop()


async def _settled(settler: Settler, now: float) -> None:
    while len(await settler.settle(now, SETTLE)) >= SETTLE:
        pass


def _sessions(events: Sequence[Event], rules: Rules, end: float, numbers: dict[int, int]) -> dict[str, tuple[Judged, ...]]:
    """Fold the events without a store, each in the conversation where the store would have it."""
    states: dict[str, ConversationState] = {}
    marks: dict[int, tuple[str, ...]] = {}
    for event in placed(Keys(SAME), events, {})[0]:
        if isinstance(event, Skipped) or event.conversation is None:
            continue
        if isinstance(event, Turn):
            marks[digest(event.id)] = tuple([mark.rule for mark in event.marks])
        state = states.get(event.conversation, ConversationState(rules.idle))
        states[event.conversation] = fold(state, event, rules)
    return {
        name: tuple([_judged(each, numbers, marks) for each in sessions(settle(state, end, rules))])
        for name, state in states.items()
        if state.parts
    }


def _judged(session: Session, numbers: dict[int, int], marks: dict[int, tuple[str, ...]]) -> Judged:
    parts = [part for part, _ in session.turns]
    rules = dict.fromkeys(rule for part in parts for rule in marks.get(part.id, ()))
    found = tuple([numbers[part.id] for part in parts if part.id in numbers])
    # Who comes back was not served: the ledger counts such a session as abandoned.
    outcome: Outcome = "abandoned" if session.revoked else session.judged
    return Judged(session.progress.first, outcome, found, tuple(rules))
