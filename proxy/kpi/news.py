"""What is new between two states of a conversation: the changes that metrics, live view and log are told.

Counters can't go down, so only what grew is told; the ledger, which can, stays the truth where a late event took something back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Literal

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

_STATUSES: Final[tuple[Literal["requested", "accepted", "failed", "completed"], ...]] = (
    "requested",
    "accepted",
    "failed",
    "completed",
)


def news(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    """Tell what the new sessions have that the old ones had not."""
    yield from _started(assistant, old, new)
    yield from _handed(assistant, old, new)
    yield from _moved(assistant, old, new)
    yield from _rated(assistant, old, new)
    yield from _typed(assistant, old, new)
    yield from _settled(assistant, old, new)


def counted(turns: Iterable[Turn], new: Sequence[Session]) -> Iterator[TurnCounted]:
    """Tell of turns that are new. One that asked again what was asked before is joined to it, and no turn of its own."""
    humans = {part.id: human for session in new for part, human in session.turns}
    for turn in turns:
        human = humans.get(digest(turn.id))
        if human is None and not turn.continues:
            yield TurnCounted(msgspec.structs.replace(turn, continues=True))
        else:
            yield TurnCounted(turn, bool(human))


def _rated(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    known = {_key(session, rating) for session in old for rating in session.ratings}
    for session in new:
        for rating in session.ratings:
            if not rating.revoked and _key(session, rating) not in known:
                yield RatingCounted(assistant, rating.scale, rating.satisfied, rating.score)


def _typed(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    found = [part for session in new for part, human in session.turns if part.typed is not None and not human]
    if not found:  # nearly always
        return
    known = {part.id for session in old for part, _ in session.turns if part.typed is not None}
    for part in found:
        if part.typed is not None and part.typed.scale is not None and part.id not in known:
            yield TypedCounted(assistant, part.typed.scale, part.typed.satisfied)


def _settled(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    """Give the final outcomes: once there they stay, so that their number grows by what is new."""
    found = [SessionSettled(assistant, each.progress.channel, each.outcome) for each in new if each.outcome is not None]
    if not found:
        return
    more = Counter(found)
    more.subtract([SessionSettled(assistant, each.progress.channel, each.outcome) for each in old if each.outcome is not None])
    yield from more.elements()


def _started(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    before = [session.progress.first for session in old if session.progress.turns]
    after = [session for session in new if session.progress.turns]
    more = len(after) - len(before)
    if more <= 0:
        return
    fresh = []
    for session in after:
        if session.progress.first in before:
            before.remove(session.progress.first)  # two sessions may begin in the same instant
        else:
            fresh.append(session)
    for session in fresh[:more]:
        yield SessionStarted(assistant, session.progress.channel)


def _handed(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    after = [each for session in new for each in session.progress.episodes]
    if not after:
        return
    before = [each for session in old for each in session.progress.episodes]
    episodes = Counter(after)
    episodes.subtract(before)
    for source, reason in islice(episodes.elements(), max(0, len(after) - len(before))):  # a new reason is no new episode
        yield HandoverStarted(assistant, source, reason)


def _moved(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    before, after = _moves(old), _moves(new)
    if before == after:
        return
    for status, was, now in zip(_STATUSES, before, after, strict=True):
        for _ in range(now - was):
            yield HandoverMoved(assistant, status)


def _moves(sessions: Sequence[Session]) -> tuple[int, int, int, int]:
    """Count what became of handovers, in the order of _STATUSES."""
    requested = accepted = failed = completed = 0
    for session in sessions:
        progress = session.progress
        requested += progress.requests
        accepted += progress.accepted
        failed += progress.failed
        completed += progress.completed
    return requested, accepted, failed, completed


def _key(session: Session, rating: KeptRating) -> tuple[object, ...]:
    target = session.progress.first if rating.message is None else rating.message
    return rating.user, target, rating.scale
