"""What a session adds to the ledger, as whole numbers in named cells.

The key to counting once: the ledger always receives `contributions(new) - contributions(old)`. A rating that changes, an
outcome that is revised until it settles, a turn that comes late and moves the beginning of its session: each is the
difference of two sums, so nothing is counted twice and nothing has to be remembered about what was counted.

A cell is (local hour, name, labels). A session's cells sit in the hour of its first user message and have the labels of its
first turn; a turn's cells sit in its own hour and have its own labels.

    open:OUTCOME settled:OUTCOME     sessions by outcome; `open` at the outcome they would have now
    open:requested settled:requested open:rated settled:rated     of those that are not excluded; NPS rates no session
    rated:OUTCOME     settled sessions that were rated, by outcome
    returned:revoked     sessions that count as abandoned, since their conversation went on
    returned:recontact     sessions that would count as resolved, and whose user wrote again before they settled
    durable:n durable:yes     resolved sessions of known users, seven days later; those whose user had said nothing since
    handover:episodes handover:source:SOURCE handover:reason:REASON     of settled sessions: handovers, and the first of each
    handover:turns     user messages up to the first handover
    handover:accepted handover:failed handover:phrase     sessions whose handover was accepted, failed, is told by words alone
    handover:refused     sessions in which a human was asked for, and none came
    before:n :us :bI waited:n :us :bI     time to the first handover, and from a handover to the human who accepted it
    turns turn:RESULT turn:human turn:partial turn:unattributed     user messages
    turn:derived turn:anonymous     user messages whose conversation has no id of its own, whose user is not known
    turn:excluded     messages that no person wrote, in no other cell
    valid good     turns that count for availability, and those of them that the assistant was up for
    response:n :us :within :bI     complete answers of the assistant: number, microseconds, within target, in bucket I
    first:n :us :bI     time to the first text
    tokens:KIND:BAND:MODEL usage:known|none|of:MODEL     what was paid for (proxy.kpi.usage)
    rating:SCALE:yes|no|neutral rating:SCALE:n rating:SCALE:score     the last one gives hundredths over n scores
    sentiment:FEELING     user messages to the assistant, where that is asked for
    shift:better|worse|level     settled sessions whose last message sounds so beside the first
    typed:SCALE:yes|no|neutral     ratings typed into the chat, which are in no cell of ratings
    rating:nps:promoter|passive|detractor     answers of 9 and 10, of 7 and 8, of 0 to 6
    rating:human     ratings of a human's answers, in no other cell
    rating:excluded     ratings in sessions that no person made, in no other cell
    precision:METHOD:correct|wrong|undecided     answers that a method looked at (proxy.kpi.precision)
    signal:NAME     answers that a signal counts against (proxy.kpi.signals)
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from proxy.kpi import usage
from proxy.kpi.calendar import hour
from proxy.kpi.events import Rating, Skipped, Turn
from proxy.kpi.groups import NONE, Labels
from proxy.kpi.histogram import bucket
from proxy.kpi.opinions import shifted
from proxy.kpi.parts import KeptRating, Part
from proxy.kpi.precision import by_ratings, cell_of
from proxy.kpi.rules import Rules
from proxy.kpi.session import Session
from proxy.kpi.signals import Judgement, judgements

NOT_ITS_FAULT: Final = frozenset({"client_error", "rate_limited", "refused", "drained"})
"""Classes of errors that say nothing of the assistant's availability: 4xx answers, and what the relay did itself."""

Cell = tuple[str, str, Labels]
Cells = dict[Cell, int]


def contributions(session: Session, rules: Rules, without: Container[int] = ()) -> Cells:
    """Give all cells of a session, without those of some turns."""
    cells: Cells = {}
    progress = session.progress
    at, labels = hour(rules.zone, progress.first), progress.labels
    stage = "open" if session.outcome is None else "settled"
    judged = session.judged
    _add(cells, at, labels, f"{stage}:{judged}")
    if judged != "excluded":
        if progress.requests:
            _add(cells, at, labels, f"{stage}:requested")
        if any(not rating.revoked and rating.scale != "nps" for rating in session.ratings):
            _add(cells, at, labels, f"{stage}:rated")
            if session.outcome is not None:
                _add(cells, at, labels, f"rated:{judged}")
        if session.outcome is not None:
            _add_handover(cells, at, session)
            if (way := shifted(progress)) is not None:
                _add(cells, at, labels, f"shift:{way}")
        if session.durable is not None:
            _add(cells, at, labels, "durable:n")
        if session.durable:
            _add(cells, at, labels, "durable:yes")
    for rating in session.ratings:
        if not rating.revoked:
            _add_rating(cells, at, session, rating)
    if judged != "excluded":
        for verdict in by_ratings([rating for rating in session.ratings if not _of_human(session, rating)]):
            _add(cells, at, labels, cell_of("explicit", verdict))
    for part, human, judgement in judgements(session):
        if part.id not in without:
            _add_turn(cells, part, rules, human=human)
            if judgement is not None:
                _add_judgement(cells, part, judgement, rules)
    return cells


def total(sessions: Iterable[Session], rules: Rules, without: Container[int] = ()) -> Cells:
    """Give the cells of all sessions of a conversation, without those of some turns."""
    cells: Cells = {}
    for session in sessions:
        accumulate(cells, contributions(session, rules, without))
    return cells


def difference(new: Sequence[Session], old: Sequence[Session], rules: Rules) -> Cells:
    """Give what the ledger has to be told when new sessions replace old ones. Turns that are the same in both cost nothing."""
    known = {turn[0].id: turn for session in old for turn in judgements(session)}
    same = {turn[0].id for session in new for turn in judgements(session) if known.get(turn[0].id) == turn}
    cells = total(new, rules, same)
    accumulate(cells, total(old, rules, same), -1)
    return cells


def accumulate(cells: Cells, more: Mapping[Cell, int], sign: int = 1) -> None:
    """Add sums, or take them away."""
    for cell, count in more.items():
        cells[cell] = cells.get(cell, 0) + sign * count


def alone(turn: Turn, rules: Rules) -> Cells:
    """Give the cells of a turn without a conversation: volume and latency only."""
    cells: Cells = {}
    part = msgspec.structs.replace(Part.of(turn), typed=None)  # of what it may rate nothing is known
    _add_turn(cells, part, rules, human=False)
    if not turn.continues and not turn.excluded:
        _add(cells, hour(rules.zone, turn.at), part.labels, "turn:unattributed")
    return cells


def skipped(event: Skipped, rules: Rules) -> Cell:
    """Give the cell of an exchange that is neither turn nor rating."""
    return hour(rules.zone, event.at), f"skipped:{event.reason}", NONE


def unmatched(rating: Rating, rules: Rules) -> Cell:
    """Give the cell of a rating whose target is not known: in no satisfaction figure, as its changes could not be told apart."""
    return hour(rules.zone, rating.at), "rating:unmatched", NONE


def refused(rating: Rating, rules: Rules) -> Cell:
    """Give the cell of a rating that its conversation had no room for."""
    return hour(rules.zone, rating.at), "rating:refused", NONE


def _add(cells: Cells, at: str, labels: Labels, name: str, count: int = 1) -> None:
    cell = (at, name, labels)
    cells[cell] = cells.get(cell, 0) + count


def _add_turn(cells: Cells, part: Part, rules: Rules, *, human: bool) -> None:
    at, labels = hour(rules.zone, part.at), part.labels
    if not part.excluded:
        for name, count in usage.cells(part.calls):
            _add(cells, at, labels, name, count)
    if part.continues:
        return  # a tool round trip whose turn is not here: no user message
    if part.excluded:
        _add(cells, at, labels, "turn:excluded")
        return
    _add(cells, at, labels, "turns")
    if part.partial:
        _add(cells, at, labels, "turn:partial")
    if part.derived:
        _add(cells, at, labels, "turn:derived")
    if part.anonymous:
        _add(cells, at, labels, "turn:anonymous")
    if human:
        _add(cells, at, labels, "turn:human")
        return
    _add_usage(cells, at, part)
    _add_opinion(cells, at, part)
    _add(cells, at, labels, f"turn:{part.result}")
    up = _up(part)
    if up is not None:
        _add(cells, at, labels, "valid")
        if up:
            _add(cells, at, labels, "good")
    if part.result in {"ok", "no_answer"} and part.duration is not None:
        _add_time(cells, at, labels, "response", part.duration)
        if part.duration < rules.response:
            _add(cells, at, labels, "response:within")
    if part.first_text is not None:
        _add_time(cells, at, labels, "first", part.first_text)


def _add_usage(cells: Cells, at: str, part: Part) -> None:
    if part.unreported:
        return
    _add(cells, at, part.labels, "usage:known" if part.calls else "usage:none")
    for model in {call.model for call in part.calls}:
        _add(cells, at, part.labels, f"usage:of:{model}")


def _add_judgement(cells: Cells, part: Part, judgement: Judgement, rules: Rules) -> None:
    at, labels = hour(rules.zone, part.at), part.labels
    _add(cells, at, labels, cell_of("signals", judgement.verdict))
    if judgement.signal is not None:
        _add(cells, at, labels, f"signal:{judgement.signal}")


def _add_opinion(cells: Cells, at: str, part: Part) -> None:
    if part.sentiment is not None:
        _add(cells, at, part.labels, f"sentiment:{part.sentiment.feeling}")
    if part.typed is not None:
        _add(cells, at, part.labels, f"typed:{part.typed.scale}:{_said(part.typed.satisfied)}")


def _said(satisfied: bool | None) -> str:
    """Give the word for a judgement."""
    return "neutral" if satisfied is None else "yes" if satisfied else "no"


def _add_time(cells: Cells, at: str, labels: Labels, name: str, seconds: float) -> None:
    _add(cells, at, labels, f"{name}:n")
    _add(cells, at, labels, f"{name}:us", round(seconds * 1e6))
    _add(cells, at, labels, f"{name}:b{bucket(seconds)}")


def _add_handover(cells: Cells, at: str, session: Session) -> None:
    progress, labels = session.progress, session.progress.labels
    if session.revoked:
        _add(cells, at, labels, "returned:revoked")
    if not progress.episodes:
        if progress.requests and not progress.ticket:
            _add(cells, at, labels, "handover:refused")
        return
    source, reason = progress.episodes[0]
    _add(cells, at, labels, "handover:episodes", len(progress.episodes))
    _add(cells, at, labels, f"handover:source:{source}")
    _add(cells, at, labels, f"handover:reason:{reason}")
    if all(each.startswith("phrase") for each, _ in progress.episodes):
        _add(cells, at, labels, "handover:phrase")
    if progress.accepted:
        _add(cells, at, labels, "handover:accepted")
    if progress.failed:
        _add(cells, at, labels, "handover:failed")
    if progress.left is not None:
        _add(cells, at, labels, "handover:turns", progress.before)
        _add_time(cells, at, labels, "before", progress.left - progress.first)
    if progress.waited is not None:
        _add_time(cells, at, labels, "waited", progress.waited)


def recontact(session: Session, rules: Rules) -> Cell:
    """Give the cell of a settled session whose user wrote again."""
    return hour(rules.zone, session.progress.first), "returned:recontact", session.progress.labels


def _up(part: Part) -> bool | None:
    """Say whether the assistant was up; None for a turn that says nothing of it (the client's cancel or its bad request)."""
    if part.result == "cancelled" or (part.result == "error" and part.error in NOT_ITS_FAULT):
        return None
    return part.result not in {"error", "timeout"}


def _add_rating(cells: Cells, at: str, session: Session, rating: KeptRating) -> None:
    labels = session.progress.labels
    if session.judged == "excluded":
        _add(cells, at, labels, "rating:excluded")
        return
    if _of_human(session, rating):
        _add(cells, at, labels, "rating:human")
        return
    scale = f"rating:{rating.scale}"
    if rating.scale == "nps" and rating.score is not None:
        group = "promoter" if rating.score >= 9 else "passive" if rating.score >= 7 else "detractor"
        _add(cells, at, labels, f"{scale}:{group}")
    _add(cells, at, labels, f"{scale}:{_said(rating.satisfied)}")
    if rating.score is not None:
        _add(cells, at, labels, f"{scale}:n")
        _add(cells, at, labels, f"{scale}:score", round(rating.score * 100))


def _of_human(session: Session, rating: KeptRating) -> bool:
    """Say whether a rating is of a human's work: it names a human's answer, or names none and came while a human answered."""
    progress = session.progress
    if rating.message is not None and rating.message in progress.messages:
        return False
    if rating.message is not None and rating.message in progress.relayed:
        return True
    return progress.state == "human" and progress.handed is not None and rating.at >= progress.handed
