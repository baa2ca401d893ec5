"""A past period made again from its traces: the same sessions, outcomes and sums as the ledger's, or those of other rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from sys import intern

import msgspec

from proxy.kpi.calendar import hour, today
from proxy.kpi.rules import Rules
from proxy.kpi.session import ConversationState, Session, due_of, fold, in_time, sessions
from proxy.kpi.sums import contributions
from proxy.kpi.trace import Trace, TracedRating, TracedReturn, TracedTurn


class Span(msgspec.Struct, frozen=True):
    """Days in the assistant's time zone, both included, looked at from `now` (Unix seconds)."""

    first: date
    last: date
    now: float

    def has(self, hour: str) -> bool:
        """Say whether an hour of the ledger is within."""
        return self.first.isoformat() <= hour[:10] <= self.last.isoformat()


class Remade(msgspec.Struct, frozen=True):
    """A session, what it adds to the sums of the span, and the rules that hit in it."""

    conversation: str
    session: Session
    cells: dict[str, int]
    rules: tuple[str, ...]


def remade(
    traces: Iterable[Trace], rules: Rules, span: Span, without: Container[str] = (), *, trial: bool = False
) -> list[Remade]:
    """Give the sessions that add anything to the span, in order.

    `without` names rules, or the files that they stand in; with `trial` those on trial apply, too.
    """
    conversations: dict[str, list[Trace]] = defaultdict(list)
    for trace in traces:
        conversations[trace.conversation].append(trace)
    found = [
        each
        for name, parts in conversations.items()
        for each in _remade(name, sorted(parts, key=lambda part: (part.at, part.id)), rules, span, without, trial)
    ]
    found.sort(key=lambda each: each.session.progress.first)
    return found


def total(found: Iterable[Remade]) -> dict[str, int]:
    """Add the sessions up, as the ledger has them."""
    sums: Counter[str] = Counter()
    for each in found:
        sums.update(each.cells)
    return dict(sums)


def _remade(
    name: str, traces: Sequence[Trace], rules: Rules, span: Span, without: Container[str], trial: bool
) -> Iterator[Remade]:
    state = ConversationState(rules.idle, settle=rules.settle, returns=rules.revokes)
    turns = []
    returns: dict[float, TracedReturn] = {}
    for trace in traces:
        match trace:
            case TracedTurn():
                turns.append(trace.again(without, trial=trial))
                state = fold(state, turns[-1], rules)
            case TracedRating():
                state = fold(state, trace.again(), rules)
            case TracedReturn():
                returns[trace.first] = trace
    found = sessions(state)
    for number, session in enumerate(found):
        if today(rules.zone, session.progress.first) > span.last:
            continue
        cells: Counter[str] = Counter()
        final = session
        if due_of(session.progress, rules) <= span.now:
            final, again = _final(session, rules, returns.get(session.progress.first))
            if again and span.has(hour(rules.zone, session.progress.first)):
                cells["returned:recontact"] += 1
        for (at, cell, _), count in contributions(final, rules).items():
            if span.has(at):
                cells[cell] += count
        if cells:
            end = found[number + 1].progress.first if number + 1 < len(found) else float("inf")
            hits = [mark for turn in turns if session.progress.first <= turn.at < end for mark in turn.marks]
            named = {intern(cell): count for cell, count in cells.items()}  # thousands of sessions share these names
            yield Remade(name, final, named, tuple(dict.fromkeys(f"{mark.kind} {mark.rule}" for mark in hits)))


def _final(session: Session, rules: Rules, known: TracedReturn | None) -> tuple[Session, bool]:
    """Judge by what had come when the session settled, not by later ratings; and say whether its user had come back."""
    timely = in_time(session, rules)
    back = None if known is None or known.back is None or known.back <= session.progress.end else known.back
    again = timely.resolved and back is not None and back < due_of(session.progress, rules)
    if again and rules.returns == "anywhere":
        timely = msgspec.structs.replace(timely, returned=True)
    final = msgspec.structs.replace(session, outcome=timely.judged, returned=timely.revoked)
    if known is not None and known.looked and final.resolved:
        final = msgspec.structs.replace(final, durable=back is None)
    return final, again or final.returned
