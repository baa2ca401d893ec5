"""What people do after an answer, taken as a verdict on it: the estimate of precision that needs nobody's help.

Each answer is judged once, by the first of these that holds:

    no_answer      the assistant said that it does not know, or that it did not understand
    refused        it may not answer, or a guard kept its answer back
    left           the person broke it off after its first words
    regenerated    the person had another one made
    repeated       the next message, within two minutes, is the same question
    reformulated   the next message, within two minutes, is the same question in other words (proxy.kpi.echo)

These make it wrong. It is correct when none holds and the talk goes on, or ends. It is undecided when its text was cut, so that
nobody can say whether it was an answer, or when the next message came in time and could not be compared.

An answer is judged when the next message of its session is there, or when its session settles; until then it is in no count. Not
judged is what is no answer of the assistant: errors and timeouts (`availability` counts them), what was left before its first
word, what a human said, a step to a human, the reply to a word of thanks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from proxy.kpi.echo import SOON
from proxy.kpi.events import MarkKind
from proxy.kpi.parts import Part
from proxy.kpi.precision import Verdict
from proxy.kpi.session import Session

Signal = Literal["no_answer", "refused", "left", "regenerated", "repeated", "reformulated"]

_AGAIN: Final[Mapping[str, Signal]] = {"repeated": "repeated", "reformulated": "reformulated"}
_FAILED: Final = frozenset({"error", "timeout"})
_NO_QUESTION: Final[frozenset[MarkKind]] = frozenset({"thanks", "handover_requested", "handover_started", "handover_accepted"})


class Judgement(msgspec.Struct, frozen=True):
    """The verdict on one answer, and the signal that made it wrong."""

    verdict: Verdict
    signal: Signal | None = None


def judgements(session: Session, start: int = 0) -> Iterator[tuple[Part, Judgement]]:
    """Give the answers of a session that are judged, from one of its turns on, each with the verdict on it."""
    turns = session.turns[start:]
    over = session.outcome is not None
    for at, (part, human) in enumerate(turns):
        if _answered(part, human=human):
            after = next((each for each, _ in turns[at + 1 :] if is_message(each)), None)
            if after is not None or over:
                yield part, _judged(part, after)


def is_message(part: Part) -> bool:
    """Say whether a turn is a message by a person."""
    return not part.continues and not part.excluded


def _answered(part: Part, *, human: bool) -> bool:
    if human or not is_message(part) or part.result in _FAILED:
        return False
    if part.result == "cancelled" and part.first_text is None:
        return False
    return not any(kind in _NO_QUESTION for kind, _ in part.marks)


def _judged(part: Part, after: Part | None) -> Judgement:
    if (signal := _signal(part, after)) is not None:
        return Judgement("wrong", signal)
    blind = after is not None and after.at - part.end <= SOON and not after.echo and not after.has("thanks")
    return Judgement("undecided" if part.partial or blind else "correct")


def _signal(part: Part, after: Part | None) -> Signal | None:
    if part.result == "no_answer" or part.has("no_answer"):
        return "no_answer"
    if part.result == "blocked" or part.has("refused_policy"):
        return "refused"
    if part.result == "cancelled":
        return "left"
    if part.regenerated:
        return "regenerated"
    if after is not None and after.echo in _AGAIN:
        return _AGAIN[after.echo]
    return None
