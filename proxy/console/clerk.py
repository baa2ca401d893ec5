"""The clerk: gives what is asked for, the same to programs and to pages.

Every answer of `/api/v1` is made here, and the pages are written from these answers and from nothing else: whatever a page shows,
a program can have as well. Readers are told apart here too: the clerk of a department has nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from proxy import __version__
from proxy.console.answers import (
    AssistantsAnswer,
    BreakdownAnswer,
    DaysAnswer,
    Described,
    FiguresAnswer,
    HoursAnswer,
    LabelsAnswer,
    RetentionAnswer,
    RhythmAnswer,
    SeriesAnswer,
    TopicsAnswer,
    narrowed,
)
from proxy.console.departments import seen_by, within
from proxy.console.queue import Asked, LooksAnswer, QueueAnswer, Scored, Session, TakenAnswer
from proxy.console.shapes import ExchangesAnswer, Seen
from proxy.console.sources import Sources
from proxy.console.status import AssistantStatus, Health, ProbeStatus, Status
from proxy.console.trials import Attempt, Tried
from proxy.kpi.calendar import Interval
from proxy.kpi.evidence import Evidence, Page
from proxy.kpi.groups import WHOLE, Dimension, Scope
from proxy.kpi.report import Breakdown, Figures, Series
from proxy.kpi.timeline import Timeline
from proxy.kpi.value import ValueReport
from proxy.kpi.whatif import Comparison, Terms
from proxy.meaning.outlines import Outline
from proxy.meaning.spoken import Sample
from proxy.records import LEVELS
from proxy.settings.model import Assistant, Settings


class Clerk:
    """Answers one kind of reader: everybody, or those of one department.

    Raises `Unavailable` while the store is away, and `ElsewhereError` for more than the department's.
    """

    def __init__(self, sources: Sources, department: str | None = None) -> None:
        self._sources = sources
        self._department = department
        self._ledger = seen_by(sources.ledger, department)

    @property
    def settings(self) -> Settings:
        """What the console was started with."""
        return self._sources.settings

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock, aware."""
        return self._sources.now

    def of(self, department: str | None) -> Clerk:
        """The clerk of a reader of this department; None: of everybody."""
        return self if department is None else Clerk(self._sources, department)

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        """All measures of a period, of everything or of a group."""
        shown = self._shown(scope)
        return narrowed(FiguresAnswer, await self._ledger.figures(assistant, first, last, shown), shown)

    async def series(self, assistant: Assistant, interval: Interval, first: date, last: date, scope: Scope = WHOLE) -> Series:
        """The same for each day, week or month of it; of a group of people only whole weeks and months that are over."""
        shown = self._shown(scope)
        found = Series(
            assistant=assistant.name,
            interval=interval,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            series=await self._ledger.series(assistant, interval, first, last, shown),
        )
        return narrowed(SeriesAnswer, found, shown)

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, scope: Scope = WHOLE) -> Breakdown:
        """The same for each group of a dimension, without those that must not be shown."""
        shown = scope if by == "department" else self._shown(scope)
        return narrowed(BreakdownAnswer, await self._ledger.breakdown(assistant, by, first, last, shown), shown)

    async def days(self, assistant: Assistant, first: date, last: date) -> DaysAnswer:
        """All measures of each day of a period; none of a department."""
        return DaysAnswer(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            days=await self._ledger.days(assistant, first, last),
        )

    async def hours(self, assistant: Assistant, on: date) -> HoursAnswer:
        """The measures of each hour of a day; none of a department."""
        hours = await self._ledger.hours(assistant, on)
        return HoursAnswer(assistant=assistant.name, on=on.isoformat(), time_zone=assistant.time_zone, hours=hours)

    async def retention(self, assistant: Assistant) -> RetentionAnswer:
        """Of the people of each week, how many came back in the weeks after."""
        cohorts = await self._ledger.retention(assistant)
        return RetentionAnswer(assistant=assistant.name, time_zone=assistant.time_zone, cohorts=cohorts)

    async def rhythm(self, assistant: Assistant) -> RhythmAnswer:
        """When people write."""
        found = await self._ledger.rhythm(assistant)
        return RhythmAnswer(
            assistant=assistant.name, time_zone=assistant.time_zone, from_=found.from_, to=found.to, turns=found.turns
        )

    async def topics(self, assistant: Assistant) -> TopicsAnswer:
        """What the assistant does not answer: themes that enough people raised."""
        found = await self._ledger.topics(assistant)
        fields = {name: getattr(found, name) for name in found.__struct_fields__}
        return TopicsAnswer(assistant=assistant.name, time_zone=assistant.time_zone, **fields)

    async def labels(self, assistant: Assistant) -> LabelsAnswer:
        """What figures can be narrowed to."""
        return LabelsAnswer(assistant=assistant.name, labels=await self._ledger.labels(assistant))

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        """Costs and value of a period, with the numbers that they rest on."""
        return await self._ledger.value(assistant, first, last)

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        """What a figure rests on, with a page of its sessions."""
        return await self._sources.proofs.evidence(assistant, kpi, first, last, page)

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        """One session of a period as it went, by the name that evidence gives it."""
        return await self._sources.proofs.timeline(assistant, session, first, last)

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        """The period's figures under other terms, beside those of the settings."""
        return await self._sources.proofs.what_if(assistant, first, last, terms)

    def assistants(self) -> AssistantsAnswer:
        """The assistants behind this proxy."""
        return AssistantsAnswer(
            assistants=[
                Described(name=each.name, time_zone=each.time_zone, launched=each.launched, targets=each.targets)
                for each in self.settings.assistants
            ]
        )

    def health(self) -> Health:
        """How the product itself is doing."""
        return self._sources.health()

    def lately(self, assistant: Assistant) -> AssistantStatus:
        """The last hour of an assistant on this host. Cheap: nothing of it asks the store."""
        strips = self._sources.uptime(assistant.name)
        probes = [ProbeStatus(name=each.probe, up=each.up, share=each.share, cells=each.cells) for each in strips]
        live, judge = self._sources.live.snapshot(assistant.name), self._sources.judge(assistant.name)
        return AssistantStatus(name=assistant.name, live=live, probes=tuple(probes), judge=judge)

    def status(self) -> Status:
        """How it goes now, on this host."""
        health = self.health()
        return Status(
            version=__version__,
            at=self.now().isoformat(timespec="seconds"),
            health=health,
            captures=LEVELS[health.level],
            assistants=tuple([self.lately(each) for each in self.settings.assistants]),
        )

    def exchanges(self, assistant: Assistant) -> ExchangesAnswer:
        """Shapes of recent exchanges, and routes that nothing understood."""
        workshop = self._sources.workshop
        seen = [_seen(route, each) for route, each in workshop.recent(assistant.name)]
        return ExchangesAnswer(assistant=assistant.name, recent=seen, unmatched=workshop.unmatched(assistant.name))

    async def attempt(self, attempt: Attempt) -> Tried:
        """What comes of a rule on a pasted sample. Raises `Busy`."""
        return await self._sources.workshop.attempt(attempt)

    async def queue(self, assistant: Assistant, reader: str) -> QueueAnswer:
        """The next session for a reviewer; that it was shown is noted."""
        sample, waiting = await self._sources.reviews.next(assistant, reader)
        return QueueAnswer(assistant=assistant.name, waiting=waiting, session=None if sample is None else _session(sample))

    async def score(self, assistant: Assistant, reader: str, given: Scored) -> TakenAnswer | None:
        """Scores of a session; None for one that is no longer kept."""
        taken = await self._sources.reviews.score(assistant, reader, given.session, given.scores)
        return None if taken is None else TakenAnswer(taken=taken)

    async def looks(self, assistant: Assistant) -> LooksAnswer:
        """Who was shown texts of the queue."""
        return LooksAnswer(assistant=assistant.name, looks=await self._sources.reviews.looks(assistant))

    def _shown(self, scope: Scope) -> Scope:
        return scope if self._department is None else within(scope, self._department)


def _seen(route: str, outline: Outline) -> Seen:
    fields = {name: getattr(outline, name) for name in Seen.__struct_fields__ if name not in ("at", "route")}
    return Seen(at=_instant(outline.at), route=route, **fields)


def _session(sample: Sample) -> Session:
    answers = [Asked(id=each.id, at=_instant(each.at), question=each.question, answer=each.answer) for each in sample.answers]
    return Session(id=sample.id, answers=answers)


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
