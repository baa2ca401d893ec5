"""How the parts of a conversation become turns: one question of the user, and all that was done to answer it.

Joined to the turn before are a tool's round trip (`continues`), what was beside the conversation (`aside`), an answer that
came by another exchange (`delivers`: a poll, a callback, a socket), and the question when it was asked again: because its
answer failed a moment ago, or to get another one. Joining is associative from the left, so parts may be joined early to save
room without changing any figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from proxy.kpi.parts import MESSAGES, Part
from proxy.kpi.usage import joined

RETRY: Final = 10.0
"""Seconds after a failure within which the same question is another attempt and not another question."""
FAILED: Final = frozenset({"error", "timeout", "cancelled"})
"""Results after which the same question may be another attempt."""


def grouped(parts: Sequence[Part]) -> list[Part]:
    """Join parts, in their order, to turns. Parts in front of the first turn stay alone."""
    turns: list[Part] = []
    for part in parts:
        if part.targets and (at := _answered(turns, part)) is not None:
            turns[at] = merged(turns[at], part)
        elif turns and joins(turns[-1], part):
            turns[-1] = merged(turns[-1], part)
        else:
            turns.append(part)
    return turns


def _answered(turns: Sequence[Part], part: Part) -> int | None:
    """Find the turn that a delivered answer names."""
    for at in range(len(turns) - 1, -1, -1):
        if not turns[at].continues and not set(part.targets).isdisjoint(turns[at].messages):
            return at
    return None


def joins(turn: Part, part: Part) -> bool:
    """Say whether the next part belongs to the turn before it."""
    return not turn.continues and (part.continues or _again(turn, part))


def _again(turn: Part, part: Part) -> bool:
    """Say whether the same question is asked again. A "yes" after an answered "yes" is a new one, where no history tells."""
    if part.asked is None or part.asked != turn.asked:
        return False
    return part.history or (turn.result in FAILED and part.at - turn.end <= RETRY)


def merged(turn: Part, more: Part) -> Part:
    """Join a turn with a part that belongs to it.

    Times are the sum of the calls, without what the client did between them, or the time to an awaited answer. The last
    part's result is the turn's; a turn with a part that has no duration has none.
    """
    if more.targets and set(more.targets).isdisjoint(turn.messages):
        return turn  # an old answer that was fetched again
    if not (more.continues or more.aside):
        return _anew(turn, more)
    turn = _marked(turn, more)
    if more.aside:
        return turn
    turn = _said(turn, more)
    if more.delivers is not None and turn.awaits is None:
        return turn
    duration = first_text = awaits = None
    if more.awaits is not None:
        awaits = turn.awaits or more.awaits - (turn.duration or 0.0)
    elif turn.awaits is not None:
        came = more.delivers or (None if more.duration is None else more.end)
        duration = None if came is None or more.result not in {"ok", "no_answer"} else max(0.0, came - turn.awaits)
        first_text = duration
    elif turn.duration is not None:
        duration = None if more.duration is None else turn.duration + more.duration
        first_text = None if more.first_text is None else turn.duration + more.first_text
    return replace(
        turn,
        result=more.result,
        error=more.error,
        end=max(turn.end, more.end),
        duration=duration,
        first_text=turn.first_text if turn.first_text is not None else first_text,
        partial=turn.partial or more.partial,
        awaits=awaits,
        seeks=more.seeks,
        **_paid(turn, more),
    )


def _marked(turn: Part, more: Part) -> Part:
    """Add the marks of a part, each at its first time."""
    timed = turn.timed
    for mark, at in more.timed.items():
        timed[mark] = min(at, timed.get(mark, at))
    return replace(turn, marks=tuple(timed), times=tuple(timed.values()))


def _said(turn: Part, more: Part) -> Part:
    return replace(turn, messages=(*turn.messages, *more.messages)[-MESSAGES:], model=turn.model or more.model)


def _anew(turn: Part, more: Part) -> Part:
    """Put another answer in the place of the first; what was said of a human stays said."""
    kept = {mark: at for mark, at in turn.timed.items() if mark[0] != "no_answer"}
    turn = replace(turn, marks=tuple(kept), times=tuple(kept.values()))
    return replace(
        _said(_marked(turn, more), more),
        result=more.result,
        error=more.error,
        end=max(turn.end, more.end),
        duration=more.duration,
        first_text=more.first_text,
        partial=more.partial,
        awaits=more.awaits,
        regenerated=turn.regenerated or turn.result not in FAILED,
        seeks=more.seeks,
        **_paid(turn, more),
    )


def _paid(turn: Part, more: Part) -> dict[str, Any]:
    """Add the tokens of both: another attempt and another answer are paid for like the first."""
    return {"calls": joined(turn.calls, more.calls), "unreported": turn.unreported or more.unreported}
