"""What the console needs from the rest of the observer, in the console's own words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from proxy.access.invitations import Invitation
from proxy.access.looks import Look
from proxy.console.status import Health, JudgeState, Live
from proxy.console.trials import Attempt, Tried
from proxy.kpi.agreement import Score
from proxy.kpi.calendar import Interval
from proxy.kpi.evidence import Evidence, Page
from proxy.kpi.groups import WHOLE, Dimension, Scope
from proxy.kpi.report import Breakdown, Cohort, Day, Figures, Rhythm, Stretch
from proxy.kpi.timeline import Timeline
from proxy.kpi.topics import Topics
from proxy.kpi.uptime import Strip
from proxy.kpi.value import ValueReport
from proxy.kpi.whatif import Comparison, Terms
from proxy.meaning.outlines import Counted, Outline
from proxy.meaning.spoken import Sample
from proxy.settings.model import Assistant, Settings


class Ledger(Protocol):
    """Reads figures; dates are in the assistant's time zone, both included. Raises `Unavailable`."""

    async def figures(self, assistant: Assistant, first: date, last: date, scope: Scope = WHOLE) -> Figures:
        """All measures over the period, of everything or of a group."""

    async def series(
        self, assistant: Assistant, interval: Interval, first: date, last: date, scope: Scope = WHOLE
    ) -> list[Stretch]:
        """The same for each day, week or month of it; of a group of people only whole weeks and months that are over."""

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = WHOLE) -> Breakdown:
        """The same for each group of a dimension, without those that must not be shown."""

    async def retention(self, assistant: Assistant) -> list[Cohort]:
        """The cohorts of the last weeks that are over, the oldest first."""

    async def hours(self, assistant: Assistant, on: date) -> list[Stretch]:
        """Measures of sessions and turns for each hour of a day; without cases where its hours are no longer kept."""

    async def rhythm(self, assistant: Assistant) -> Rhythm:
        """Turns by weekday and hour, over the last weeks that are over."""

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        """The labels that there are groups of."""

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        """The same for each day of it, in order."""

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        """Costs and value of the period, with the numbers that they rest on."""

    async def topics(self, assistant: Assistant) -> Topics:
        """What unanswered questions of the last weeks are about, as far as enough people raised it."""


class Proofs(Protocol):
    """Looks at a period turn by turn. Raises `Unavailable`."""

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        """What a figure rests on, with a page of its sessions."""

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        """One session of a period as it went, by the name that evidence gives it."""

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        """The period's figures under other terms, beside those of the settings."""


class Workshop(Protocol):
    """Knows what passed lately, without any value of it."""

    def recent(self, assistant: str) -> list[tuple[str, Outline]]:
        """The last exchanges, the newest first, each with its route as it may be shown."""

    def unmatched(self, assistant: str) -> list[Counted]:
        """Routes that nothing understood, the most frequent first."""

    async def attempt(self, attempt: Attempt) -> Tried:
        """Try something on a sample, which is kept nowhere. Raises `Busy`."""


class LiveSource(Protocol):
    """Knows the last hour."""

    def snapshot(self, assistant: str) -> Live:
        """Now. Cheap: called every 2 s for each open page."""


Verdict = Literal["taken", "used", "no_score", "unwritable"]
"""What became of a rating: kept, given before by this invitation, on no scale, or not kept for a fault of the disk."""


class Surveys(Protocol):
    """Takes ratings that people give to kpi-proxy itself."""

    def conversation(self, assistant: str, conversation: str) -> str:
        """The hash of a conversation's id."""

    def message(self, assistant: str, message: str) -> str:
        """The hash of an answer's id."""

    async def rate(self, invitation: Invitation, score: float, at: float) -> Verdict:
        """Take a rating of an invitation that is good at this time (Unix seconds)."""


class Reviews(Protocol):
    """The queue of answers that people score. Raises `Unavailable`."""

    async def next(self, assistant: Assistant, reader: str) -> tuple[Sample | None, int]:
        """The oldest session that this reader may score, and how many there are; the look is noted before it is shown."""

    async def score(self, assistant: Assistant, reader: str, session: str, scores: Mapping[str, Score]) -> int | None:
        """Take scores of a session's answers, by id; gives how many counted, None for a session that is no longer kept."""

    async def looks(self, assistant: Assistant) -> list[Look]:
        """Who was shown texts lately, the newest first."""


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that handlers read."""

    settings: Settings
    key: bytes  # a secret of this deployment: signs cookies
    ledger: Ledger
    live: LiveSource
    health: Callable[[], Health]
    scrape: Callable[[], Awaitable[tuple[bytes, str]]]  # body and content type of /metrics
    now: Callable[[], datetime]  # aware
    proofs: Proofs
    surveys: Surveys
    workshop: Workshop
    reviews: Reviews
    judge: Callable[[str], JudgeState | None]  # of an assistant; None without one
    uptime: Callable[[str], tuple[Strip, ...]]  # of an assistant's probes
