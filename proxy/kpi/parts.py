"""What a conversation keeps of an event, small enough to be kept by the million.

A turn is one part (the exchange with the user's message) and any further parts (see `joining`).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

import msgspec

from proxy.kpi.echo import Echo
from proxy.kpi.events import MarkKind, MarkSource, Rating, Scale, Seeks, Sentiment, Turn, TurnResult, Typed
from proxy.kpi.groups import Labels, labelled
from proxy.kpi.usage import Usage, unreported, usage_of

MESSAGES: Final = 64
"""Message ids kept of one turn or session, the newest: more than people rate."""


@lru_cache(maxsize=4096)  # a commit asks for the id of each of its turns three times
def digest(text: str) -> int:
    """Shorten an id to 64 bits: plenty within one conversation, and 9 bytes in MessagePack instead of 24 or more."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def end_of(turn: Turn) -> float:
    """Unix seconds of the last moment known to belong to a turn."""
    return turn.delivers or turn.at + (turn.duration or turn.failed_after or turn.first_text or 0.0)


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One exchange of a turn; times as in `Turn`. New fields come last with a default: stored states of before stay readable."""

    at: float
    id: int
    result: TurnResult
    end: float  # the last moment known to belong to it
    continues: bool = False
    duration: float | None = None
    first_text: float | None = None
    marks: tuple[tuple[MarkKind, MarkSource], ...] = ()
    messages: tuple[int, ...] = ()
    channel: str = ""
    error: str = ""
    partial: bool = False
    aside: bool = False  # beside the conversation: its marks count, and nothing else
    department: str = ""
    profile: str = ""
    model: str = ""
    route: str = ""
    derived: bool = False
    times: tuple[float, ...] = ()  # of the marks, one each
    asked: int | None = None  # the question, with what was said before it where there is `history`
    history: bool = False
    awaits: float | None = None  # Unix seconds since which the rest of the answer is awaited
    delivers: float | None = None  # Unix seconds at which an awaited answer had come
    targets: tuple[int, ...] = ()  # messages of the turn that it answers
    excluded: bool = False  # made by no person: in no figure, but for its own count
    anonymous: bool = False  # of nobody known
    calls: tuple[Usage, ...] = ()  # tokens that its calls reported
    unreported: bool = False  # a call of it took tokens and did not say how many
    echo: Echo = ""  # whether it asks again what was asked before it
    regenerated: bool = False  # another answer was asked for though there was one
    sentiment: Sentiment | None = None
    typed: Typed | None = None  # once its place in a session is known: with a scale, or not a rating
    seeks: Seeks = ""  # by the last of its answers

    @classmethod
    def of(cls, turn: Turn) -> Part:
        """Keep what the figures need of a turn."""
        end = end_of(turn)
        return cls(
            turn.at,
            digest(turn.id),
            turn.result,
            end,
            turn.continues,
            turn.duration,
            turn.first_text,
            tuple([(mark.kind, mark.source) for mark in turn.marks]),
            tuple([digest(message) for message in turn.messages]),
            turn.channel,
            turn.error,
            turn.partial,
            turn.aside,
            turn.department,
            turn.profile,
            turn.model,
            turn.route,
            turn.derived,
            (end,) * len(turn.marks),
            None if turn.asked is None else digest(turn.asked),
            turn.history,
            turn.awaits,
            turn.delivers,
            tuple([digest(target) for target in turn.targets]),
            turn.excluded,
            turn.user is None,
            () if turn.aside or (used := usage_of(turn)) is None else (used,),
            unreported(turn),
            turn.echo,
            sentiment=turn.sentiment,
            typed=turn.typed,
            seeks=turn.seeks,
        )

    @property
    def labels(self) -> Labels:
        """What its sums are told apart by."""
        return labelled(self.channel, self.department, self.profile, self.model, self.route)

    @property
    def order(self) -> tuple[float, int]:
        """Parts of a conversation stand in this order, however they came."""
        return self.at, self.id

    @property
    def timed(self) -> dict[tuple[MarkKind, MarkSource], float]:
        """The marks with the time of each: the end of the exchange that told of it first."""
        return dict(zip(self.marks, self.times or (self.end,) * len(self.marks), strict=True))

    def has(self, kind: MarkKind) -> bool:
        """Say whether a marker of this kind hit."""
        return bool(self.marks) and any(mark[0] == kind for mark in self.marks)


class KeptRating(msgspec.Struct, frozen=True, array_like=True):
    """A rating as a conversation keeps it; `message` None means that the session as a whole was rated."""

    at: float
    id: int
    scale: Scale
    satisfied: bool | None
    score: float | None
    revoked: bool
    user: int | None
    message: int | None

    @classmethod
    def of(cls, rating: Rating) -> KeptRating:
        """Keep what the figures need of a rating."""
        return cls(
            rating.at,
            digest(rating.id),
            rating.scale,
            rating.satisfied,
            rating.score,
            rating.revoked,
            None if rating.user is None else digest(rating.user),
            None if rating.message is None else digest(rating.message),
        )

    @property
    def order(self) -> tuple[float, int]:
        """Of two ratings of one target by one person, the later in this order holds."""
        return self.at, self.id
