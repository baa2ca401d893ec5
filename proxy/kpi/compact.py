"""How a conversation's state stays small: it forgets what the ledger has and no likely event can change.

Sums are taken before compacting, never after (proxy.kpi.sums): what is forgotten is then in no difference, and stays counted.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.kpi.joining import joins, merged
from proxy.kpi.parts import Part
from proxy.kpi.progress import Progress, advanced, begun
from proxy.kpi.session import ConversationState, cut, session_of, sessions

PARTS: Final = 64
"""Parts kept apart in one conversation: an event that comes late among so many falls into its place, a later one does not."""
SETTLED: Final = 32
"""Settled sessions that one conversation keeps for late ratings, the newest."""
MEMORY: Final = 30 * 86400.0
"""Seconds for which a settled session takes late ratings."""


def compact(state: ConversationState) -> ConversationState:
    """Forget what the ledger has and no likely event can change. Take sums before, never after."""
    parts, prefixes = state.parts, state.prefixes
    if len(parts) <= PARTS and not state.settled:
        return state
    if len(parts) > PARTS:
        pieces = _absorbed(cut(state), len(parts) - PARTS)
        parts = tuple([part for _, rest in pieces for part in rest])
        prefixes = tuple([prefix for prefix, _ in pieces if prefix is not None])
    settled = tuple([msgspec.structs.replace(each, turns=()) if each.turns else each for each in state.settled])
    ratings = state.ratings
    newest = max([part.at for part in parts[-1:]] + [each.progress.end for each in settled], default=0.0)
    gone = [each for index, each in enumerate(settled) if index < len(settled) - SETTLED or each.progress.end < newest - MEMORY]
    if gone:
        places = {id(each.progress) for each in gone}  # sessions have no name, and two may begin in the same instant
        found = sessions(state)
        lost = {rating.id for rating in ratings if id(found[session_of(rating, found)].progress) in places}
        settled = tuple([each for each in settled if id(each.progress) not in places])
        ratings = tuple([rating for rating in ratings if rating.id not in lost])
    return msgspec.structs.replace(state, parts=parts, prefixes=prefixes, settled=settled, ratings=ratings)


def _absorbed(pieces: list[tuple[Progress | None, list[Part]]], excess: int) -> list[tuple[Progress | None, list[Part]]]:
    """Take the oldest parts into what a session remembers; a turn goes with all that continues it, joined first."""
    result: list[tuple[Progress | None, list[Part]]] = []
    for begin, rest in pieces:
        prefix, parts = begin, rest
        while excess > 0 and parts:
            excess -= 1
            first, *parts = parts
            if parts and joins(first, parts[0]):
                parts[0] = merged(first, parts[0])
            else:
                prefix = advanced(prefix or begun(first), first)
        result.append((prefix, parts))
    return result
