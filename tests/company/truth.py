"""The truth about the company, from what was said alone: written plainly from the definitions, with nothing of proxy.kpi.

A session is the turns of one conversation with gaps below 30 minutes, and belongs to the local day of its first message. A turn
belongs to its own day. People are counted on the days of their messages.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.company.scenario import ZONE, Back, Event, Person, Recommended, Said, Size, Talk, Thumb, day

IDLE, SETTLE, RETRY, DURABLE = 1800.0, 86400.0, 10.0, 7 * 86400.0


@dataclass(slots=True)
class Day:
    """What happened on one day, to one assistant, in one department or in all."""

    counts: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)  # s, of complete answers
    firsts: list[float] = field(default_factory=list)  # s, to the first text
    people: set[str] = field(default_factory=set)

    def add(self, other: Day) -> None:
        self.counts.update(other.counts)
        self.times += other.times
        self.firsts += other.firsts
        self.people |= other.people


Days = dict[tuple[str, str, date], Day]
"""By assistant, department ("" for all) and day."""


def truth(size: Size, everybody: list[Person], until: float) -> Days:
    """Everything that was said and answered before `until` (Unix seconds)."""
    days: Days = defaultdict(Day)
    visits: dict[str, list[float]] = defaultdict(list)  # of each person, to any assistant
    for talk, said in _talks(size, everybody, until):
        visits[talk.person.user] += [event.at for event in said if isinstance(event, Said)]
    for each in visits.values():
        each.sort()
    for talk, said in _talks(size, everybody, until):
        _talk(days, talk, said, visits[talk.person.user])
    return days


def _talks(size: Size, everybody: list[Person], until: float) -> Iterator[tuple[Talk, list[Event]]]:
    for offset in range(size.days):
        for talk in day(size, everybody, size.begin + timedelta(days=offset)):
            said = [event for event in talk.events if _end(event) < until]
            if said and talk.person.department:  # what is said at a kiosk is in no figure
                yield talk, said


def _end(event: Event) -> float:
    return event.at + (event.took if isinstance(event, Said) else 0.01)


def _local(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(ZONE)).date()


def _asked_again(events: list[Event], ends: dict[str, float]) -> list[Event]:
    """Join a question with its repetition within ten seconds of a failure: one message, with the last answer.

    `ends` gets the end of each by its answer.
    """
    found: list[Event] = []
    for event in events:
        before = found[-1] if found else None
        if (
            isinstance(event, Said)
            and isinstance(before, Said)
            and before.kind in {"error", "cancelled"}
            and event.kind not in {"request", "thanks"}  # another question
            and event.at - ends[before.id] <= RETRY
        ):
            found[-1] = Said(before.at, event.kind, event.took, event.id, event.first)
            ends[event.id] = max(ends[before.id], event.at + event.took)
            continue
        if isinstance(event, Said):
            ends[event.id] = event.at + event.took
        found.append(event)
    return found


def _talk(days: Days, talk: Talk, events: list[Event], visits: list[float]) -> None:
    for event in events:
        if isinstance(event, Said):
            for department in {"", talk.person.department}:
                _of(days, talk, _local(event.at), department).people.add(talk.person.user)
    ends: dict[str, float] = {}
    sessions: list[list[Said | Back]] = []
    end = -math.inf
    for event in _asked_again(events, ends):
        match event:
            case Said():
                if event.at - end >= IDLE:
                    sessions.append([])
                sessions[-1].append(event)
                end = max(end, ends[event.id])
            case Back():
                sessions[-1].append(event)
            case Thumb() | Recommended():
                pass
    thumbs: dict[str, Thumb] = {event.answer: event for event in events if isinstance(event, Thumb)}  # the last one holds
    surveys = {event.answer: event.score for event in events if isinstance(event, Recommended)}
    for number, session in enumerate(sessions):
        following = sessions[number + 1][0].at if number + 1 < len(sessions) else math.inf
        last = max(ends[turn.id] for turn in session if isinstance(turn, Said))
        after = visits[bisect_right(visits, last) :]
        came = after[0] if after else math.inf
        _session(days, talk, session, thumbs, surveys, Returned(following < last + IDLE + SETTLE, came - last))


@dataclass(frozen=True, slots=True)
class Returned:
    """What a person did after a session."""

    here: bool  # went on with the conversation before it settled
    after: float  # s until the next message to any assistant


def _session(
    days: Days, talk: Talk, session: list[Said | Back], thumbs: dict[str, Thumb], surveys: dict[str, int], returned: Returned
) -> None:
    turns = [event for event in session if isinstance(event, Said)]
    rated = [thumbs[turn.id] for turn in turns if turn.id in thumbs]
    on = _local(turns[0].at)
    counts = [_of(days, talk, on, department).counts for department in {"", talk.person.department}]
    outcome = _outcome(turns, rated)
    resolved = outcome in {"resolved_assumed", "resolved_confirmed"}
    revoked = outcome == "resolved_assumed" and returned.here
    if revoked:
        outcome = "abandoned"
    for each in counts:
        each["could_be_resolved"] += resolved
        each["recontact"] += resolved and returned.after < IDLE + SETTLE
        each["looked"] += resolved and not revoked
        each["durable"] += resolved and not revoked and returned.after >= DURABLE
        for turn in turns:
            if (score := surveys.get(turn.id)) is not None:
                each["surveys"] += 1
                each["promoters"] += score >= 9
                each["detractors"] += score <= 6
        each[outcome] += 1
        each["requested"] += any(turn.kind == "request" for turn in turns)
        each["rated"] += bool(rated)
        for thumb in rated:
            each["ratings"] += 1
            each["good"] += thumb.good
    human = False
    for event in session:
        if isinstance(event, Back):
            human = False
            continue
        for department in {"", talk.person.department}:
            _turn(_of(days, talk, _local(event.at), department), event, human=human)
        human = human or event.kind == "handover"


def _of(days: Days, talk: Talk, on: date, department: str) -> Day:
    return days[talk.assistant, department, on]


def _turn(into: Day, turn: Said, *, human: bool) -> None:
    into.counts["turns"] += 1
    if human:
        return
    if turn.kind != "cancelled":
        into.counts["valid"] += 1
        into.counts["up"] += turn.kind != "error"
    if turn.kind not in {"cancelled", "error"}:
        into.times.append(turn.took)
    if turn.kind != "error":
        into.firsts.append(turn.took if turn.first is None else turn.first)


def _outcome(turns: list[Said], rated: list[Thumb]) -> str:
    """The first rule that holds."""
    kinds = [turn.kind for turn in turns]
    last = turns[-1]
    signals = [(turn.at, True) for turn in turns if turn.kind == "thanks"] + [(thumb.at, thumb.good) for thumb in rated]
    at, good = max(signals, default=(-math.inf, None))
    if "handover" in kinds:
        return "handed_over"
    if last.kind == "error":
        return "failed"
    substantive = [turn for turn in turns if turn.kind not in {"thanks", "error", "cancelled"}]
    if substantive and substantive[-1].kind == "no_answer" and not (good and at >= substantive[-1].at):
        return "no_answer"
    if last.kind == "cancelled" or "request" in kinds or good is False:
        return "abandoned"
    return "resolved_confirmed" if good and at >= last.at else "resolved_assumed"


def together(days: Days, assistant: str, department: str, period: Iterable[date]) -> Day:
    """Several days as one."""
    found = Day()
    for on in period:
        if (each := days.get((assistant, department, on))) is not None:
            found.add(each)
    return found


Heads = Mapping[tuple[str, date], int]


def eligible(everybody: list[Person], mondays: Iterable[date]) -> Heads:
    """How many people of a department ("" for all) are in the directory in a week: from the first full one to that of leaving."""
    found: Counter[tuple[str, date]] = Counter()
    for on in mondays:
        for person in everybody:
            if person.department and counts(person, on):
                found.update([("", on), (person.department, on)])
    return found


def counts(person: Person, monday: date) -> bool:
    """Whether the directory has a person in a week."""
    return (person.joined is None or person.joined <= monday) and (person.left is None or person.left >= monday)
