"""Cells of the ledger, and which of them a turn adds to (what they are called: proxy.kpi.sums)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proxy.kpi import usage
from proxy.kpi.calendar import hour
from proxy.kpi.groups import Labels
from proxy.kpi.histogram import bucket
from proxy.kpi.parts import Part
from proxy.kpi.rules import Rules

NOT_ITS_FAULT: Final = frozenset({"client_error", "rate_limited", "refused", "drained"})
"""Classes of errors that say nothing of the assistant's availability: 4xx answers, and what the relay did itself."""

Cell = tuple[str, str, Labels]
Cells = dict[Cell, int]


def add(cells: Cells, at: str, labels: Labels, name: str, count: int = 1) -> None:
    """Add to one cell."""
    cell = (at, name, labels)
    cells[cell] = cells.get(cell, 0) + count


def accumulate(cells: Cells, more: Mapping[Cell, int], sign: int = 1) -> None:
    """Add sums, or take them away."""
    for cell, count in more.items():
        cells[cell] = cells.get(cell, 0) + sign * count


def said(satisfied: bool | None) -> str:
    """Give the word for a judgement."""
    return "neutral" if satisfied is None else "yes" if satisfied else "no"


def add_time(cells: Cells, at: str, labels: Labels, name: str, seconds: float) -> None:
    """Add a time to a histogram."""
    add(cells, at, labels, f"{name}:n")
    add(cells, at, labels, f"{name}:us", round(seconds * 1e6))
    add(cells, at, labels, f"{name}:b{bucket(seconds)}")


def add_turn(cells: Cells, part: Part, rules: Rules, *, human: bool) -> None:
    """Add a turn; `human` when a human answered it."""
    at, labels = hour(rules.zone, part.at), part.labels
    if not part.excluded:
        for name, count in usage.cells(part.calls):
            add(cells, at, labels, name, count)
    if part.continues:
        return  # a tool round trip whose turn is not here: no user message
    if part.excluded:
        add(cells, at, labels, "turn:excluded")
        return
    add(cells, at, labels, "turns")
    if part.partial:
        add(cells, at, labels, "turn:partial")
    if part.derived:
        add(cells, at, labels, "turn:derived")
    if part.anonymous:
        add(cells, at, labels, "turn:anonymous")
    if human:
        add(cells, at, labels, "turn:human")
        return
    _add_usage(cells, at, part)
    _add_opinion(cells, at, part)
    add(cells, at, labels, f"turn:{part.result}")
    up = _up(part)
    if up is not None:
        add(cells, at, labels, "valid")
        if up:
            add(cells, at, labels, "good")
    if part.result in {"ok", "no_answer"} and part.duration is not None:
        add_time(cells, at, labels, "response", part.duration)
        if part.duration < rules.response:
            add(cells, at, labels, "response:within")
    if part.first_text is not None:
        add_time(cells, at, labels, "first", part.first_text)


def _add_usage(cells: Cells, at: str, part: Part) -> None:
    if part.unreported:
        return
    add(cells, at, part.labels, "usage:known" if part.calls else "usage:none")
    for model in {call.model for call in part.calls}:
        add(cells, at, part.labels, f"usage:of:{model}")


def _add_opinion(cells: Cells, at: str, part: Part) -> None:
    if part.sentiment is not None:
        add(cells, at, part.labels, f"sentiment:{part.sentiment.feeling}")
    if part.typed is not None:
        add(cells, at, part.labels, f"typed:{part.typed.scale}:{said(part.typed.satisfied)}")


def _up(part: Part) -> bool | None:
    """Say whether the assistant was up; None for a turn that says nothing of it (the client's cancel or its bad request)."""
    if part.result == "cancelled" or (part.result == "error" and part.error in NOT_ITS_FAULT):
        return None
    return part.result not in {"error", "timeout"}
