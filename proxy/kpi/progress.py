"""How far a session has come: the state machine that its turns drive, in their order.

    bot -> requested      the user asks for a human
    bot | requested | returned -> human      a handover starts: an episode begins; more starts inside it are its banner
    human -> returned     back to the assistant, or the handover failed: the episode is over

Idle time ends an episode with its session, so that each session begins with the assistant: a sign of life in a later
session is a new conversation as far as anyone can see from outside. Messages of the user in the state `human` are volume,
but neither latency nor ratings of them say anything about the assistant.
"""

from __future__ import annotations

from typing import Final, Literal, assert_never

import msgspec

from proxy.kpi.changes import HandoverReason
from proxy.kpi.events import MarkKind, MarkSource, Seeks, TurnResult
from proxy.kpi.groups import Labels, labelled
from proxy.kpi.parts import MESSAGES, Part

EPISODES: Final = 16
"""Handover episodes of one session that are told apart; an endless exchange of banners and returns counts as so many."""

State = Literal["bot", "requested", "human", "returned"]
Episode = tuple[MarkSource, HandoverReason]


class Progress(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """All that an outcome needs of the turns so far. Without a user message (`turns` 0) the session is excluded.

    New fields come last with a default: stored states of before stay readable.
    """

    first: float  # the first user message
    end: float  # the last moment known to belong to the session
    channel: str = ""
    turns: int = 0
    last: float = 0.0  # the last user message
    result: TurnResult | None = None  # of the last turn
    delivered: bool = False  # the user has seen some answer
    broken: bool = False  # some answer failed on the assistant's side
    unanswered: float | None = None  # the user message of the last substantive turn, when its answer was none
    positive: float | None = None  # the last thanks or success event
    closed: bool = False  # explicitly
    state: State = "bot"
    episodes: tuple[Episode, ...] = ()
    handed: float | None = None  # the message with which the last episode began
    requests: int = 0
    accepted: int = 0
    failed: int = 0
    completed: int = 0
    messages: tuple[int, ...] = ()  # of the assistant's answers
    relayed: tuple[int, ...] = ()  # of answers that came from a human
    department: str = ""  # this and the other labels are those of the first turn
    profile: str = ""
    model: str = ""
    route: str = ""
    derived: bool = False  # of a conversation that is all a user says, whatever it is about
    ticket: bool = False  # someone will see to it later
    before: int = 0  # user messages up to the first handover, that with which it began included
    left: float | None = None  # when the first handover started
    started: float | None = None  # when the last handover started
    waited: float | None = None  # seconds from the start of the first handover that a human accepted to that
    seeks: Seeks = ""  # by the last answer
    moods: tuple[float, ...] = ()  # scores of the first and the last message to the assistant whose sentiment is decided

    @property
    def labels(self) -> Labels:
        """What its sums are told apart by."""
        return labelled(self.channel, self.department, self.profile, self.model, self.route)


def begun(part: Part) -> Progress:
    """Open a session at its first part."""
    return Progress(
        first=part.at,
        end=part.end,
        channel=part.channel,
        department=part.department,
        profile=part.profile,
        model=part.model,
        route=part.route,
    )


def _labels(part: Part) -> dict[str, str]:
    return {
        "channel": part.channel,
        "department": part.department,
        "profile": part.profile,
        "model": part.model,
        "route": part.route,
    }


def advanced(progress: Progress, part: Part) -> Progress:
    """Take the next turn, or a part whose turn is no longer apart (it then adds its marks alone).

    What no person made takes time and nothing else: a session of nothing else has no turn, and so is excluded.
    """
    if part.excluded:
        return msgspec.structs.replace(progress, first=min(progress.first, part.at), end=max(progress.end, part.end))
    human = progress.state == "human"
    changes: dict[str, object] = {
        "first": min(progress.first, part.at),
        "end": progress.end if part.aside else max(progress.end, part.end),
    }
    if part.messages:
        side = "relayed" if human else "messages"
        changes[side] = (*getattr(progress, side), *part.messages)[-MESSAGES:]
    if not part.continues:
        changes |= _turn(progress, part)
        if not human:
            changes |= _heard(progress, part)
    if not part.marks:
        return msgspec.structs.replace(progress, **changes)
    reason = _reason(progress, part)
    progress = msgspec.structs.replace(progress, **changes)
    for (kind, source), at in part.timed.items():
        progress = _marked(progress, part, (kind, source, at), reason)
    return progress


def _turn(progress: Progress, part: Part) -> dict[str, object]:
    changes: dict[str, object] = {"turns": progress.turns + 1, "last": max(progress.last, part.at), "result": part.result}
    if not progress.turns:
        changes |= {**_labels(part), "derived": part.derived}
    match part.result:
        case "ok" | "no_answer":
            changes["delivered"] = True
            if not part.has("thanks"):  # a word of thanks asks nothing: its answer is not substantive
                none = part.result == "no_answer" or part.has("no_answer")
                changes["unanswered"] = part.at if none else None
        case "error" | "timeout" | "blocked":
            changes["broken"] = True
        case "cancelled":
            changes["delivered"] = progress.delivered or part.first_text is not None
        case _:
            assert_never(part.result)
    return changes


def _heard(progress: Progress, part: Part) -> dict[str, object]:
    changes: dict[str, object] = {"seeks": part.seeks}
    if part.sentiment is not None and part.sentiment.feeling != "undecided":
        changes["moods"] = (*progress.moods[:1], part.sentiment.score)
    return changes


def _marked(progress: Progress, part: Part, mark: tuple[MarkKind, MarkSource, float], reason: HandoverReason) -> Progress:
    replace = msgspec.structs.replace
    kind, source, at = mark
    match kind:
        case "handover_started":
            return _episode(progress, part, source, at, reason)
        case "handover_accepted":  # a desk may be the first to tell of the handover
            told = progress.state == "human"
            progress = _episode(progress, part, source, at, reason)
            if progress.waited is None and told and progress.started is not None:
                progress = replace(progress, waited=max(0.0, at - progress.started))
            return replace(progress, accepted=progress.accepted + 1)
        case "handover_requested":
            state: State = "human" if progress.state == "human" else "requested"
            return replace(progress, state=state, requests=progress.requests + 1)
        case "handover_failed":
            state = "returned" if progress.state == "human" else progress.state
            return replace(progress, state=state, failed=progress.failed + 1)
        case "handover_returned" | "handover_completed":
            if progress.state != "human":
                return progress
            return replace(progress, state="returned", completed=progress.completed + 1)
        case "thanks" | "resolved":
            return replace(progress, positive=max(progress.positive or 0.0, part.at))
        case "closed":
            return replace(progress, closed=True)
        case "no_answer" | "refused_policy" | "handover_offered" | "handover_refused":
            return progress
        case "ticket_created":
            return replace(progress, ticket=True)
        case "ai_transfer" | "user_input_required" | "human_in_the_loop":
            return progress
        case _:
            assert_never(kind)


def _episode(progress: Progress, part: Part, source: MarkSource, at: float, reason: HandoverReason) -> Progress:
    if progress.state == "human":
        return progress
    episodes = progress.episodes
    if len(episodes) < EPISODES:
        if reason == "unknown" and source == "tool_call":
            reason = "tool"
        episodes = (*episodes, (source, reason))
    if progress.left is None:
        progress = msgspec.structs.replace(progress, before=progress.turns, left=at)
    return msgspec.structs.replace(progress, state="human", episodes=episodes, handed=part.at, started=at)


def _reason(before: Progress, part: Part) -> HandoverReason:
    """Tell why an episode begins in this part, from it and from what came just before."""
    if before.state == "requested" or part.has("handover_requested"):
        return "user_request"
    if before.unanswered is not None or part.result == "no_answer" or part.has("no_answer"):
        return "no_answer"
    if before.result in {"error", "timeout", "blocked"}:
        return "error"
    sources = {source for kind, source in part.marks if kind in {"handover_started", "handover_accepted"}}
    if not before.turns and sources & {"protocol", "desk", "http"}:
        return "policy"  # before the assistant had answered anything by itself
    return "unknown"
