"""One session as it went: when, how long answers took, which rules hit, how it ended. Never what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from proxy.kpi.again import Remade
from proxy.kpi.evidence import session_name
from proxy.kpi.parts import KeptRating
from proxy.kpi.trace import Trace, TracedTurn

MOST = 500
"""Moments told: a session of more is a machine's."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a session, `after` seconds from its beginning; times are seconds.

    A turn is a user's message with its answer, a round what the assistant did on the way to one (a tool call, a desk's call).
    """

    kind: Literal["turn", "round", "rating"]
    after: float
    result: str  # of a turn; of a rating good, bad or neutral
    duration: float | None = None  # to the last byte of the answer
    first_text: float | None = None
    rules: tuple[str, ...] = ()


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A session by the hash that evidence names it with. Labels are those of its first turn."""

    assistant: str
    session: str
    begins: str  # ISO 8601, in the assistant's time zone
    outcome: str  # `open` until it has settled
    turns: int
    channel: str
    moments: tuple[Moment, ...]
    left_out: int  # moments not told, the last ones


def timeline(assistant: str, each: Remade, traces: Sequence[Trace], zone: str) -> Timeline:
    """Tell of a session. `traces` are those of its days, with those of others among them."""
    progress = each.session.progress
    own = [trace for trace in traces if isinstance(trace, TracedTurn) and trace.conversation == each.conversation]
    turns = [trace for trace in own if progress.first <= trace.at <= progress.end]
    moments = [_turn(trace, progress.first) for trace in turns]
    moments += [_rating(rating, progress.first) for rating in each.session.ratings if not rating.revoked]
    moments.sort(key=lambda moment: moment.after)
    return Timeline(
        assistant=assistant,
        session=session_name(each),
        begins=datetime.fromtimestamp(progress.first, UTC).astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
        outcome=each.session.outcome or "open",
        turns=progress.turns,
        channel=progress.channel,
        moments=tuple(moments[:MOST]),
        left_out=max(0, len(moments) - MOST),
    )


def _turn(trace: TracedTurn, first: float) -> Moment:
    turn = trace.turn
    return Moment(
        kind="round" if turn.continues else "turn",
        after=max(0.0, turn.at - first),
        result=turn.result,
        duration=turn.duration,
        first_text=turn.first_text,
        rules=tuple([f"{mark.kind} {mark.rule}" for mark in turn.marks]),
    )


def _rating(rating: KeptRating, first: float) -> Moment:
    said = {True: "good", False: "bad", None: "neutral"}[rating.satisfied]
    return Moment(kind="rating", after=max(0.0, rating.at - first), result=said)
