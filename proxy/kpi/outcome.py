"""The one exclusive outcome of a session; the first rule that holds decides.

1. `excluded`: no user message, or none by a person (service accounts, probes, tests).
2. `handed_over`: a handover to a human started, even if it failed later or the assistant came back.
3. `failed`: the last answer was an error, a timeout or blocked; or no answer was ever seen and one failed.
4. `no_answer`: the last substantive answer was a fallback or refusal and no positive signal followed.
5. `abandoned`: the user left the last answer before its end, or asked for a human and got neither one nor a ticket, or the last
   signal is negative.
6. `resolved_confirmed`: the last signal is positive, and it is not older than the last user message.
7. `resolved_assumed`: the rest, unless the user came back to the conversation before the session settled: that is a negative
   signal, too, and makes it `abandoned`.

Where the definitions we started from left room: a user who leaves before any answer has abandoned, unless an answer had
failed before (3 over 5 only with a failure of the assistant's). A request for a human that no human met is abandoned even when
thanks follow: the order of the rules decides, and the automation rate is the stricter for it. A neutral rating is no signal;
NPS rates the organisation, not the session. A word of thanks is a message, but no substantive turn. A confirmed resolution stays
one when its user returns: it is a new matter. So does any where the conversation has no id of its own: a user who writes again
tomorrow may well ask something else. Such returns are counted, in the re-contact rate, and change no outcome, unless the
operator asks for it (`session.returns: anywhere`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from proxy.kpi.changes import Outcome
from proxy.kpi.parts import KeptRating
from proxy.kpi.progress import Progress

CONFIRMED: Final[Outcome] = "resolved_confirmed"
ASSUMED: Final[Outcome] = "resolved_assumed"
RETURNED: Final[Outcome] = "abandoned"
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "excluded",
    "handed_over",
    "failed",
    "no_answer",
    "abandoned",
    "resolved_confirmed",
    "resolved_assumed",
)

FROM_BEST: Final[tuple[Outcome, ...]] = (
    "resolved_confirmed",
    "resolved_assumed",
    "handed_over",
    "no_answer",
    "abandoned",
    "failed",
)
"""The outcomes that figures show, from the best to the worst: bars and tables keep this order."""


def outcome(progress: Progress, ratings: Iterable[KeptRating], *, returned: bool) -> Outcome:
    """Judge a session by its turns, the ratings that hold, and whether its conversation went on before it settled."""
    if not progress.turns:
        return "excluded"
    if progress.episodes:
        return "handed_over"
    if progress.result in {"error", "timeout", "blocked"} or (progress.broken and not progress.delivered):
        return "failed"
    signal, at = _last_signal(progress, ratings)
    if progress.unanswered is not None and not (signal is True and at >= progress.unanswered):
        return "no_answer"
    if progress.result == "cancelled" or (progress.requests and not progress.ticket) or signal is False:
        return "abandoned"
    if signal is True and at >= progress.last:
        return CONFIRMED
    return RETURNED if returned else ASSUMED


def _last_signal(progress: Progress, ratings: Iterable[KeptRating]) -> tuple[bool | None, float]:
    signal: bool | None = None
    at = float("-inf")
    if progress.positive is not None:
        signal, at = True, progress.positive
    for rating in ratings:
        if rating.satisfied is not None and rating.scale != "nps" and not rating.revoked and rating.at >= at:
            signal, at = rating.satisfied, rating.at
    return signal, at
