"""A conversation as a set of parts and ratings, from which its sessions follow: order can't matter where no order is kept.

`fold` adds an event to the set, `sessions` cuts the set into sessions, `settle` gives due ones their final outcome, and seven
days after a resolved one ended it is known whether its user came back (proxy.kpi.lasting). Only to save room does a state forget
(proxy.kpi.compact).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

import msgspec

from proxy.kpi.changes import Outcome
from proxy.kpi.events import Rating, Turn
from proxy.kpi.opinions import placed
from proxy.kpi.outcome import ASSUMED, CONFIRMED, outcome
from proxy.kpi.parts import KeptRating, Part
from proxy.kpi.progress import Progress
from proxy.kpi.replay import Replays
from proxy.kpi.rules import Rules

OPEN: Final = 64
"""Sessions of one conversation that wait for their outcome; with more, the oldest settle before their time."""
USERS: Final = 4
"""People remembered of one conversation: where more share one, none of them can be told to have come back."""
DURABLE: Final = 7 * 86400.0
"""Seconds after a resolved session in which a user who comes back shows that it did not last."""
RATINGS: Final = 64
"""Ratings of one conversation; with more, new ones are refused, changes of known ones never."""


class Session(msgspec.Struct, frozen=True, array_like=True):
    """A session as it stands. `turns` are those not yet forgotten, each with whether a human answered it."""

    progress: Progress
    turns: tuple[tuple[Part, bool], ...] = ()
    ratings: tuple[KeptRating, ...] = ()  # the last one per person, target and scale; revoked ones too
    outcome: Outcome | None = None  # final; None until settled
    returned: bool = False  # its conversation went on before it settled; once settled, whether that changed its outcome
    until: float = float("inf")  # ratings from then on come too late for its outcome, however late it settles
    lasts: float | None = None  # when it is looked at again: resolved, and by a known user
    durable: bool | None = None  # then: whether its user said nothing to any assistant since

    @property
    def judged(self) -> Outcome:
        """The final outcome, or the one it would have now."""
        return self.outcome or self._outcome(returned=self.returned)

    def _outcome(self, *, returned: bool) -> Outcome:
        return outcome(self.progress, [each for each in self.ratings if each.at < self.until], returned=returned)

    @property
    def resolved(self) -> bool:
        """Whether it counts as resolved."""
        return self.judged in {ASSUMED, CONFIRMED}

    @property
    def revoked(self) -> bool:
        """Whether it would count as resolved, had its conversation not gone on."""
        return self.returned and (self.outcome is not None or self._outcome(returned=False) == ASSUMED)


class ConversationState(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of one conversation. `idle` is the gap by which its sums were last taken."""

    idle: float
    parts: tuple[Part, ...] = ()  # in order
    prefixes: tuple[Progress, ...] = ()  # beginnings of open sessions whose parts are forgotten, in order
    settled: tuple[Session, ...] = ()  # in order, without ratings
    ratings: tuple[KeptRating, ...] = ()  # in order
    users: tuple[str, ...] = ()  # who wrote, at most USERS
    settle: float = 0.0  # seconds from the end of a session to its outcome, by which its sums were last taken; 0: not known
    returns: bool = False  # a return in that time takes an assumed resolution back
    since: tuple[float, ...] = ()  # when each of the users wrote first; of states before definitions 4 not known

    @property
    def firsts(self) -> dict[str, float]:
        """Who wrote, with when first."""
        return dict(zip(self.users, (*self.since, *[0.0] * len(self.users)), strict=False))

    def of(self, session: Session) -> tuple[str, ...]:
        """Who wrote by the end of a session, which may settle when others have joined: their writing is nobody's return."""
        return tuple([user for user, first in self.firsts.items() if first <= session.progress.end])


def fold(state: ConversationState, event: Turn | Rating, rules: Rules) -> ConversationState:
    """Add an event. The same state, by identity, when it was there before or there is no room for it."""
    if isinstance(event, Rating):
        return _with_rating(state, KeptRating.of(event), rules)
    part = Part.of(event)
    if part.id in [known.id for known in state.parts]:
        return state
    for index, session in enumerate(state.settled):
        if _within(session.progress, part, rules.idle) and not _later_open(state, session, part):
            if any(known.id == part.id for known, _ in session.turns):
                return state
            late = msgspec.structs.replace(session, turns=(*session.turns, (placed(part, session.progress), False)))
            settled = (*state.settled[:index], late, *state.settled[index + 1 :])
            return msgspec.structs.replace(state, idle=rules.idle, settled=settled, settle=rules.settle, returns=rules.revokes)
    parts = (*state.parts, part)
    if state.parts and part.order < state.parts[-1].order:
        parts = tuple(sorted(parts, key=lambda each: each.order))
    users, since = (state.users, state.since) if event.user is None else _with_user(state.firsts, event.user, part.at)
    return msgspec.structs.replace(
        state, idle=rules.idle, parts=parts, users=users, settle=rules.settle, returns=rules.revokes, since=since
    )


def _with_user(known: dict[str, float], user: str, at: float) -> tuple[tuple[str, ...], tuple[float, ...]]:
    known[user] = min(at, known.get(user, at))
    users = sorted(known)[:USERS]
    return tuple(users), tuple([known[each] for each in users])


def _within(progress: Progress, part: Part, idle: float) -> bool:
    """Say whether a late part belongs to a settled session. What continues a turn belongs to it after any pause."""
    if part.continues:
        return progress.first <= part.at
    return progress.first - idle < part.at < (progress.end if progress.closed else progress.end + idle)


def _later_open(state: ConversationState, session: Session, part: Part) -> bool:
    """Say whether an open or later settled session has the better claim on what continues a turn."""
    if not part.continues:
        return False
    starts = [each.progress.first for each in state.settled] + [each.first for each in state.prefixes]
    starts += [each.at for each in state.parts[:1]]
    return any(session.progress.first < start <= part.at for start in starts)


def room(state: ConversationState, rating: Rating) -> bool:
    """Say whether a state can take a rating: it has not too many, or one of the same target."""
    new = KeptRating.of(rating)
    return len(state.ratings) < RATINGS or any(new.id == each.id or _same(new, each) for each in state.ratings)


def _same(one: KeptRating, other: KeptRating) -> bool:
    return one.message is not None and _target(one) == _target(other)


def _with_rating(state: ConversationState, rating: KeptRating, rules: Rules) -> ConversationState:
    if any(known.id == rating.id for known in state.ratings):
        return state
    same = [each for each in state.ratings if _same(each, rating)]
    if any(each.order > rating.order for each in same):
        return state
    known = tuple([each for each in state.ratings if each not in same])
    if len(known) >= RATINGS:
        return state
    ratings = tuple(sorted((*known, rating), key=lambda each: each.order))
    return msgspec.structs.replace(state, idle=rules.idle, ratings=ratings, settle=rules.settle, returns=rules.revokes)


def _target(rating: KeptRating) -> tuple[int | None, int | None, str]:
    return rating.user, rating.message, rating.scale


def sessions(state: ConversationState, replays: Replays | None = None) -> tuple[Session, ...]:
    """Cut a conversation into its sessions, in order of their first messages. `replays` spares what states have in common."""
    found = [*state.settled, *_open(state, replays)]
    if len(found) > 1:
        found.sort(key=lambda each: each.progress.first)
    found = _with_windows(found, state)
    if not state.ratings or not found:
        return tuple(found)
    groups: list[dict[tuple[int | None, int | None, str], KeptRating]] = [{} for _ in found]
    for rating in state.ratings:  # in order, so that the last one per target stays
        groups[session_of(rating, found)][_target(rating)] = rating
    return tuple(
        [
            msgspec.structs.replace(session, ratings=tuple(group.values())) if group else session
            for session, group in zip(found, groups, strict=True)
        ]
    )


def _with_windows(found: list[Session], state: ConversationState) -> list[Session]:
    """Say until when the outcomes of open sessions can change, and whose user came back to the conversation before that."""
    if not state.settle or not found:
        return found
    followers = [*[each.progress for each in found[1:]], _NOTHING]
    return [
        _with_window(session, after, state) if session.outcome is None else session
        for session, after in zip(found, followers, strict=True)
    ]


def _with_window(session: Session, after: Progress, state: ConversationState) -> Session:
    progress = session.progress
    until = progress.end + (0.0 if progress.closed else state.idle) + state.settle
    returned = state.returns and not progress.derived and after.turns > 0 and after.first < until
    return msgspec.structs.replace(session, returned=returned, until=until)


def session_of(rating: KeptRating, found: Sequence[Session]) -> int:
    """Find the session that holds the rated answer, or else the last one that had begun."""
    if rating.message is not None:
        for index, session in enumerate(found):
            if rating.message in session.progress.messages or rating.message in session.progress.relayed:
                return index
    return max(sum(session.progress.first <= rating.at for session in found) - 1, 0)


_NOTHING: Final = Progress(first=0.0, end=0.0)


def _open(state: ConversationState, replays: Replays | None) -> list[Session]:
    replays = replays or Replays()
    return [Session(*replays.of(prefix, parts)) for prefix, parts in cut(state)]


def cut(state: ConversationState) -> list[tuple[Progress | None, list[Part]]]:
    """Cut the parts that are not settled: a gap of idle time, or an explicit close, begins a new session at the next turn."""
    cuts: list[tuple[Progress | None, list[Part]]] = [(prefix, []) for prefix in state.prefixes]
    at = -1
    current: list[Part] | None = None
    end, closed = 0.0, False
    for part in state.parts:
        while at + 1 < len(state.prefixes) and part.at > state.prefixes[at + 1].first - state.idle:
            at += 1
            current, end, closed = cuts[at][1], state.prefixes[at].end, state.prefixes[at].closed
        if current is None or (not part.continues and (closed or part.at - end >= state.idle)):
            current, end, closed = [], part.end, False
            cuts.append((None, current))
        current.append(part)
        end = end if part.aside else max(end, part.end)  # polls may go on long after the last word
        closed = closed or part.has("closed")
    if state.prefixes:
        cuts.sort(key=_start)
    return cuts


def _start(cut: tuple[Progress | None, list[Part]]) -> float:
    prefix, parts = cut
    starts = [] if prefix is None else [prefix.first]
    return min(starts + [part.at for part in parts[:1]])


def due(state: ConversationState, rules: Rules, found: Sequence[Session] | None = None) -> float | None:
    """Give the time at which the next session settles, or is looked at again; None when there is none.

    `found` are its sessions, where they are known already.
    """
    times = [due_of(session.progress, rules) for session in found or sessions(state) if session.outcome is None]
    times += [session.lasts for session in state.settled if session.lasts is not None and session.durable is None]
    return min(times, default=None)


def due_of(progress: Progress, rules: Rules) -> float:
    """Give the time at which a session settles."""
    return progress.end + (0.0 if progress.closed else rules.idle) + rules.settle


def ready(state: ConversationState, now: float, rules: Rules) -> list[Session]:
    """Give the sessions that settle at `now`, in order: those that are due, and the oldest beyond OPEN."""
    waiting = [session for session in sessions(state) if session.outcome is None]
    excess = len(waiting) - OPEN
    numbered = enumerate(waiting)
    found = takewhile(lambda item: item[0] < excess or due_of(item[1].progress, rules) <= now, numbered)
    return [in_time(each, rules) for _, each in found]


def settle(state: ConversationState, now: float, rules: Rules) -> ConversationState:
    """Give their final outcome to the sessions that are due at `now`, as far as the conversation itself tells."""
    return settled(state, ready(state, now, rules), rules)


def settled(state: ConversationState, found: Sequence[Session], rules: Rules) -> ConversationState:
    """Give their final outcome to the first open sessions, which `ready` gave."""
    if not found:
        return state
    left = cut(state)[len(found) :]
    done = [_settled(each, state, rules) for each in found]
    return msgspec.structs.replace(
        state,
        idle=rules.idle,
        parts=tuple([part for _, parts in left for part in parts]),
        prefixes=tuple([prefix for prefix, _ in left if prefix is not None]),
        settled=tuple(sorted((*state.settled, *done), key=lambda each: each.progress.first)),
        settle=rules.settle,
        returns=rules.revokes,
    )


def _settled(session: Session, state: ConversationState, rules: Rules) -> Session:
    progress = session.progress
    lasts = max(progress.end + DURABLE, due_of(progress, rules)) if session.resolved and state.of(session) else None
    return Session(progress, session.turns, (), session.judged, session.revoked, lasts=lasts)


def in_time(session: Session, rules: Rules) -> Session:
    """Leave out the ratings that came after a session was due: its outcome may not rest on how late somebody looked."""
    until = due_of(session.progress, rules)
    return msgspec.structs.replace(session, ratings=tuple([each for each in session.ratings if each.at < until]))
