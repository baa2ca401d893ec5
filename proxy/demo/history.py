"""Eight weeks of the demo people's traffic, as the records that a relay would have shipped.

Nothing here knows a figure: the rhythm of days and weeks comes from the people, outcomes come from what is said, and the
real pipeline counts them. The same `Span` makes the same records, byte for byte, whenever it is asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from proxy.demo.answers import JSON, STREAM, Reply, dice, reply
from proxy.demo.people import WEEKS, Person, visitors
from proxy.demo.visit import CHAT, Call, Heard, Visit, hear
from proxy.records import Answered, Ending, Opened, Record, Segment, segment

ASSISTANT: Final = "demo"
TIME_ZONE: Final = "Europe/Paris"

_WEEKDAYS = (0.215, 0.205, 0.185, 0.20, 0.165, 0.018, 0.012)
"""Share of a week's visits by day, Monday first."""

_HOURS = (0.2, 1.2, 2.0, 2.2, 1.6, 0.9, 1.2, 1.9, 1.8, 1.4, 0.8, 0.3, 0.15)
"""Weight of each hour from 7 to 19."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which history: everything from the launch to `until` (Unix seconds)."""

    until: float
    weeks: int = WEEKS

    @property
    def launched(self) -> date:
        """The first day, in the assistant's time zone."""
        return datetime.fromtimestamp(self.until, ZoneInfo(TIME_ZONE)).date() - timedelta(weeks=self.weeks)

    @property
    def relay(self) -> str:
        """Identity of the relay that replays it; the same for the same history, so that nothing is counted twice."""
        return f"demo-{self.weeks}w-{int(self.until)}"


def records(span: Span) -> Iterator[Record]:
    """All exchanges in the order of their ends, each as one record; made day by day, never held as a whole."""
    number = 0
    for day in range(span.weeks * 7 + 1):
        made = [pair for visit in _visits(span, day) for pair in _exchanges(*visit)]
        for ended, record in sorted(made, key=lambda pair: pair[0]):
            if ended < span.until:
                number += 1
                yield Record(number, number, ASSISTANT, record.opened, record.segments, record.answered, record.ending)


def _visits(span: Span, day: int) -> Iterator[tuple[Visit, str, float]]:
    """The day's visits, with their names and starts."""
    today = span.launched + timedelta(days=day)
    midnight = datetime.combine(today, time(), ZoneInfo(TIME_ZONE))
    week = day / 7
    year, number, _ = today.isocalendar()
    for person in visitors():
        away = dice("away", person.user, year, number).random() < 0.14
        if away or week < person.since:
            continue
        name = f"{span.relay}/{person.user}/{day}"
        chance = dice("day", name)
        for nth in range(_poisson(person.visits * _WEEKDAYS[today.weekday()], chance.random())):
            hour = chance.choices(range(7, 20), _HOURS)[0]
            start = (midnight + timedelta(hours=hour, seconds=chance.uniform(0, 3600))).timestamp()
            visit = f"{name}/{nth}"
            yield Visit(person, visit, maturity=day / (7 * span.weeks)), visit, start


def _poisson(mean: float, roll: float) -> int:
    """The number whose cumulated probability first reaches the roll."""
    number, probability = 0, math.exp(-mean)
    total = probability
    while total < roll and number < 100:
        number += 1
        probability *= mean / number
        total += probability
    return number


def _exchanges(visit: Visit, name: str, start: float) -> Iterator[tuple[float, Record]]:
    """A whole visit: (end in Unix seconds, record without its number)."""
    at, nth = start, 0
    call = visit.next_call(None)
    while call is not None:
        at += call.think
        answer = reply(call.body, f"{name}/{nth}", at) if call.path == CHAT else Reply(200, JSON, ((0.02, b'{"ok":true}'),))
        record, body = _record(visit.person, call, answer, at)
        at, nth = at + _ended(record), nth + 1
        yield at, record
        if record.ending is not None and record.ending.reason == "client_gone":
            return
        heard: Heard | None = hear(answer.status, answer.media, body) if call.path == CHAT else None
        call = visit.next_call(heard)


def _ended(record: Record) -> float:
    return record.ending.after if record.ending is not None else 0.0


def _record(person: Person, call: Call, answer: Reply, at: float) -> tuple[Record, bytes]:
    """The exchange as a relay sees it, and the body as its client reads it."""
    streamed = answer.media == STREAM
    pieces = [(after, piece) for after, piece in answer.pieces if call.leave is None or after <= call.leave]
    gone = len(pieces) < len(answer.pieces)
    framed = [b"%x\r\n%b\r\n" % (len(piece), piece) if streamed else piece for _, piece in pieces]
    times = [after for after, _ in pieces]
    ended = call.leave if gone and call.leave is not None else answer.pieces[-1][0]
    if streamed and not gone:
        framed.append(b"0\r\n\r\n")
        times.append(ended)
    opened = Opened(at, "127.0.0.1", "POST", call.path, (), _request_headers(person, call))
    segments = [Segment(True, 0, call.body, (0.0,))]
    if framed:
        segments.append(segment(False, 0, framed, times))
    # A stream's head leaves the assistant with its first event, and so does every other answer's.
    head = Answered(pieces[0][0], answer.status, _response_headers(answer), chunked=streamed) if pieces else None
    ending = Ending(
        after=ended,
        reason="client_gone" if gone else "complete",
        request_size=len(call.body),
        response_size=sum(map(len, framed)),
        request_after=0.0,
    )
    return Record(0, 0, ASSISTANT, opened, tuple(segments), head, ending), b"".join([piece for _, piece in pieces])


def _request_headers(person: Person, call: Call) -> tuple[tuple[str, str], ...]:
    language = "fr-FR,fr;q=0.9" if person.language == "fr" else "en-GB,en;q=0.9"
    return (
        ("content-type", JSON),
        ("content-length", str(len(call.body))),
        ("accept-language", language),
        ("user-agent", "demo-people"),
    )


def _response_headers(answer: Reply) -> tuple[tuple[str, str], ...]:
    if answer.media == STREAM:
        return (("content-type", STREAM), ("transfer-encoding", "chunked"))
    return (("content-type", JSON), ("content-length", str(len(answer.pieces[0][1]))))
