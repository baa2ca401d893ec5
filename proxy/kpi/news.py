"""What is new between two states of a conversation: the changes that metrics, live view and log are told.

Counters can't go down, so only what grew is told; the ledger, which can, stays the truth where a late event took something back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from proxy.kpi.changes import (
    Change,
    HandoverMoved,
    HandoverStarted,
    RatingCounted,
    SessionSettled,
    SessionStarted,
)
from proxy.kpi.parts import KeptRating
from proxy.kpi.session import Session


def news(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    """Tell what the new sessions have that the old ones had not."""
    yield from _started(assistant, old, new)
    episodes = Counter([each for session in new for each in session.progress.episodes])
    episodes.subtract([each for session in old for each in session.progress.episodes])
    for source, reason in episodes.elements():
        yield HandoverStarted(assistant, source, reason)
    yield from _moved(assistant, old, new)
    known = {_key(session, rating) for session in old for rating in session.ratings}
    for session in new:
        for rating in session.ratings:
            if not rating.revoked and _key(session, rating) not in known:
                yield RatingCounted(assistant, rating.scale, rating.satisfied)
    settled = {session.progress.first for session in old if session.outcome is not None}
    for session in new:
        if session.outcome is not None and session.progress.first not in settled:
            yield SessionSettled(assistant, session.progress.channel, session.outcome)


def _started(assistant: str, old: Sequence[Session], new: Sequence[Session]) -> Iterator[Change]:
    before = [session.progress.first for session in old if session.progress.turns]
    after = [session for session in new if session.progress.turns]
    fresh = [session for session in after if session.progress.first not in before]
    for session in fresh[: max(0, len(after) - len(before))]:
        yield SessionStarted(assistant, session.progress.channel)


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
