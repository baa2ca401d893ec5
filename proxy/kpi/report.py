"""The one shape of figures: API, page, report and `kpi-proxy kpis --json` all show a `Figures`."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from proxy.kpi.calendar import Interval
from proxy.settings.model import Annotation

DEFINITIONS = "4"
"""Version of the definitions behind every figure; it rises when one of them changes."""

Status = Literal["met", "not_met", "below", "above", "inconclusive", "not_enough_data", "not_due", "no_target"]
"""Of a measure against its target. `below` and `above` say on which side of a band the figure lies, where both matter; a target
that has a day is `not_due` before it, unless it is met already."""


MANY_DERIVED: Final = 0.3
"""Share of turns in derived conversations above which figures of sessions are called approximate."""


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One KPI over one period. Shares are 0..1, times seconds. A figure that can't be given has a `reason`."""

    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    interval: tuple[float, float] | None = None  # 95 %: Wilson's of shares
    target: tuple[float | None, float | None] | None = None  # lower, upper bound
    status: Status = msgspec.field(default_factory=lambda: "no_target")  # always said: what a factory makes is never omitted
    provisional: bool = msgspec.field(default_factory=lambda: False)
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    n: int | None = None
    undecided: int | None = None  # cases that were looked at and could not be judged: in neither part of a share
    accuracy: float | None = None  # of an estimate: share of labelled messages, held back from tuning, that its rules judge right
    reason: str | None = None
    currency: str | None = None  # of a value in money


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the traffic the figures rest on: shares 0..1 of the turns, None without turns."""

    captured: float | None  # bodies whole
    decoded: float | None  # understood by a preset
    attributed: float | None  # with a conversation
    derived: float | None = None  # with one that is only told by the user and the pauses, or by what was said
    identified: float | None = None  # with a user
    dropped: int  # exchanges that were seen and are in no figure because of a limit

    @property
    def shares(self) -> tuple[tuple[str, float | None], ...]:
        """Each share with its name, as people read them."""
        names = ("captured", "decoded", "attributed", "derived", "identified")
        return tuple([(name, getattr(self, name)) for name in names])

    @property
    def approximate(self) -> bool:
        """Say whether sessions rest on derived conversations so often that their figures are approximate."""
        return self.derived is not None and self.derived > MANY_DERIVED


class Handovers(msgspec.Struct, frozen=True, kw_only=True):
    """Handovers of the settled sessions, and those sessions by the source and the reason of their first one."""

    episodes: int
    sources: dict[str, int]
    reasons: dict[str, int]


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Answers that took less than `under` seconds, and at least as long as the bin before says; None: all the longer ones."""

    under: float | None
    count: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All measures of one assistant over one period (dates in its time zone, both included).

    `kpis` rests on settled sessions; `provisional` holds the session measures again with the sessions that are still open
    or in their settle window, at the outcome they would have now.
    """

    assistant: str
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    definitions: str = DEFINITIONS
    kpis: dict[str, Measure]
    provisional: dict[str, Measure]
    outcomes: dict[str, int]  # settled sessions by outcome
    open_sessions: int
    completeness: Completeness
    handovers: Handovers = msgspec.field(default_factory=lambda: Handovers(episodes=0, sources={}, reasons={}))
    response_times: tuple[Bin, ...] = ()  # complete answers by how long they took; empty without any


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a trend: sums that a chart draws, and what happened on it."""

    date: str
    kpis: dict[str, Measure]
    notes: tuple[Annotation, ...] = ()


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """One day, week or month of a series; the first and the last may be cut by the period. An hour is from and to itself."""

    from_: str = msgspec.field(name="from")
    to: str
    kpis: dict[str, Measure]
    notes: tuple[Annotation, ...] = ()  # what happened in it
    outcomes: dict[str, int] = {}  # settled sessions by outcome


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """When people write: turns by weekday (Monday first) and hour, over whole weeks that are over."""

    from_: str = msgspec.field(name="from")
    to: str
    turns: list[list[int]]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A period cut into days, ISO weeks or calendar months."""

    assistant: str
    interval: Interval
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    definitions: str = DEFINITIONS
    series: list[Stretch]


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """The people whose first week it was (its Monday), and the shares of them that came back in each week after it."""

    week: str
    people: Measure
    later: list[Measure]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One group of a breakdown; `label` "" is what no label is known of. A hidden one has only reasons."""

    label: str
    hidden: bool
    kpis: dict[str, Measure]


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """The groups of one dimension; the days are those shown, which for groups of people are whole weeks or months."""

    assistant: str
    by: str
    from_: str | None = msgspec.field(name="from")
    to: str | None
    time_zone: str
    definitions: str = DEFINITIONS
    groups: list[Group]
    suppressed_groups: int
