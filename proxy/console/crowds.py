"""An assistant's figures by group: by department or profile of its people, by channel, model or route."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from proxy.console import tiles
from proxy.kpi.groups import DIMENSIONS, Dimension
from proxy.kpi.report import Breakdown, Group, Measure
from proxy.words import formats, written
from proxy.words.catalogue import Words

FIRST: Final[Dimension] = "department"
"""What managers ask for."""


def dimension(text: str | None) -> Dimension:
    """What a page's link names; the first when it names none."""
    return next((name for name in DIMENSIONS if name == text), FIRST)


def rows(found: Breakdown, words: Words) -> list[dict[str, Any]]:
    """One row for each group, the largest first, hidden ones and those without a label last."""
    ordered = sorted(found.groups, key=lambda group: (group.hidden, group.label == "", -_turns(group), group.label))
    return [_row(group, words) for group in ordered]


def period(found: Breakdown, words: Words) -> str:
    """The days that are shown: of groups of people whole weeks or months only."""
    if found.from_ is None or found.to is None:
        return words("groups.none")
    first, last = date.fromisoformat(found.from_), date.fromisoformat(found.to)
    return words("range", first=formats.day(first, words.language), last=formats.full_day(last, words.language))


def _turns(group: Group) -> float:
    turns = group.kpis.get("turns")
    return 0.0 if turns is None or turns.value is None else turns.value


def _row(group: Group, words: Words) -> dict[str, Any]:
    return {
        "label": group.label or words("groups.rest"),
        "hidden": group.hidden,
        "cells": [_cell(name, group.kpis.get(name, Measure(value=None)), words) for name in tiles.FIVE],
        "turns": formats.NONE if group.hidden else formats.number(_turns(group), words.language),
    }


def _cell(name: str, measure: Measure, words: Words) -> dict[str, str]:
    given = measure.value is not None
    return {
        "value": written.value(name, measure.value, words.language),
        "status": measure.status if given else "no_target",
        "icon": written.ICONS[measure.status] if given and measure.status != "no_target" else "",
        "verdict": words(f"status.{measure.status}") if given and measure.status != "no_target" else "",
        "counted": written.counted(measure, words.language) if given else "",
    }
