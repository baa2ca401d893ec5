"""Panels about how sessions ended: one bar, the flow from all of them, column by column, and what handovers came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proxy.charts.columns import Column, columns
from proxy.charts.flow import Branch, flow
from proxy.charts.picture import NARROW, WIDE
from proxy.charts.stack import stack
from proxy.console import places
from proxy.console.panels import Panel, Table, counted, empty, parts
from proxy.console.reader import Read
from proxy.kpi.changes import Outcome
from proxy.kpi.outcome import FROM_BEST
from proxy.words import formats
from proxy.words.catalogue import Words

BRANCHES: Final[Mapping[str, tuple[Outcome, ...]]] = {
    "served": ("resolved_confirmed", "resolved_assumed"),
    "handed": ("handed_over",),
    "unserved": ("no_answer", "abandoned", "failed"),
}
"""Who served people: the assistant, a human, nobody."""


def outcomes(read: Read, words: Words) -> Panel:
    """How sessions ended, as one bar; excluded sessions are told apart."""
    count, total, table = _ended(read, words)
    title, figures = words("outcomes"), read.figures
    said = [
        words("named", name=words(f"outcome.{name}"), value=formats.number(count[name], words.language)) for name in FROM_BEST
    ]
    if not total:
        return empty("outcomes", title, words("outcomes.empty"))
    bar = stack([(name, count[name], text) for name, text in zip(FROM_BEST, said, strict=True)], words.listed(said))
    excluded = figures.outcomes.get("excluded", 0)
    notes = [
        words(
            "outcomes.note",
            count=formats.number(total, words.language),
            open=formats.number(figures.open_sessions, words.language),
        ),
        words("outcomes.excluded", count=formats.number(excluded, words.language)) if excluded else "",
    ]
    return Panel(name="outcomes", title=title, about=" ".join(filter(None, notes)), table=table, wide=bar, narrow=bar, plain=True)


def flowing(read: Read, words: Words) -> Panel:
    """From all sessions, by who served them, to how they ended."""
    count, total, table = _ended(read, words)
    title = words("flow")
    if not total:
        return empty("flow", title, words("outcomes.empty"))

    def said(key: str, number: int) -> str:
        return f"{words(key)} {formats.percent(number / total, words.language, 0)}"

    branches = []
    for name, ends in BRANCHES.items():
        number = sum(count[end] for end in ends)
        leaves = tuple(Branch(end, count[end], said(f"outcome.{end}", count[end])) for end in ends)
        branches.append(Branch(name, number, said(f"flow.{name}", number), leaves))
    root = Branch("root", total, words("flow.all", count=formats.number(total, words.language)), tuple(branches))
    text = words.listed(branch.words for branch in branches)
    drawn = {size: flow(root, title=title, said=text, size=size) for size in (WIDE, NARROW)}
    return Panel(name="flow", title=title, about=text, table=table, wide=drawn[WIDE], narrow=drawn[NARROW])


def ends(read: Read, words: Words) -> Panel:
    """How the sessions of each place in time ended."""
    title = words("ends")
    if not any(point.outcomes.get(name) for point in read.points for name in FROM_BEST):
        return empty("ends", title, words("outcomes.empty"))
    found, rows = [], []
    for point in read.points:
        at = places.full(point, read.grain, words)
        made = [
            (name, count, words("named", name=at, value=f"{words(f'outcome.{name}')} {formats.number(count, words.language)}"))
            for name in FROM_BEST
            if (count := point.outcomes.get(name, 0))
        ]
        found.append(Column(places.short(point, read.grain, words), made))
        cells = [(point.outcomes.get(name, 0), formats.number(point.outcomes.get(name, 0), words.language)) for name in FROM_BEST]
        rows.append(((point.from_, at), *cells))

    def tick(value: float) -> str:
        return formats.number(value, words.language)

    drawn = {size: columns(found, title=title, said="", written=tick, size=size) for size in (WIDE, NARROW)}
    heads = (words(f"table.{read.grain}"), *(words(f"outcome.{name}") for name in FROM_BEST))
    table = Table(names=("from", *FROM_BEST), heads=heads, rows=rows[::-1])
    return Panel(name="ends", title=title, about=words("ends.about"), table=table, wide=drawn[WIDE], narrow=drawn[NARROW])


def handovers(read: Read, words: Words) -> Panel:
    """Why sessions were handed over, and what told of it."""
    title, found = words("handovers"), read.figures.handovers
    total = sum(found.reasons.values())
    if not total:
        return empty("handovers", title, words("handovers.empty"))
    rows = [
        counted(f"{kind}:{name}", words(f"handover.{kind}.{name}"), count, total, words)
        for kind, counts in (("reason", found.reasons), ("source", found.sources))
        for name, count in sorted(counts.items(), key=lambda each: -each[1])
    ]
    about = words("handovers.about", count=formats.number(found.episodes, words.language))
    told = {len(found.reasons): words("handovers.told")}
    table = parts(words("handovers.by"), words("sessions"), rows, words, breaks=told)
    return Panel(name="handovers", title=title, about=about, table=table, plain=True)


def _ended(read: Read, words: Words) -> tuple[dict[Outcome, int], int, Table]:
    count = {name: read.figures.outcomes.get(name, 0) for name in FROM_BEST}
    total = sum(count.values())
    rows = [counted(name, words(f"outcome.{name}"), count[name], total, words) for name in FROM_BEST]
    return count, total, parts(words("outcome"), words("sessions"), rows, words, keyed=True)
