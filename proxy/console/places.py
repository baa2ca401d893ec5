"""Places in time of a chart in words: an hour, a day, the week that begins on a day, or a month."""

from __future__ import annotations

from typing import assert_never

from proxy.console.reader import Grain, day_of
from proxy.kpi.report import Stretch
from proxy.words import formats
from proxy.words.catalogue import Words


def short(point: Stretch, grain: Grain, words: Words) -> str:
    """For an axis."""
    if grain == "hour":
        return formats.hour(int(point.from_[11:]), words.language)
    if grain == "month":
        return formats.short_month(day_of(point), words.language)
    return formats.day(day_of(point), words.language)


def full(point: Stretch, grain: Grain, words: Words) -> str:
    """For a table."""
    day = formats.full_day(day_of(point), words.language)
    match grain:
        case "hour":
            return short(point, grain, words)
        case "day":
            return day
        case "week":
            return words("week.of", day=day)
        case "month":
            return formats.month(day_of(point), words.language)
        case _:
            assert_never(grain)
