"""What is kept of each turn and rating for a while, so that past figures can be explained and made again under other rules.

No content, no user: when, how it went, which rules hit, in which conversation (its hash). Some 180 bytes each in the store.
"""

from __future__ import annotations

from collections.abc import Container

import msgspec

from proxy.kpi.events import Mark, Rating, Scale, Turn, TurnResult
from proxy.kpi.parts import digest


class TracedTurn(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A turn, or what continues one; times as in `Turn`."""

    conversation: str
    id: str
    at: float
    result: TurnResult
    duration: float | None = None
    first_text: float | None = None
    marks: tuple[Mark, ...] = ()
    messages: tuple[str, ...] = ()
    continues: bool = False
    aside: bool = False
    derived: bool = False
    error: str = ""
    known: bool = False  # whether the user was known
    partial: bool = False
    asked: str | None = None
    history: bool = False
    failed_after: float | None = None
    awaits: float | None = None
    delivers: float | None = None
    targets: tuple[str, ...] = ()

    @classmethod
    def of(cls, turn: Turn, conversation: str) -> TracedTurn:
        """Keep what the figures need of a turn."""
        return cls(
            conversation,
            turn.id,
            turn.at,
            turn.result,
            turn.duration,
            turn.first_text,
            turn.marks,
            turn.messages,
            turn.continues,
            turn.aside,
            turn.derived,
            turn.error,
            turn.user is not None,
            turn.partial,
            turn.asked,
            turn.history,
            turn.failed_after,
            turn.awaits,
            turn.delivers,
            turn.targets,
        )

    def turn(self, assistant: str, without: Container[str] = ()) -> Turn:
        """Give the turn again, as it would be without some rules (ids, or the files that they stand in)."""
        marks = tuple([mark for mark in self.marks if not _left_out(mark.rule, without)])
        result = self.result
        # A fallback phrase had made an otherwise fine answer a no-answer.
        if result == "no_answer" and len(marks) < len(self.marks) and not any(mark.kind == "no_answer" for mark in marks):
            result = "ok"
        return Turn(
            id=self.id,
            assistant=assistant,
            at=self.at,
            result=result,
            conversation=self.conversation,
            derived=self.derived,
            continues=self.continues,
            aside=self.aside,
            duration=self.duration,
            first_text=self.first_text,
            marks=marks,
            messages=self.messages,
            error=self.error,
            partial=self.partial,
            asked=self.asked,
            history=self.history,
            failed_after=self.failed_after,
            awaits=self.awaits,
            delivers=self.delivers,
            targets=self.targets,
        )


class TracedRating(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """A rating of a known conversation."""

    conversation: str
    id: str
    at: float
    scale: Scale
    satisfied: bool | None = None
    score: float | None = None
    revoked: bool = False
    message: str | None = None
    by: int | None = None  # tells the persons of one conversation apart, and nobody elsewhere

    @classmethod
    def of(cls, rating: Rating, conversation: str) -> TracedRating:
        """Keep what the figures need of a rating."""
        by = None if rating.user is None else digest(f"{conversation}/{rating.user}")
        return cls(
            conversation,
            rating.id,
            rating.at,
            rating.scale,
            rating.satisfied,
            rating.score,
            rating.revoked,
            rating.message,
            by,
        )

    def rating(self, assistant: str) -> Rating:
        """Give the rating again."""
        return Rating(
            id=self.id,
            assistant=assistant,
            at=self.at,
            scale=self.scale,
            satisfied=self.satisfied,
            score=self.score,
            revoked=self.revoked,
            conversation=self.conversation,
            message=self.message,
            user=None if self.by is None else str(self.by),
        )


Trace = TracedTurn | TracedRating


def _left_out(rule: str, without: Container[str]) -> bool:
    return rule in without or rule.partition("/")[0] in without
