"""An assistant's figures by group: by department or profile of its people, by channel, model or route, by first week."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from proxy.charts import heat
from proxy.charts.picture import NARROW, WIDE
from proxy.console import tiles
from proxy.console.panels import Cell, Panel, Table, empty
from proxy.console.reader import Read
from proxy.kpi.report import Breakdown, Group, Measure
from proxy.report import saying
from proxy.words import formats, written
from proxy.words.catalogue import Words

SHORT: Final = 6
"""Weeks after the first that a phone has room for; the table has them all."""


def rows(found: Breakdown, words: Words) -> list[dict[str, Any]]:
    """One row for each group, the largest first, hidden ones and those without a label last."""
    ordered = sorted(found.groups, key=lambda group: (group.hidden, group.label == "", -_value(group, "turns"), group.label))
    return [_row(group, words) for group in ordered]


def period(found: Breakdown, words: Words) -> str:
    """The days that are shown: of groups of people whole weeks or months only."""
    if found.from_ is None or found.to is None:
        return words("groups.none")
    first, last = date.fromisoformat(found.from_), date.fromisoformat(found.to)
    return words("range", first=formats.day(first, words.language), last=formats.full_day(last, words.language))


def _row(group: Group, words: Words) -> dict[str, Any]:
    return {
        "label": group.label or words("groups.rest"),
        "hidden": group.hidden,
        "cells": [_cell(name, group.kpis.get(name, Measure(value=None)), words) for name in tiles.FIVE],
        "turns": formats.NONE if group.hidden else formats.number(_value(group, "turns"), words.language),
    }


def _cell(name: str, measure: Measure, words: Words) -> dict[str, str]:
    given = measure.value is not None
    return {
        "value": written.value(name, measure.value, words.language),
        "status": measure.status if given else "no_target",
        "icon": written.ICONS[measure.status] if given and measure.status != "no_target" else "",
        "verdict": words(f"status.{measure.status}") if given and measure.status != "no_target" else "",
        "counted": saying.counted(name, measure, words) if given else "",
    }


def rows_for_file(found: Breakdown) -> Table:
    """Every figure of every group that may be shown, one to a line."""
    rows: list[tuple[Cell, ...]] = [
        ((group.label, group.label), (name, name), (measure.value, ""), (measure.numerator, ""), (measure.denominator, ""))
        for group in found.groups
        if not group.hidden
        for name, measure in group.kpis.items()
        if measure.value is not None
    ]
    return Table(names=("group", "figure", "value", "numerator", "denominator"), heads=(), rows=rows)


def departments(read: Read, words: Words) -> Panel:
    """Adoption by department, with the small ones hidden."""
    title, found = words("departments"), read.departments
    shown = [group for group in found.groups if group.label or group.hidden] if found else []
    if found is None or not shown:
        return empty("departments", title, words("groups.empty.people"))
    language = words.language
    rows: list[tuple[Cell, ...]] = []
    for group in sorted(shown, key=lambda each: (each.hidden, -_value(each, "adoption"), each.label)):
        adoption, people = (group.kpis.get(name, Measure(value=None)) for name in ("adoption", "mau"))
        said = words("reason.small_group") if group.hidden else written.value("adoption", adoption.value, language)
        rows.append(
            (
                (group.label, group.label),
                (adoption.value, said),
                (adoption.numerator, written.counted(adoption, language) if adoption.value is not None else ""),
                (people.value, written.value("mau", people.value, language)),
            )
        )
    heads = (words("group.department"), words("adoption"), words("table.of"), words("mau"))
    table = Table(names=("department", "adoption", "active", "mau"), heads=heads, rows=rows)
    about = " · ".join([period(found, words), words("groups.whole")])
    return Panel(name="departments", title=title, about=about, table=table, plain=True)


def channels(read: Read, words: Words) -> Panel:
    """How much came by which channel, and how fast it was answered."""
    title, language = words("channels"), words.language
    found = sorted(read.channels.groups if read.channels else (), key=lambda each: (each.label == "", -_value(each, "turns")))
    if not any(group.label for group in found):
        return empty("channels", title, words("groups.empty.traffic"))
    total = sum(_value(group, "turns") for group in found)
    rows: list[tuple[Cell, ...]] = []
    for group in found:
        turns, response = _value(group, "turns"), group.kpis.get("response_time", Measure(value=None))
        share = turns / total if total else 0.0
        rows.append(
            (
                (group.label, group.label or words("groups.rest")),
                (turns, formats.number(turns, language)),
                (share, formats.percent(share, language)),
                (response.value, written.value("response_time", response.value, language)),
            )
        )
    heads = (words("group.channel"), words("turns"), words("share"), words("response_time"))
    table = Table(names=("channel", "turns", "share", "response_time"), heads=heads, rows=rows)
    return Panel(name="channels", title=title, about="", table=table, plain=True)


def cohorts(read: Read, words: Words) -> Panel:
    """Of the people whose first week it was, how many came back in the weeks after."""
    title, found = words("cohorts"), [each for each in read.cohorts if each.people.value is not None]
    if not found:
        many = any(each.people.reason == "too_many" for each in read.cohorts)
        return empty("cohorts", title, words("reason.too_many") if many else words("cohorts.empty"))
    language, most = words.language, max(len(each.later) for each in found)
    rows: list[tuple[Cell, ...]] = []
    drawn: list[heat.Row] = []
    for each in found:
        at = formats.day(date.fromisoformat(each.week), language)
        shares = [share.value for share in each.later] + [None] * (most - len(each.later))
        later = [(share, "" if share is None else formats.percent(share, language)) for share in shares]
        rows.append(((each.week, at), (each.people.value, written.value("mau", each.people.value, language)), *later))
        # Half the strength: the number inside has to be read on it.
        cells = [
            heat.Cell(None if share is None else share / 2, words("named", name=at, value=said), _whole(share, words))
            for share, said in later
        ]
        drawn.append(heat.Row(at, cells))
    ticks = [words("cohorts.week", number=number + 1) for number in range(most)]
    last = min(most, SHORT)
    wide = heat.heat(drawn, ticks, title=title, said=words("cohorts.about"), size=WIDE)
    narrow = heat.heat(
        [heat.Row(row.label, row.cells[:last]) for row in drawn],
        ticks[:last],
        title=title,
        said=words("cohorts.about"),
        size=NARROW,
    )
    heads = (words("cohorts.first"), words("cohorts.people"), *ticks)
    names = ("week", "people", *(f"week_{number + 1}" for number in range(most)))
    table = Table(names=names, heads=heads, rows=rows)
    return Panel(name="cohorts", title=title, about=words("cohorts.about"), table=table, wide=wide, narrow=narrow)


def _whole(share: float | None, words: Words) -> str:
    return "" if share is None else formats.number(share * 100, words.language)


def _value(group: Group, name: str) -> float:
    measure = group.kpis.get(name)
    return 0.0 if measure is None or measure.value is None else measure.value
