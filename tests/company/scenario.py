"""A company whose every word is known: people of departments who join and leave, and what each of them says to which assistant.

Nothing here knows a figure or a rule of the proxy. The same size makes the same year, and each day is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, Literal
from zoneinfo import ZoneInfo

ZONE: Final = "Europe/Paris"
ASSISTANTS: Final = ("rh", "it", "legal")
SHARES: Final = (0.5, 0.3, 0.2)
DEPARTMENTS: Final = (
    *("Sales", "Support", "Logistics", "Production", "Finance", "Legal", "Research"),
    *("Marketing", "Purchasing", "Quality", "IT", "People"),
)
HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
KIOSKS: Final = 5
"""Shared accounts, excluded in the settings: in no figure."""

Kind = Literal["ok", "no_answer", "error", "cancelled", "request", "handover", "thanks"]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it. The whole company makes some 400,000 turns."""

    last: date  # the last day, long enough ago that everything has settled
    days: int = 365
    people: int = 2000
    talks: float = 0.38  # of one person on one working day

    @property
    def begin(self) -> date:
        return self.last - timedelta(days=self.days - 1)

    @property
    def exact(self) -> int:
        """People of a day whom the first assistant tells apart: a few days of the large departments have more."""
        return self.people // 22 + 2


@dataclass(frozen=True, slots=True)
class Person:
    user: str
    department: str  # "" for a kiosk
    first: date
    last: date
    joined: date | None = None  # in the directory: None where it does not say
    left: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One user message and its answer, seconds later; `id` names the answer."""

    at: float
    kind: Kind
    took: float
    id: str
    first: float | None = None  # s to the first text of an answer that is streamed


@dataclass(frozen=True, slots=True)
class Back:
    """The desk gives the conversation back to the assistant."""

    at: float


@dataclass(frozen=True, slots=True)
class Thumb:
    """A rating of an answer; a second one of the same answer replaces the first."""

    at: float
    answer: str
    good: bool


@dataclass(frozen=True, slots=True)
class Recommended:
    """An answer to "would you recommend it", 0 to 10, beside any thumb."""

    at: float
    answer: str
    score: int


Event = Said | Back | Thumb | Recommended


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation, in order of time."""

    assistant: str
    id: str
    person: Person
    events: tuple[Event, ...]


def people(size: Size) -> list[Person]:
    """Everybody who is in the company at some time of the year, and the kiosks."""
    chance = Random("people")
    begin = size.begin
    found = []
    for number in range(size.people):
        first, last = begin, size.last
        if chance.random() < 0.2:
            first = begin + timedelta(days=chance.randrange(size.days))
        if chance.random() < 0.15:
            last = first + timedelta(days=chance.randrange((size.last - first).days + 1))
        # Departments of unequal size.
        department = DEPARTMENTS[min(int(chance.random() ** 1.5 * len(DEPARTMENTS)), len(DEPARTMENTS) - 1)]
        joined, left = first if first > begin else None, last if last < size.last else None
        found.append(Person(f"p{number:04}@company.example", department, first, last, joined, left))
    return found + [Person(f"kiosk-{number}", "", begin, size.last) for number in range(KIOSKS)]


def day(size: Size, everybody: list[Person], on: date) -> Iterator[Talk]:
    """The conversations that begin on a day."""
    chance = Random(f"day {on}")
    quiet = on.weekday() >= 5 or (on.month, on.day) in HOLIDAYS
    changes = _length(on) != timedelta(hours=24)  # the night of a time change is used by some, to be sure that it is seen
    for person in everybody:
        if not person.first <= on <= person.last:
            continue
        rate = size.talks * (8 if not person.department else 1) * (0.04 if quiet else 1) + (0.1 if changes else 0)
        while chance.random() < min(rate, 1.0):
            rate -= 1.0
            hour = chance.uniform(0, 24) if changes or chance.random() < 0.03 else chance.uniform(7.5, 19)
            start = (datetime.combine(on, datetime.min.time()) + timedelta(hours=hour)).replace(tzinfo=ZoneInfo(ZONE))
            assistant = chance.choices(ASSISTANTS, SHARES)[0]
            name = f"{on}-{person.user}-{chance.getrandbits(32):08x}"
            yield Talk(assistant, name, person, tuple(_events(chance, name, round(start.timestamp(), 3))))


def _length(on: date) -> timedelta:
    zone = ZoneInfo(ZONE)
    begin, end = (datetime.combine(each, datetime.min.time(), zone).timestamp() for each in (on, on + timedelta(days=1)))
    return timedelta(seconds=end - begin)


def _events(chance: Random, name: str, at: float) -> Iterator[Event]:
    """One visit, and sometimes another one under the same conversation: hours or days later."""
    visits = 1 + (chance.random() < 0.08)
    for visit in range(visits):
        told = list(_visit(chance, f"{name}-{visit}", at))
        yield from told
        ended = max(each.at + (each.took if isinstance(each, Said) else 0.0) for each in told)
        at = round(ended + chance.choice([chance.uniform(1860, 80_000), chance.uniform(100_000, 400_000)]), 3)


def _visit(chance: Random, name: str, at: float) -> Iterator[Event]:
    turns = chance.choices((1, 2, 3, 4, 5), (34, 30, 20, 10, 6))[0]
    handover = chance.randrange(turns) if chance.random() < 0.14 else None
    human, rated = False, ""
    for number in range(turns):
        kind: Kind = chance.choices(("ok", "no_answer", "error", "cancelled", "request"), (86, 5, 4, 2, 3))[0]
        if number == handover:
            kind = "handover"
        elif human:
            kind = "ok"
        elif number == turns - 1 and number and chance.random() < 0.2:
            kind = "thanks"
        took = round(min(chance.lognormvariate(0.6, 0.8), 60.0), 3)
        first = round(took * chance.uniform(0.1, 0.9), 3) if kind == "ok" and chance.random() < 0.4 else None
        said = Said(at, kind, took, f"{name}-{number}", first)
        yield said
        pause = chance.uniform(4, 400) if chance.random() < 0.95 else chance.uniform(400, 1790)  # just not the end
        at = round(at + took + pause, 3)
        if kind in {"ok", "no_answer"} and not human:
            rated = said.id
        if kind == "error" and chance.random() < 0.5:  # the client asks again
            again = Said(at, "ok", round(chance.uniform(0.2, 5.0), 3), f"{name}-{number}-again")
            yield again
            rated = again.id
            at = round(at + again.took + chance.uniform(4, 400), 3)
        if kind == "handover":
            human = True
            if chance.random() < 0.4:
                human = False
                yield Back(at)
                at = round(at + chance.uniform(4, 60), 3)
    if rated and chance.random() < 0.15:
        good = chance.random() < 0.8
        late = handover is not None and chance.random() < 0.5
        # Days late only where it can change no outcome: when exactly a session settles is not part of the truth.
        at = round(at + (chance.uniform(2 * 86400, 9 * 86400) if late else chance.uniform(1, 900)), 3)
        yield Thumb(at, rated, good)
        if chance.random() < 0.1:
            yield Thumb(round(at + 20.0, 3), rated, not good)
    if rated and chance.random() < 0.08:
        yield Recommended(round(at + chance.uniform(30, 600), 3), rated, chance.choice((10, 9, 9, 8, 8, 7, 6, 3)))
