"""Who begins alike without a name at one address: another person each time, unless it looks like another attempt.

Behind one backend everybody has its address, and "hello" is how most begin. What was answered is over: the next who begins so
is somebody else. What failed, or was cut, and is asked again a moment later is the same person's, and so is what a client says
it sends again. Each failure has one next attempt, so of fifty who fail together and ask again there are fifty. It does not
matter which of the two is told first: hosts tell them in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from proxy.kpi.events import Turn
from proxy.kpi.joining import FAILED, RETRY
from proxy.kpi.parts import end_of

OPENINGS: Final = 64
"""Beginnings that are remembered of each that is alike, the newest: 6 KB, and at ten a second those of the time of an attempt."""
CLOCKS: Final = 1.0
"""Seconds by which an attempt may seem to come before the failure: hosts' clocks differ, and a relay may see a client's new
connection before the end of the old one."""


class Opening(msgspec.Struct, frozen=True, array_like=True):
    """A beginning. `before`: it is the next attempt of another; `after`: another is the next attempt of it."""

    conversation: str
    at: float
    end: float
    failed: bool
    attempt: bool
    before: bool = False
    after: bool = False


_openings = msgspec.json.Decoder(list[Opening])


def meet(stored: str, turn: Turn, conversation: str) -> tuple[str | None, str]:
    """Give the conversation of a beginning, its own or that of the attempt it goes with; and what to store."""
    known = _read(stored)
    new = Opening(conversation, turn.at, end_of(turn), turn.result in FAILED, turn.attempt)
    replace = msgspec.structs.replace
    tried = [each for each in known if not each.after and _follows(each, new)]
    if tried:
        before = max(tried, key=lambda each: each.end)
        known = _with(known, before, replace(before, after=True))
        new = replace(new, conversation=before.conversation, before=True)
    elif again := [each for each in known if not each.before and _follows(new, each)]:
        after = min(again, key=lambda each: each.at)
        known = _with(known, after, replace(after, before=True))
        new = replace(new, conversation=after.conversation, after=True)
    kept = sorted((*known, new), key=lambda each: each.end)[-OPENINGS:]
    return new.conversation, msgspec.json.encode(kept).decode()


def _read(stored: str) -> list[Opening]:
    """What another version wrote and can't be read is forgotten: each of it begins a conversation."""
    try:
        return _openings.decode(stored) if stored else []
    except msgspec.MsgspecError:
        return []


def _follows(one: Opening, other: Opening) -> bool:
    """Say whether the other is the next attempt after the one that failed."""
    pause = other.at - one.end
    return one.failed and one.at < other.at and pause >= -CLOCKS and (other.attempt or pause <= RETRY)


def _with(known: Sequence[Opening], old: Opening, new: Opening) -> list[Opening]:
    return [new if each is old else each for each in known]
