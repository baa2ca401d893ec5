"""What the page side by side shows: which two things, and a line for each figure of both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args
from urllib.parse import urlencode

import msgspec

from proxy.console import periods
from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.frame import spelt
from proxy.console.periods import Period, PeriodError
from proxy.console.tiles import UNSET
from proxy.kpi.compare import Pair, paired
from proxy.kpi.groups import WHOLE, Dimension
from proxy.kpi.precision import FIGURES
from proxy.kpi.report import Measure
from proxy.report import saying
from proxy.settings.model import Assistant
from proxy.words import written
from proxy.words.catalogue import Words

Way = Literal["assistants", "period", "channel", "model", "route"]
"""What is put side by side. Departments are not: a page that ranks them was not asked for."""
WAYS: Final[tuple[Way, ...]] = get_args(Way)

ROWS: Final = (
    *("automation_rate", "automation_rate_confirmed", "durable_resolution_rate", "handover_rate", "abandonment_rate"),
    *("failure_rate", "no_answer_rate", "recontact_rate", "reformulation_rate", *FIGURES),
    *("csat", "typed_satisfaction", "nps", "sentiment"),
    *("response_time", "time_to_first", "response_time_within_target", "availability", "adoption", "sessions", "turns"),
    *("cost_per_turn", "cost_per_session", "cost_per_automated_session", "cost_avoided", "roi"),
)
"""The figures of the page; the API has all."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an address asks for. `other` is a period of the reader's own; `wrong`: its dates make none, and are not used."""

    by: Way
    ways: tuple[Way, ...]
    period: Period
    other: Period | None = None
    wrong: bool = False

    @property
    def same(self) -> dict[str, str]:
        """What links to the same with something else chosen say."""
        dates = {} if self.other is None else _dates(self.other)
        return {"by": self.by, **{f"with_{name}": day for name, day in dates.items()}}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One of those that may stand side by side; `about` says its days where the name does not, `query` what it is to the API."""

    name: str
    kpis: Mapping[str, Measure]
    query: Mapping[str, str]
    about: str = ""


def asked(query: Mapping[str, str], choice: Choice, now: datetime, *, several: bool) -> Asked:
    """Read an address; what it leaves out or can't be is the default."""
    ways = tuple([way for way in WAYS if several or way != "assistants"])
    other = {name: query[f"with_{name}"] for name in ("from", "to") if query.get(f"with_{name}")}
    try:
        own, wrong = periods.asked(other, choice.assistant, now) if other else None, choice.wrong
    except PeriodError:
        own, wrong = None, True
    by = "period" if other else next((way for way in ways if way == query.get("by")), ways[0])
    return Asked(by=by, ways=ways, period=choice.period(now), other=own, wrong=wrong)


async def columns(clerk: Clerk, known: Sequence[Assistant], choice: Choice, what: Asked, words: Words) -> Sequence[Column] | None:
    """What may stand on either side, what is asked about first; None where the group that is asked for has no such figures.

    Raises `Unavailable`, alone or in a group.
    """
    match what.by:
        case "channel" | "model" | "route":
            return None if choice.scope != WHOLE else await _groups(clerk, choice.assistant, what.by, what.period)
        case "period":
            named = _times(choice, what, clerk.now(), words)
        case "assistants":
            ordered = sorted(known, key=lambda each: each.name != choice.assistant.name)
            named = [(each.name, "", each, what.period) for each in ordered]
    if not choice.kept:
        return None
    async with asyncio.TaskGroup() as group:
        read = [group.create_task(clerk.figures(each, days.first, days.last, choice.scope)) for _, _, each, days in named]
    return [
        Column(name=name, about=about, kpis=task.result().kpis, query={"assistant": each.name, **_dates(days)})
        for (name, about, each, days), task in zip(named, read, strict=True)
    ]


def address(one: Column, other: Column, choice: Choice) -> str:
    """Where programs find the same two."""
    group: dict[str, str] = dict(choice.scope)
    query = {**group, **one.query, **{f"with_{name}": text for name, text in other.query.items()}}
    return f"/api/v1/compare?{urlencode(query)}"


def _dates(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


async def _groups(clerk: Clerk, assistant: Assistant, by: Dimension, period: Period) -> Sequence[Column]:
    found = await clerk.breakdown(assistant, by, period.first, period.last)
    groups = sorted(found.groups, key=lambda group: -(group.kpis["turns"].value or 0.0))
    whole = {"assistant": assistant.name, **_dates(period)}
    return [
        Column(name=group.label, kpis=group.kpis, query={**whole, f"{by}": group.label})
        for group in groups
        if group.label and not group.hidden
    ]


def _times(choice: Choice, what: Asked, now: datetime, words: Words) -> list[tuple[str, str, Assistant, Period]]:
    """Two periods in the order of time, so that a difference is what came of it; those that are no longer kept whole left out."""
    if what.other is None:
        named = [(words("compare.before"), what.period.before), (words("compare.now"), what.period)]
        found = [(name, spelt(period, words), period) for name, period in named]
    else:
        both = sorted([what.period, what.other], key=lambda each: (each.first, each.last))
        found = [(spelt(period, words), "", period) for period in both]
    assistant = choice.assistant
    return [(name, about, assistant, period) for name, about, period in found if period.kept(assistant, now)]


def rows(one: Mapping[str, Measure], other: Mapping[str, Measure], words: Words) -> list[dict[str, Any]]:
    """A line for each figure: both values with their intervals, and the difference in words. What nobody configured has none."""
    pairs = paired(one, other)
    shown = [name for name in ROWS if name in pairs and not {pairs[name].one.reason, pairs[name].other.reason} <= UNSET]
    return [_row(name, pairs[name], words) for name in shown]


def _row(name: str, pair: Pair, words: Words) -> dict[str, Any]:
    return {
        "label": words(name),
        "sides": [
            {
                "value": written.value(name, side.value, words.language, side.currency),
                "interval": written.interval(name, side, words.language) if side.value is not None else words.reason(side.reason),
            }
            for side in (pair.one, pair.other)
        ],
        "change": "" if pair.difference is None else saying.differs(name, pair.difference, words, pair.one.currency),
        "verdict": "" if pair.difference is None else pair.difference.verdict,
    }
