"""All assistants at a glance: the five figures of each, the one that needs a look first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from proxy.charts.spark import sparkline
from proxy.console import tiles
from proxy.console.clerk import Clerk
from proxy.console.panels import Cell, Table
from proxy.console.periods import Period
from proxy.kpi.report import Day, Figures, Status
from proxy.report.drawing import drawable
from proxy.settings.model import Assistant
from proxy.words import formats
from proxy.words.catalogue import Words

Row = tuple[Figures, list[Day]]
"""An assistant's figures and their days."""

_WORST: Final[dict[Status, int]] = {
    "not_met": 3,
    "below": 3,
    "above": 3,
    "inconclusive": 1,
    "not_enough_data": 0,
    "not_due": 0,
    "no_target": 0,
    "met": 0,
}
"""How much a figure asks for a look."""


async def read(clerk: Clerk, assistants: Sequence[Assistant], period: Callable[[Assistant], Period]) -> list[Row]:
    """Figures and days of each assistant. Raises a group of `Unavailable`."""

    async def one(assistant: Assistant) -> Row:
        asked = period(assistant)
        figures = await clerk.figures(assistant, asked.first, asked.last)
        return figures, (await clerk.days(assistant, asked.first, asked.last)).days

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(assistant)) for assistant in assistants]
    return [task.result() for task in tasks]


def rows(found: Sequence[Row], rates: Mapping[str, int] | None, words: Words) -> list[dict[str, Any]]:
    """One row for each assistant, those that miss their targets first; `rates`: turns of the last minute, None hides them."""
    ordered = sorted(found, key=lambda each: -_urgency(each[0]))
    return [_row(figures, days, rates, words) for figures, days in ordered]


def _urgency(figures: Figures) -> int:
    return sum(_WORST[figures.kpis[name].status] for name in tiles.FIVE if name in figures.kpis)


def _row(figures: Figures, days: list[Day], rates: Mapping[str, int] | None, words: Words) -> dict[str, Any]:
    turns = figures.kpis.get("turns")
    return {
        "name": figures.assistant,
        "turns": formats.number((turns.value if turns else None) or 0, words.language),
        "rate": formats.NONE if rates is None else formats.number(rates[figures.assistant], words.language),
        "cells": [(tiles.tile(name, figures, words), _spark(name, days)) for name in tiles.FIVE],
    }


def _spark(name: str, days: list[Day]) -> Markup:
    return sparkline([drawable(day.kpis.get(name)) for day in days])


def table(found: Sequence[Row]) -> Table:
    """Every figure of every assistant, one to a line, for a file."""
    rows: list[tuple[Cell, ...]] = [
        ((figures.assistant, ""), (name, ""), (measure.value, ""), (measure.numerator, ""), (measure.denominator, ""))
        for figures, _ in found
        for name, measure in figures.kpis.items()
        if measure.value is not None
    ]
    return Table(names=("assistant", "figure", "value", "numerator", "denominator"), heads=(), rows=rows)
