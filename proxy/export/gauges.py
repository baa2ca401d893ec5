"""The latest figures as gauges, read from a cache.

An observable gauge that yields nothing disappears from both readers: an observer that is not the leader gives no
figures here and so shows none. The gauges of several hosts are equal, not parts: `max by (assistant, ...)`, never `sum`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from proxy.kpi.report import Figures

Window = Literal["7d", "28d"]
Labels = Mapping[str, str]

_SHARES: Final = {
    "assistant.automation.rate": ("automation_rate", "Settled sessions that needed no human and did not fail"),
    "assistant.handover.rate": ("handover_rate", "Settled sessions that were handed to a human"),
    "assistant.csat": ("csat", "Ratings that were satisfied"),
    "assistant.adoption": ("adoption", "Eligible people who used the assistant"),
    "assistant.availability": ("availability", "Valid turns that were answered"),
}
_ACTIVE: Final[Mapping[Window, str]] = {"7d": "wau", "28d": "mau"}
_STAGES: Final = ("captured", "decoded", "attributed")


class Family(msgspec.Struct, frozen=True):
    """A gauge: its OpenTelemetry name, unit and description."""

    name: str
    unit: str
    about: str


FAMILIES: Final = (
    *(Family(name, "%", about) for name, (_, about) in _SHARES.items()),
    Family("assistant.users.active", "{user}", "People who used the assistant in the window"),
    Family("assistant.users.eligible", "{user}", "People who may use the assistant"),
    Family("assistant.completeness", "%", "Turns that the figures of the last 7 days rest on, by stage"),
)


def points(family: str, cache: Iterable[tuple[Window, Figures]]) -> Iterator[tuple[float, Labels]]:
    """Values of one gauge; a figure that can't be given has no point."""
    for window, figures in cache:
        labels = {"assistant": figures.assistant, "window": window}
        match family:
            case "assistant.users.active":
                value = _value(figures, _ACTIVE[window])
                if value is not None:
                    yield value, labels
            case "assistant.users.eligible":
                adoption = figures.kpis.get("adoption")
                if adoption is not None and adoption.denominator is not None:
                    yield adoption.denominator, labels
            case "assistant.completeness":
                if window == "7d":
                    yield from _completeness(figures)
            case _:
                value = _value(figures, _SHARES[family][0])
                if value is not None:
                    yield value * 100, labels


def _value(figures: Figures, name: str) -> float | None:
    measure = figures.kpis.get(name)
    return None if measure is None else measure.value


def _completeness(figures: Figures) -> Iterator[tuple[float, Labels]]:
    for stage in _STAGES:
        share: float | None = getattr(figures.completeness, stage)
        if share is not None:
            yield share * 100, {"assistant": figures.assistant, "stage": stage}
