"""What a session adds to the ledger, as whole numbers in named cells.

The key to counting once: the ledger always receives `total(new) - total(old)`. A rating that changes, an
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

from collections.abc import Iterable, Sequence

import msgspec

from proxy.kpi.calendar import hour
from proxy.kpi.cells import Cell, Cells, accumulate, add, add_time, add_turn, said
from proxy.kpi.changes import Outcome
from proxy.kpi.events import Rating, Skipped, Turn
from proxy.kpi.groups import NONE
from proxy.kpi.opinions import shifted
from proxy.kpi.parts import KeptRating, Part
from proxy.kpi.precision import by_ratings, cell_of
from proxy.kpi.rules import Rules
from proxy.kpi.session import Session
from proxy.kpi.signals import Judgement, is_message, judgements


def contributions(session: Session, rules: Rules) -> Cells:
    """Give all cells of a session."""
    cells: Cells = {}
    _add_session(cells, session, rules)
    return cells


def total(sessions: Iterable[Session], rules: Rules) -> Cells:
    """Give the cells of all sessions of a conversation."""
    cells: Cells = {}
    for session in sessions:
        _add_session(cells, session, rules)
    return cells


def revise(cells: Cells, new: Sequence[Session], old: Sequence[Session], rules: Rules) -> None:
    """Add what the ledger has to be told when new sessions replace old ones. Turns that are the same in both cost nothing."""
    less: Cells = {}
    before = {id(session.turns[0][0]): session for session in old if session.turns}
    for session in new:
        was = before.pop(id(session.turns[0][0]), None) if session.turns else None
        if was is None:
            _add_session(cells, session, rules)
            continue
        same, decided = _shared(session, was)
        _add_session(cells, session, rules, same, decided)
        _add_session(less, was, rules, same, decided)
    for session in old:
        if not session.turns or id(session.turns[0][0]) in before:
            _add_session(less, session, rules)
    accumulate(cells, less, -1)


def _shared(one: Session, other: Session) -> tuple[int, int]:
    """Count the turns at the beginning that are the very same in both, and those of them whose verdicts are the same as well.

    Replays share them (proxy.kpi.replay). The verdict on an answer hangs on the message after it, or on the session's end.
    """
    same = decided = 0
    for (part, human), (known, by_human) in zip(one.turns, other.turns, strict=False):
        if part is not known or human != by_human:
            break
        if is_message(part):
            decided = same
        same += 1
    return same, decided if (one.outcome is None) == (other.outcome is None) else 0


def _add_session(cells: Cells, session: Session, rules: Rules, same: int = 0, decided: int = 0) -> None:
    """Add the cells of a session, but those of its first `same` turns and of the first `decided` verdicts."""
    progress = session.progress
    at, labels = hour(rules.zone, progress.first), progress.labels
    stage = "open" if session.outcome is None else "settled"
    judged = session.judged
    add(cells, at, labels, f"{stage}:{judged}")
    if judged != "excluded":
        if progress.requests:
            add(cells, at, labels, f"{stage}:requested")
        if session.outcome is not None:
            _add_handover(cells, at, session)
            if (way := shifted(progress)) is not None:
                add(cells, at, labels, f"shift:{way}")
        if session.durable is not None:
            add(cells, at, labels, "durable:n")
        if session.durable:
            add(cells, at, labels, "durable:yes")
    if session.ratings:
        _add_ratings(cells, at, session, stage, judged)
    for part, human in session.turns[same:]:
        add_turn(cells, part, rules, human=human)
    for part, judgement in judgements(session, decided):
        _add_judgement(cells, part, judgement, rules)


def alone(turn: Turn, rules: Rules) -> Cells:
    """Give the cells of a turn without a conversation: volume and latency only."""
    cells: Cells = {}
    part = msgspec.structs.replace(Part.of(turn), typed=None)  # of what it may rate nothing is known
    add_turn(cells, part, rules, human=False)
    if not turn.continues and not turn.excluded:
        add(cells, hour(rules.zone, turn.at), part.labels, "turn:unattributed")
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


def _add_judgement(cells: Cells, part: Part, judgement: Judgement, rules: Rules) -> None:
    at, labels = hour(rules.zone, part.at), part.labels
    add(cells, at, labels, cell_of("signals", judgement.verdict))
    if judgement.signal is not None:
        add(cells, at, labels, f"signal:{judgement.signal}")


def _add_handover(cells: Cells, at: str, session: Session) -> None:
    progress, labels = session.progress, session.progress.labels
    if session.revoked:
        add(cells, at, labels, "returned:revoked")
    if not progress.episodes:
        if progress.requests and not progress.ticket:
            add(cells, at, labels, "handover:refused")
        return
    source, reason = progress.episodes[0]
    add(cells, at, labels, "handover:episodes", len(progress.episodes))
    add(cells, at, labels, f"handover:source:{source}")
    add(cells, at, labels, f"handover:reason:{reason}")
    if all(each.startswith("phrase") for each, _ in progress.episodes):
        add(cells, at, labels, "handover:phrase")
    if progress.accepted:
        add(cells, at, labels, "handover:accepted")
    if progress.failed:
        add(cells, at, labels, "handover:failed")
    if progress.left is not None:
        add(cells, at, labels, "handover:turns", progress.before)
        add_time(cells, at, labels, "before", progress.left - progress.first)
    if progress.waited is not None:
        add_time(cells, at, labels, "waited", progress.waited)


def recontact(session: Session, rules: Rules) -> Cell:
    """Give the cell of a settled session whose user wrote again."""
    return hour(rules.zone, session.progress.first), "returned:recontact", session.progress.labels


def _add_ratings(cells: Cells, at: str, session: Session, stage: str, judged: Outcome) -> None:
    labels = session.progress.labels
    holding = [rating for rating in session.ratings if not rating.revoked]
    for rating in holding:
        _add_rating(cells, at, session, rating)
    if judged == "excluded":
        return
    if any(rating.scale != "nps" for rating in holding):
        add(cells, at, labels, f"{stage}:rated")
        if session.outcome is not None:
            add(cells, at, labels, f"rated:{judged}")
    for verdict in by_ratings([rating for rating in session.ratings if not _of_human(session, rating)]):
        add(cells, at, labels, cell_of("explicit", verdict))


def _add_rating(cells: Cells, at: str, session: Session, rating: KeptRating) -> None:
    labels = session.progress.labels
    if session.judged == "excluded":
        add(cells, at, labels, "rating:excluded")
        return
    if _of_human(session, rating):
        add(cells, at, labels, "rating:human")
        return
    scale = f"rating:{rating.scale}"
    if rating.scale == "nps" and rating.score is not None:
        group = "promoter" if rating.score >= 9 else "passive" if rating.score >= 7 else "detractor"
        add(cells, at, labels, f"{scale}:{group}")
    add(cells, at, labels, f"{scale}:{said(rating.satisfied)}")
    if rating.score is not None:
        add(cells, at, labels, f"{scale}:n")
        add(cells, at, labels, f"{scale}:score", round(rating.score * 100))


def _of_human(session: Session, rating: KeptRating) -> bool:
    """Say whether a rating is of a human's work: it names a human's answer, or names none and came while a human answered."""
    progress = session.progress
    if rating.message is not None and rating.message in progress.messages:
        return False
    if rating.message is not None and rating.message in progress.relayed:
        return True
    return progress.state == "human" and progress.handed is not None and rating.at >= progress.handed
