"""A console on fakes: figures, a store that can be away or hang, a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient

from proxy.access.invitations import Invitation
from proxy.access.looks import Look
from proxy.console.app import make_app
from proxy.console.live import Rolling
from proxy.console.sources import Proofs, Sources, Verdict, Workshop
from proxy.console.status import Health, JudgeState
from proxy.console.trials import Attempt, Tried
from proxy.console.unanswered import Unavailable
from proxy.kpi.agreement import Score
from proxy.kpi.books import Books
from proxy.kpi.calendar import Interval, cut_into
from proxy.kpi.evidence import Evidence, Page
from proxy.kpi.groups import WHOLE, Dimension, Scope
from proxy.kpi.report import Bin, Breakdown, Cohort, Completeness, Day, Figures, Group, Measure, Rhythm, Stretch
from proxy.kpi.timeline import Timeline
from proxy.kpi.topics import Topic, Topics
from proxy.kpi.uptime import Uptime
from proxy.kpi.value import ValueReport
from proxy.kpi.whatif import Comparison, Terms
from proxy.meaning.outlines import Counted, Outline
from proxy.meaning.spoken import Answer, Sample
from proxy.settings.model import Annotation, Assistant, Console, Settings
from tests.kpi.worths import report_of

NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # in Paris: 23:30 of the same day
HOSTILE = "\"><script>alert(1)</script>'&{{7*7}}"


def measures(provisional: bool = False) -> dict[str, Measure]:
    return {
        "automation_rate": Measure(
            value=0.62,
            numerator=620,
            denominator=1000,
            interval=(0.59, 0.65),
            target=(0.5, 0.8),
            status="met",
            provisional=provisional,
        ),
        "automation_rate_confirmed": Measure(value=0.31, numerator=310, denominator=1000),
        "response_time": Measure(
            value=3.24, interval=(3.1, 3.4), p50=2.6, p95=8.1, p99=14.0, n=3000, target=(None, 10.0), status="met"
        ),
        "csat": Measure(value=None, target=(0.8, None), status="not_enough_data", reason="no_data"),
        "adoption": Measure(value=0.5, numerator=30, denominator=60, target=(0.6, None), status="not_met"),
        "handover_rate": Measure(value=0.08, numerator=80, denominator=1000, target=(0.1, 0.2), status="below"),
        "turns": Measure(value=3000.0),
    }


class FakeLedger:
    """Answers the same figures for any period; `state` makes it an unreachable or a hung store."""

    def __init__(self) -> None:
        self.state = "up"
        self.kpis = measures()
        self.outcomes = {"resolved_confirmed": 310, "resolved_assumed": 310, "handed_over": 80, "failed": 300, "excluded": 4}
        self.completeness = Completeness(captured=1.0, decoded=0.998, attributed=None, dropped=0)
        self.bins = (Bin(under=1.0, count=9), Bin(under=10.0, count=3), Bin(under=None, count=2))
        self.notes: tuple[Annotation, ...] = ()  # of every first day
        self.themes = Topics(
            from_="2026-10-26",
            to="2026-11-23",
            kept=True,
            smallest=10,
            topics=[Topic(words=["conge", "solde"], people=12, turns=15)],
            hidden=3,
        )
        self.asked: list[tuple[str, date, date]] = []
        self.scopes: list[Scope] = []

    async def series(
        self, assistant: Assistant, interval: Interval, first: date, last: date, scope: Scope = WHOLE
    ) -> list[Stretch]:
        await self._reach()
        self.scopes.append(scope)
        pieces = cut_into(interval, first, last)
        return [
            Stretch(
                from_=begin.isoformat(),
                to=end.isoformat(),
                kpis=measures(),
                outcomes=self.outcomes,
                notes=self.notes if begin == first else (),
            )
            for begin, end in pieces
        ]

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = WHOLE) -> Breakdown:
        await self._reach()
        self.scopes.append(within)
        hidden = dict.fromkeys(measures(), Measure(value=None, reason="small_group"))
        return Breakdown(
            assistant=assistant.name,
            by=by,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            groups=[Group(label="HR", hidden=False, kpis=measures()), Group(label="Law", hidden=True, kpis=hidden)],
            suppressed_groups=1,
        )

    async def hours(self, assistant: Assistant, on: date) -> list[Stretch]:
        await self._reach()
        return [Stretch(from_=f"{on}T{hour:02d}", to=f"{on}T{hour:02d}", kpis=measures()) for hour in range(24)]

    async def rhythm(self, assistant: Assistant) -> Rhythm:
        await self._reach()
        turns = [[hour * (7 - weekday) for hour in range(24)] for weekday in range(7)]
        return Rhythm(from_="2026-10-26", to="2026-11-22", turns=turns)

    async def topics(self, assistant: Assistant) -> Topics:
        await self._reach()
        return self.themes

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        await self._reach()
        return {"channel": ["web", HOSTILE], "department": ["HR", "Law"], "profile": ["Manager"], "model": [], "route": []}

    async def retention(self, assistant: Assistant) -> list[Cohort]:
        await self._reach()
        return [Cohort(week="2026-11-09", people=Measure(value=8.0), later=[Measure(value=0.5, numerator=4, denominator=8)])]

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        await self._reach()
        return report_of(assistant, first, last)

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        await self._reach()
        self.asked.append((assistant.name, first, last))
        self.scopes.append(scope)
        return Figures(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            kpis=self.kpis,
            provisional={"automation_rate": Measure(value=0.6, numerator=630, denominator=1050, provisional=True)},
            outcomes=self.outcomes,
            open_sessions=5 if self.outcomes else 0,
            completeness=self.completeness,
            response_times=self.bins,
        )

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        await self._reach()
        days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        return [
            Day(date=day.isoformat(), kpis=measures(provisional=day == last), notes=self.notes if day == first else ())
            for day in days
        ]

    async def _reach(self) -> None:
        if self.state == "down":
            raise Unavailable
        if self.state == "hung":
            await asyncio.Event().wait()


class NoProofs:
    """No turn is kept."""

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        raise Unavailable

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        raise Unavailable

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        raise Unavailable


class Box:
    """Takes each invitation once; `state` is what becomes of the next."""

    def __init__(self) -> None:
        self.state: Verdict = "taken"
        self.given: list[tuple[Invitation, float]] = []

    def conversation(self, assistant: str, conversation: str) -> str:
        return f"hash of {assistant}/{conversation}"

    def message(self, assistant: str, message: str) -> str:
        return f"hash of {assistant}/{message}"

    async def rate(self, invitation: Invitation, score: float, at: float) -> Verdict:
        if self.state != "taken":
            return self.state
        if any(each.nonce == invitation.nonce for each, _ in self.given):
            return "used"
        self.given.append((invitation, score))
        return "taken"


class FakeWorkshop:
    """Saw nothing, and answers each attempt with itself."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Outline]] = []
        self.unknown: list[Counted] = []
        self.tried: list[Attempt] = []
        self.result = Tried(lines=("found",))

    def recent(self, assistant: str) -> list[tuple[str, Outline]]:
        return self.seen

    def unmatched(self, assistant: str) -> list[Counted]:
        return self.unknown

    async def attempt(self, attempt: Attempt) -> Tried:
        self.tried.append(attempt)
        return self.result


class FakeReviews:
    """A queue that has one session until it is scored; `away` as while the store is."""

    def __init__(self) -> None:
        answer = Answer(id="a1", turn="t1", at=NOW.timestamp() - 90000, question="How many days?", answer="Twenty-five.")
        self.sample: Sample | None = Sample(id="conversation.a1", conversation="conversation", answers=(answer,))
        self.away = False
        self.taken: list[tuple[str, str, dict[str, Score]]] = []
        self.noted: list[Look] = []

    async def next(self, assistant: Assistant, reader: str) -> tuple[Sample | None, int]:
        if self.away:
            raise Unavailable
        if self.sample is not None:
            look = Look(at=NOW.timestamp(), reader=reader, action="seen", session=self.sample.id, answers=1)
            self.noted.append(look)
        return self.sample, int(self.sample is not None)

    async def score(self, assistant: Assistant, reader: str, session: str, scores: Mapping[str, Score]) -> int | None:
        if self.away:
            raise Unavailable
        if self.sample is None or session != self.sample.id:
            return None
        self.sample = None
        self.taken.append((reader, session, dict(scores)))
        return len(scores)

    async def looks(self, assistant: Assistant) -> list[Look]:
        if self.away:
            raise Unavailable
        return self.noted


class World:
    """What a console sees, to be changed by a test."""

    def __init__(self) -> None:
        self.now = NOW
        self.ledger = FakeLedger()
        self.live = Rolling({"rh": 1800, "it": 1800, HOSTILE: 1800}, NOW.timestamp)
        self.uptime = Uptime()
        self.proofs: Proofs = NoProofs()
        self.surveys = Box()
        self.workshop: Workshop = FakeWorkshop()
        self.reviews = FakeReviews()
        self.judge: JudgeState | None = None
        self.health = Health(
            relays=2, relays_wanted=2, store_up=True, books=Books(seen=100, counted=100, pending=0), lag=0.1, dropped=0, level=0
        )
        self.settings = Settings(
            assistants=tuple(Assistant(upstream="http://127.0.0.1:1", name=name) for name in ("rh", "it", HOSTILE))
        )

    def sources(self) -> Sources:
        async def scrape() -> tuple[bytes, str]:
            return b"up 1\n", "text/plain; version=0.0.4; charset=utf-8"

        return Sources(
            settings=self.settings,
            key=b"a key of these tests",
            ledger=self.ledger,
            live=self.live,
            health=lambda: self.health,
            scrape=scrape,
            now=lambda: self.now,
            proofs=self.proofs,
            surveys=self.surveys,
            workshop=self.workshop,
            reviews=self.reviews,
            judge=lambda _: self.judge,
            uptime=lambda assistant: self.uptime.strips(assistant, NOW.timestamp()),
        )

    def console(self, **fields: Any) -> None:
        self.settings = msgspec.structs.replace(self.settings, console=Console(**fields))

    def one_assistant(self) -> None:
        self.settings = msgspec.structs.replace(self.settings, assistants=self.settings.assistants[:1])


Client = TestClient[Any, Any]
Start = Callable[[], Awaitable[Client]]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def start(world: World, aiohttp_client: Any) -> Start:
    async def starting() -> Client:
        client: Client = await aiohttp_client(make_app(world.sources()))
        return client

    return starting
