"""Turns and ratings in few words. Times are seconds after BASE, 2026-10-20 12:00 in Paris."""

from collections.abc import Iterable, Sequence

import msgspec

from proxy.kpi.events import Mark, MarkKind, MarkSource, Rating, Scale, Turn, TurnResult
from proxy.kpi.rules import Rules
from proxy.kpi.session import ConversationState, Session, fold, sessions

BASE = 1792490400.0
RULES = Rules()


def turn(
    at: float,
    *marks: MarkKind,
    result: TurnResult = "ok",
    name: str | None = None,
    source: MarkSource = "protocol",
    duration: float | None = 1.0,
    first_text: float | None = 0.5,
    continues: bool = False,
    aside: bool = False,
    messages: tuple[str, ...] | None = None,
    channel: str = "",
    error: str = "",
    derived: bool = False,
) -> Turn:
    """A turn whose answer is named after its time: `m10` for the turn at 10."""
    return Turn(
        id=name or f"t{at}",
        assistant="rh",
        at=BASE + at,
        result=result,
        conversation="c",
        user="u",
        duration=None if aside else duration if result in {"ok", "no_answer"} else None,
        first_text=first_text,
        continues=continues or aside,
        aside=aside,
        marks=tuple(Mark(kind, source, "rule") for kind in marks),
        messages=(f"m{at:g}",) if messages is None else messages,
        channel=channel,
        error=error,
        derived=derived,
    )


def nobody(at: float, *marks: MarkKind) -> Turn:
    """Make a turn that no person made."""
    return msgspec.structs.replace(turn(at, *marks), excluded=True)


def rating(
    at: float,
    satisfied: bool | None = True,
    *,
    message: str | None = None,
    scale: Scale = "binary",
    score: float | None = None,
    revoked: bool = False,
    user: str | None = "u",
    name: str | None = None,
) -> Rating:
    return Rating(
        id=name or f"r{at}",
        assistant="rh",
        at=BASE + at,
        scale=scale,
        satisfied=satisfied,
        score=score,
        revoked=revoked,
        conversation="c",
        message=message,
        user=user,
    )


def state_of(events: Iterable[Turn | Rating], rules: Rules = RULES) -> ConversationState:
    state = ConversationState(rules.idle)
    for event in events:
        state = fold(state, event, rules)
    return state


def sessions_of(events: Iterable[Turn | Rating], rules: Rules = RULES) -> Sequence[Session]:
    return sessions(state_of(events, rules))


def session_of(*events: Turn | Rating) -> Session:
    (session,) = sessions_of(events)
    return session
