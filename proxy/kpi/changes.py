"""What applying events changed: one typed change drives metric, live view and log alike."""

from __future__ import annotations

from typing import Literal

import msgspec

from proxy.kpi.events import MarkSource, Scale, Turn

Outcome = Literal[
    "excluded",
    "handed_over",
    "failed",
    "no_answer",
    "abandoned",
    "resolved_confirmed",
    "resolved_assumed",
]

HandoverReason = Literal["user_request", "no_answer", "error", "policy", "sentiment", "tool", "unknown"]


class TurnCounted(msgspec.Struct, frozen=True):
    """A turn, or an exchange that continues one (its tokens and marks are news, it is no turn), entered the ledger.

    `human`: a human answers in its session, so that its times say nothing of the assistant.
    """

    turn: Turn
    human: bool = False


class SessionStarted(msgspec.Struct, frozen=True):
    """A first user message opened a session."""

    assistant: str
    channel: str


class HandoverStarted(msgspec.Struct, frozen=True):
    """An episode with a human began."""

    assistant: str
    source: MarkSource
    reason: HandoverReason


class HandoverMoved(msgspec.Struct, frozen=True):
    """Something else became known of a handover."""

    assistant: str
    status: Literal["requested", "accepted", "failed", "completed"]


class SessionSettled(msgspec.Struct, frozen=True):
    """A session got its outcome for good."""

    assistant: str
    channel: str
    outcome: Outcome


class Recontacted(msgspec.Struct, frozen=True):
    """A session that would count as resolved has settled, and its user had written again before."""

    assistant: str
    channel: str


class RatingCounted(msgspec.Struct, frozen=True):
    """A rating entered the ledger for the first time (a changed one does not count again)."""

    assistant: str
    scale: Scale
    satisfied: bool | None
    score: float | None = None  # on the scale's own range


class TypedCounted(msgspec.Struct, frozen=True):
    """A message in the chat rated the answer before it."""

    assistant: str
    scale: Scale
    satisfied: bool | None


Change = (
    TurnCounted | SessionStarted | HandoverStarted | HandoverMoved | SessionSettled | Recontacted | RatingCounted | TypedCounted
)
