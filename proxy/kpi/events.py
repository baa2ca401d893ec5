"""What the KPIs are made of: turns and ratings. `meaning` produces them, the outbox keeps them, sessions fold them.

Nothing here is content or a raw identity: users, conversations and messages are keyed hashes (HMAC-SHA256, 128 bits,
base64url without padding: 22 characters), everything else comes from closed sets or is a number.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from proxy.kpi.echo import Echo, Sketch
from proxy.kpi.topics import Share

TurnResult = Literal["ok", "error", "timeout", "cancelled", "blocked", "no_answer"]

MarkKind = Literal[
    "handover_started",  # the assistant hands over to a human
    "handover_requested",  # the user asks for a human
    "handover_offered",  # the assistant proposes a human; not a handover
    "handover_refused",  # the assistant says that no human can be had; nothing has begun
    "handover_accepted",
    "handover_failed",
    "handover_completed",  # the human is done with it
    "handover_returned",  # back from the human to the assistant
    "no_answer",  # fallback or refusal
    "refused_policy",  # the assistant may not answer; no gap in what it knows
    "resolved",  # an explicit success event
    "thanks",  # a positive closing word of the user
    "closed",  # an explicit end of the conversation
    "ai_transfer",  # to another AI; never a handover
    "user_input_required",
    "human_in_the_loop",  # a member of staff approves a step; the user talks to the assistant as before
    "ticket_created",  # work for later; no handover
]
MarkSource = Literal["protocol", "desk", "tool_call", "http", "phrase_assistant", "phrase_user"]

Scale = Literal["binary", "five", "ten", "nps"]

Feeling = Literal["negative", "neutral", "positive", "undecided"]
Seeks = Literal["", "question", "binary", "five", "ten", "nps"]
"""What the end of an answer asks of the user: nothing, something of the matter, or a rating on a scale."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A marker that hit: its kind, where it was seen, and the id of the rule."""

    kind: MarkKind
    source: MarkSource
    rule: str


class Sentiment(msgspec.Struct, frozen=True, array_like=True):
    """How a user's message sounds, by rules: an estimate. `score` is -1 to 1, and 0 for `undecided`."""

    feeling: Feeling
    score: float = 0.0


class Typed(msgspec.Struct, frozen=True, array_like=True):
    """What a user's message may rate the answer before it with. Whether it does hangs on what that answer asked.

    Without a scale it is a bare number or a yes, which rates only where a rating was asked for. A `sure` form (4/5) rates
    even where something else was asked.
    """

    scale: Scale | None
    satisfied: bool | None = None
    score: float | None = None
    sure: bool = False


class Turn(msgspec.Struct, frozen=True, tag="turn", kw_only=True, omit_defaults=True):
    """One user message with the assistant's whole answer.

    `at` is Unix seconds of the user's message. `duration` (s) runs from the last byte of the request to the last byte of
    the answer, None unless the answer is complete; `first_text` (s) to the first assistant text. `conversation` is None
    when neither an id nor a user is known: such a turn counts as volume and latency only. With `continues` the exchange
    carried no new user message (a tool round trip): it adds marks and time to the turn before, and is not a turn. With
    `aside` (which continues, too) it was beside the conversation, a desk's call or a poll: it adds marks and nothing else.

    An answer may come by another exchange. A turn that `awaits` it says since when; the exchange that `delivers` it (which
    continues, too) says when it had come, and by `targets` which turn it answers: one that bears one of these among its
    messages, or, without targets, the turn before. `asked` tells a question that is asked again; with `history` the hash
    covers all that was said before, so that an equal one asks for another answer to the same.

    Where the wire has no conversation id, `sooner` are keys under which an earlier turn of the same conversation may be
    known, the surest first, and `later` those under which this one is. Without a user, others may say the same at the same
    address: their conversations share these keys, and equal ones that begin meet under `opening`, where only `attempt` (the
    client says that it sends again) or a failure a moment ago makes two of them one.
    """

    id: str
    assistant: str
    at: float
    result: TurnResult
    conversation: str | None = None
    derived: bool = False  # the conversation is the user's, cut by idle time; no id on the wire
    user: str | None = None
    eligible: bool = False  # the directory lists this user
    department: str = ""
    profile: str = ""
    channel: str = ""
    preset: str = ""
    model: str = ""
    route: str = ""  # start of its path, one of the settings
    continues: bool = False
    aside: bool = False
    excluded: bool = False  # made by no person: a service account, a probe, a test
    duration: float | None = None
    first_text: float | None = None
    marks: tuple[Mark, ...] = ()
    trial: tuple[Mark, ...] = ()  # of rules that are tried, in no figure
    messages: tuple[str, ...] = ()  # hashed ids by which feedback may name this answer
    parent: str | None = None  # hashed id of the answer that this turn continues, where the wire says so
    sooner: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    asked: str | None = None
    history: bool = False
    opening: str | None = None
    attempt: bool = False
    failed_after: float | None = None  # seconds from `at` to the end of an answer that did not come whole
    awaits: float | None = None  # Unix seconds since which the answer is awaited
    delivers: float | None = None  # Unix seconds at which an awaited answer had come
    targets: tuple[str, ...] = ()
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None  # of tokens_in, read from a cache
    tokens_written: int | None = None  # of tokens_in, written to a cache
    tokens_reasoning: int | None = None  # of tokens_out, reasoning that nobody is shown
    error: str = ""  # enumerated class of the error, for result error / timeout / blocked
    partial: bool = False  # the capture was cut: phrases were not judged
    sketch: Sketch | None = None  # of the message, until it was compared with the one before it
    echo: Echo = ""  # what came of that
    sentiment: Sentiment | None = None  # of the user's message, where the settings ask for it
    typed: Typed | None = None
    seeks: Seeks = ""  # by its answer
    topics: tuple[Share, ...] = ()  # sealed themes of a message that got no answer, until they are counted
    trace: str = ""  # a well-formed W3C traceparent of the request, where the relay was told to note it


class Rating(msgspec.Struct, frozen=True, tag="rating", kw_only=True, omit_defaults=True):
    """One piece of feedback. The last one per (user, target) wins; `revoked` takes it back.

    `satisfied` is None for a neutral answer (counted in the denominator); `score` is on the scale's own range.
    """

    id: str
    assistant: str
    at: float
    scale: Scale
    satisfied: bool | None = None
    score: float | None = None
    revoked: bool = False
    conversation: str | None = None
    message: str | None = None
    user: str | None = None


class Skipped(msgspec.Struct, frozen=True, tag="skipped", kw_only=True, omit_defaults=True):
    """An exchange that is neither turn nor rating, counted by an enumerated reason (probe, polling, unknown, synthetic ...).

    Those of which nothing is known but that a relay gave them up come together: `times`.
    """

    id: str
    assistant: str
    at: float
    reason: str
    times: int = 1


Event = Turn | Rating | Skipped
