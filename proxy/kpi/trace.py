"""What is kept of each turn and rating for a while, so that past figures can be explained and made again under other rules.

No content and no user: when, how it went, which rules hit, in which conversation (its hash).
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

import msgspec

from proxy.kpi.events import Rating, Turn
from proxy.kpi.parts import digest

SOMEBODY: Final = "somebody"
"""Stands for every known user of a turn that is read again."""


class TracedTurn(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A turn, or what continues one; `known` says whether its user was known."""

    conversation: str
    turn: Turn
    known: bool

    @classmethod
    def of(cls, turn: Turn, conversation: str) -> TracedTurn:
        """Keep of a turn what figures need, and not who it was."""
        kept = msgspec.structs.replace(
            turn,
            assistant="",
            conversation=None,
            user=None,
            eligible=False,
            department="",
            profile="",
            parent=None,
            sooner=(),
            later=(),
            opening=None,
            tokens_in=None,
            tokens_out=None,
            tokens_cached=None,
            tokens_written=None,
            tokens_reasoning=None,
            sketch=None,
            topics=(),
            trace="",
        )
        return cls(conversation, kept, turn.user is not None)

    @property
    def id(self) -> str:
        """The turn's."""
        return self.turn.id

    @property
    def at(self) -> float:
        """Unix seconds."""
        return self.turn.at

    def again(self, without: Container[str] = (), *, trial: bool = False) -> Turn:
        """Give the turn as it would be without some rules (ids, or the files that they stand in), or with those on trial."""
        marks = tuple([mark for mark in self.turn.marks if not _left_out(mark.rule, without)])
        result = self.turn.result
        # A fallback phrase had made an otherwise fine answer a no-answer.
        if result == "no_answer" and len(marks) < len(self.turn.marks) and not any(mark.kind == "no_answer" for mark in marks):
            result = "ok"
        if trial:
            known = {mark.kind for mark in marks}
            marks += tuple([mark for mark in self.turn.trial if mark.kind not in known and not _left_out(mark.rule, without)])
            if result == "ok" and any(mark.kind == "no_answer" for mark in marks):
                result = "no_answer"
        user = SOMEBODY if self.known else None
        return msgspec.structs.replace(self.turn, conversation=self.conversation, user=user, marks=marks, result=result)


class TracedRating(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """A rating of a known conversation. `by` tells the persons of one conversation apart, and nobody elsewhere."""

    conversation: str
    rating: Rating
    by: int | None = None

    @classmethod
    def of(cls, rating: Rating, conversation: str) -> TracedRating:
        """Keep of a rating what figures need, and not who it was."""
        by = None if rating.user is None else rater(conversation, rating.user)
        return cls(conversation, msgspec.structs.replace(rating, assistant="", conversation=None, user=None), by)

    @property
    def id(self) -> str:
        """The rating's."""
        return self.rating.id

    @property
    def at(self) -> float:
        """Unix seconds."""
        return self.rating.at

    def again(self) -> Rating:
        """Give the rating."""
        user = None if self.by is None else str(self.by)
        return msgspec.structs.replace(self.rating, conversation=self.conversation, user=user)


class TracedReturn(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    """When the user of a resolved session next said something to any assistant; None: not in the time that was looked at.

    `first` is when the session began. `looked` once its seven days are over.
    """

    conversation: str
    first: float
    back: float | None
    looked: bool

    @property
    def id(self) -> str:
        """The session's: what is known later takes the place of what was known before."""
        return f"{self.conversation}/{self.first}"

    @property
    def at(self) -> float:
        """Unix seconds."""
        return self.first


Trace = TracedTurn | TracedRating | TracedReturn


def rater(conversation: str, user: str) -> int:
    """Name the person of a rating within its conversation."""
    return digest(f"{conversation}/{user}")


def _left_out(rule: str, without: Container[str]) -> bool:
    return rule in without or rule.partition("/")[0] in without
