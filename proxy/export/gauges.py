"""The latest figures as gauges, read from a cache.

An observable gauge that yields nothing disappears from both readers: an observer that is not the leader gives no
figures here and so shows none. The gauges of several hosts are equal, not parts: `max by (assistant, ...)`, never `sum`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from proxy.kpi.measures import SMALLEST_GROUP
from proxy.kpi.precision import FIGURES
from proxy.kpi.report import Figures
from proxy.kpi.value import ValueReport

Window = Literal["7d", "28d"]
Span = Literal["day", "week", "28d", "month"]
"""Windows of people: today, this ISO week, the last 28 days, this calendar month."""
Labels = Mapping[str, str]

_SHARES: Final = {
    "assistant.automation.rate": ("automation_rate", "Settled sessions that needed no human and did not fail"),
    "assistant.automation.confirmed": ("automation_rate_confirmed", "The same, as far as people said so"),
    "assistant.resolution.durable": ("durable_resolution_rate", "Resolved sessions whose user stayed away for seven days"),
    "assistant.handover.rate": ("handover_rate", "Settled sessions that were handed to a human"),
    "assistant.csat": ("csat", "Ratings that were satisfied"),
    "assistant.adoption": ("adoption", "Eligible people who used the assistant"),
    "assistant.availability": ("availability", "Valid turns that were answered"),
}
_STAGES: Final = ("captured", "decoded", "attributed")


class Family(msgspec.Struct, frozen=True):
    """A gauge: its OpenTelemetry name, unit and description."""

    name: str
    unit: str
    about: str


FAMILIES: Final = (
    *(Family(name, "%", about) for name, (_, about) in _SHARES.items()),
    Family("assistant.answer.precision", "%", "Judged answers that were correct, by the method that judged them"),
    Family("assistant.users.active", "{user}", "People who used the assistant in the window"),
    Family("assistant.users.eligible", "{user}", "People who may use the assistant"),
    Family("assistant.cost", "{currency}", "What the last 28 days cost, by what is paid for"),
    Family("assistant.cost.unknown", "%", "Turns of the last 28 days whose cost is not known"),
    Family("assistant.value", "{currency}", "Cost, cost avoided and net of the last 28 days, by scenario"),
    Family("assistant.time.saved", "h", "Hours of people's work saved in the last 28 days, by scenario"),
    Family(
        "assistant.conversations.derived",
        "%",
        "Turns of the last 7 days whose conversation no id names, only user, pauses or words",
    ),
    Family("assistant.completeness", "%", "Turns that the figures of the last 7 days rest on, by stage"),
)


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """People of one department or profile, as far as they may be shown."""

    dimension: Literal["department", "profile"]
    label: str
    active: Mapping[Literal["last_week", "last_4_weeks"], float]
    eligible: int | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says of one assistant now."""

    figures: Mapping[Window, Figures]
    active: Mapping[Span, int] = {}  # people by window
    eligible: int | None = None
    crowds: tuple[Crowd, ...] = ()
    value: ValueReport | None = None  # of the last 28 days, where it is configured


def points(family: str, cache: Iterable[Snapshot]) -> Iterator[tuple[float, Labels]]:
    """Values of one gauge; a figure that can't be given has no point."""
    for snapshot in cache:
        for window, figures in snapshot.figures.items():
            yield from _points(family, snapshot, window, figures)


def _points(family: str, snapshot: Snapshot, window: Window, figures: Figures) -> Iterator[tuple[float, Labels]]:
    labels = {"assistant": figures.assistant}
    match family:
        case "assistant.users.active":
            if window == "28d" and not _small(snapshot):
                for span, count in snapshot.active.items():
                    yield count, {**labels, "window": span}
                for crowd in snapshot.crowds:
                    for period, people in crowd.active.items():
                        yield people, {**labels, "window": period, crowd.dimension: crowd.label}
        case "assistant.users.eligible":
            if window == "28d" and snapshot.eligible is not None:
                yield snapshot.eligible, labels
                for crowd in snapshot.crowds:
                    if crowd.eligible is not None:
                        yield crowd.eligible, {**labels, crowd.dimension: crowd.label}
        case "assistant.answer.precision":
            for name, method in FIGURES.items():
                if (value := _value(figures, name)) is not None:
                    yield value * 100, {**labels, "method": method, "window": window}
        case "assistant.cost" | "assistant.cost.unknown" | "assistant.value" | "assistant.time.saved":
            if window == "28d" and snapshot.value is not None:
                for amount, more in _of_value(family, snapshot.value):
                    yield amount, {**labels, **more}
        case "assistant.completeness":
            if window == "7d":
                yield from _completeness(figures)
        case "assistant.conversations.derived":
            if window == "7d" and figures.completeness.derived is not None:
                yield figures.completeness.derived * 100, labels
        case _:
            value = _value(figures, _SHARES[family][0])
            if value is not None:
                yield value * 100, {**labels, "window": window}


def _of_value(family: str, value: ValueReport) -> Iterator[tuple[float, Labels]]:
    """Give what may be given: a figure that is withheld has no gauge either."""
    currency = {"currency": value.currency}
    costed = value.kpis["cost"].value is not None
    match family:
        case "assistant.cost":
            for kind in ("tokens", "platform", "fixed") if costed else ():
                if (amount := value.cost[kind]) is not None:
                    yield amount, {**currency, "kind": kind}
        case "assistant.cost.unknown":
            if value.unknown.value is not None:
                yield value.unknown.value * 100, {}
        case "assistant.value":
            for each in value.scenarios:
                cost = value.cost["total"] if costed else None
                for kind, amount in (("cost_avoided", each.cost_avoided), ("cost", cost), ("net", each.net if costed else None)):
                    if amount is not None:
                        yield amount, {**currency, "kind": kind, "scenario": each.name}
        case _:
            for each in value.scenarios:
                if each.time_saved is not None:
                    yield each.time_saved / 3600, {"scenario": each.name}


def _small(snapshot: Snapshot) -> bool:
    return snapshot.eligible is not None and snapshot.eligible < SMALLEST_GROUP


def _value(figures: Figures, name: str) -> float | None:
    measure = figures.kpis.get(name)
    return None if measure is None else measure.value


def _completeness(figures: Figures) -> Iterator[tuple[float, Labels]]:
    for stage in _STAGES:
        share: float | None = getattr(figures.completeness, stage)
        if share is not None:
            yield share * 100, {"assistant": figures.assistant, "stage": stage}
