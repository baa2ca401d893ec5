"""What the settings say that rules and dashboards hold figures against: targets, and the day of the launch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from proxy.settings.model import Assistant

TARGETS: Final = "assistant.target"
RESPONSE: Final = "assistant.target.response"
LAUNCHED: Final = "assistant.launched"

Point = tuple[float, Mapping[str, str]]


def targets(assistants: tuple[Assistant, ...]) -> Iterator[Point]:
    """Bounds of the shares, in percent."""
    for assistant in assistants:
        aims = assistant.targets
        bounds = (
            ("automation", "lower", aims.automation[0]),
            ("automation", "upper", aims.automation[1]),
            ("handover", "lower", aims.handover[0]),
            ("handover", "upper", aims.handover[1]),
            ("csat", "lower", aims.csat),
            ("adoption", "lower", aims.adoption),
        )
        for figure, bound, share in bounds:
            yield round(100 * share, 6), {"assistant": assistant.name, "figure": figure, "bound": bound}


def response(assistants: tuple[Assistant, ...]) -> Iterator[Point]:
    """Seconds within which an answer is on target."""
    for assistant in assistants:
        yield assistant.targets.response, {"assistant": assistant.name}


def launched(assistants: tuple[Assistant, ...]) -> Iterator[Point]:
    """Unix seconds of the launch day's first moment where the assistant is; nothing for one that says no day."""
    for assistant in assistants:
        if assistant.launched is not None:
            start = datetime.combine(date.fromisoformat(assistant.launched), datetime.min.time(), ZoneInfo(assistant.time_zone))
            yield start.timestamp(), {"assistant": assistant.name}
