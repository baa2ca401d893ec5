"""What is new between two states of a conversation: the changes that metrics, live view and log are told.

Counters can't go down, so only what grew is told; the ledger, which can, stays the truth where a late event took something back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

import msgspec

from proxy.kpi.changes import (
    Change,
    HandoverMoved,
    HandoverStarted,
    RatingCounted,
    SessionSettled,
    SessionStarted,
    TurnCounted,
    TypedCounted,
)
from proxy.kpi.events import Turn
from proxy.kpi.parts import KeptRating, digest
from proxy.kpi.session import Session


def news(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    """Tell what the new sessions have that the old ones had not."""
    yield from _started(assistant, old, new)
    yield from _handed(assistant, old, new)
    yield from _moved(assistant, old, new)
    known = {_key(session, rating) for session in old for rating in session.ratings}
    for session in new:
        for rating in session.ratings:
            if not rating.revoked and _key(session, rating) not in known:
                yield RatingCounted(assistant, rating.scale, rating.satisfied, rating.score)
    typed = {part.id for session in old for part, _ in session.turns if part.typed is not None}
    for session in new:
        for part, human in session.turns:
            if part.typed is not None and part.typed.scale is not None and not human and part.id not in typed:
                yield TypedCounted(assistant, part.typed.scale, part.typed.satisfied)
    settled = Counter(_settled(assistant, new))
    settled.subtract(_settled(assistant, old))
    yield from settled.elements()


def counted(turns: Iterable[Turn], new: Sequence[Session]) -> Iterator[TurnCounted]:
    """Tell of turns that are new. One that asked again what was asked before is joined to it, and no turn of its own."""
    humans = {part.id: human for session in new for part, human in session.turns}
    for turn in turns:
        human = humans.get(digest(turn.id))
        if human is None and not turn.continues:
            yield TurnCounted(msgspec.structs.replace(turn, continues=True))
        else:
            yield TurnCounted(turn, bool(human))


def _settled(assistant: str, sessions: Sequence[Session]) -> list[SessionSettled]:
    """Give the final outcomes: once there they stay, so that their number grows by what is new."""
    return [SessionSettled(assistant, each.progress.channel, each.outcome) for each in sessions if each.outcome is not None]


def _started(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    before = Counter([session.progress.first for session in old if session.progress.turns])
    after = [session for session in new if session.progress.turns]
    more = len(after) - before.total()
    fresh = []
    for session in after:
        before[session.progress.first] -= 1
        if before[session.progress.first] < 0:  # two sessions may begin in the same instant
            fresh.append(session)
    for session in fresh[: max(0, more)]:
        yield SessionStarted(assistant, session.progress.channel)


def _handed(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    before = [each for session in old for each in session.progress.episodes]
    after = [each for session in new for each in session.progress.episodes]
    episodes = Counter(after)
    episodes.subtract(before)
    for source, reason in islice(episodes.elements(), max(0, len(after) - len(before))):  # a new reason is no new episode
        yield HandoverStarted(assistant, source, reason)


def _moved(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    statuses: tuple[tuple[Literal["requested", "accepted", "failed", "completed"], str], ...] = (
        ("requested", "requests"),
        ("accepted", "accepted"),
        ("failed", "failed"),
        ("completed", "completed"),
    )
    for status, field in statuses:
        before = sum([getattr(session.progress, field) for session in old])
        after = sum([getattr(session.progress, field) for session in new])
        for _ in range(after - before):
            yield HandoverMoved(assistant, status)


def _key(session: Session, rating: KeptRating) -> tuple[object, ...]:
    target = session.progress.first if rating.message is None else rating.message
    return rating.user, target, rating.scale
