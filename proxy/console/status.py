"""How it goes now, in one answer: what `kpi-proxy status` shows and what a script may ask for. Of this host alone."""

from __future__ import annotations

from typing import Literal

import msgspec

from proxy.kpi.books import Books
from proxy.kpi.budget import Limit


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """The last hour of one assistant on this host."""

    minutes: tuple[int, ...]  # turns per minute, the oldest first, the running minute last
    rate: int  # turns in the last 60 s
    p95: float | None  # s, of complete answers in the last 15 min
    errors: float | None  # share of the turns of the last 15 min
    open_sessions: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the product itself is doing."""

    relays: int  # connected now
    relays_wanted: int
    store_up: bool
    books: Books  # of this host's outbox
    lag: float  # s between an exchange's end and its place in the figures
    dropped: int  # copies given up for a limit since the start
    leading: bool = False  # shows the fleet's gauges
    stale: tuple[str, ...] = ()  # assistants whose newest files of people can't be used
    keyless: tuple[str, ...] = ()  # those whose newest keys of tokens can't be had
    level: int  # index of records.LEVELS: what the relays' captures hold now


class JudgeState(msgspec.Struct, frozen=True, kw_only=True):
    """How a judge is doing: this host's counts since its start, and tokens over all hosts."""

    model: str
    waiting: int
    verdicts: dict[str, int]
    faults: dict[str, int]  # of calls
    lost: dict[str, int]  # answers that were not judged, by reason
    tokens_today: int
    day_tokens: int
    tokens_month: int
    month_tokens: int
    currency: str
    cost_today: float  # of the calls whose price was known
    day_cost: float | None  # None: no limit
    cost_month: float
    month_cost: float | None
    stopped: Literal["", "price"] | Limit  # the limit that is used up; price: money is limited and no price is known


class ProbeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A probe: its last answer, and the share of good rounds of the last 24 hours, also by quarter of an hour (`cells`)."""

    name: str
    up: bool
    share: float
    cells: tuple[float | None, ...] = ()  # the oldest first, None without rounds


class AssistantStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The last hour of an assistant."""

    name: str
    live: Live
    probes: tuple[ProbeStatus, ...]
    judge: JudgeState | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Everything. `captures` is one of `records.LEVELS`."""

    version: str
    at: str  # ISO 8601, UTC
    health: Health
    captures: str
    assistants: tuple[AssistantStatus, ...]
