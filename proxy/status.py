"""`kpi-proxy status`: how a running proxy is doing, as a screen that keeps itself fresh, or as plain text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final, TextIO

from proxy.console.status import AssistantStatus, Status
from proxy.kpis import Asker, AskError

INTERVAL: Final = 2.0
"""Seconds between two looks, as on the page."""

_BARS: Final = " ▁▂▃▄▅▆▇█"
_NONE: Final = "-"
# ECMA-48: the other screen and back, the cursor's home, from here to the end, and of the line.
_ENTER, _LEAVE, _HOME, _REST, _LINE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l", "\x1b[H", "\x1b[J", "\x1b[K"


def text(status: Status) -> str:
    """The status in lines of plain text."""
    return "\n".join([*_health(status), "", *_assistants(status), *_judges(status)])


def _health(status: Status) -> Iterator[str]:
    health, books = status.health, status.health.books
    yield f"kpi-proxy {status.version}, {status.at}"
    store = "up" if health.store_up else "AWAY, figures wait in the outbox"
    relays = f"{health.relays} of {health.relays_wanted}" + ("" if health.relays else ", NOTHING IS SEEN")
    lead = ", shows the fleet's gauges" if health.leading else ""
    yield f"relays {relays}; store {store}; lag {health.lag:.1f} s{lead}"
    yield f"events: {books.seen} seen = {books.counted} counted + {books.pending} waiting + {books.dropped} dropped"
    yield f"captures: {status.captures}, {health.dropped} copies given up"


def _assistants(status: Status) -> list[str]:
    rows: list[tuple[str, ...]] = [("assistant", "turns/min", "the last hour", "p95", "errors", "open", "probes")]
    rows += [_row(each) for each in status.assistants]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(assistant: AssistantStatus) -> tuple[str, ...]:
    live = assistant.live
    probes = [f"{probe.name} {'up' if probe.up else 'DOWN'} {probe.share:.1%}" for probe in assistant.probes]
    return (
        assistant.name,
        f"{live.rate}",
        _bars(live.minutes),
        _NONE if live.p95 is None else f"{live.p95:.2f} s",
        _NONE if live.errors is None else f"{live.errors:.1%}",
        str(live.open_sessions),
        ", ".join(probes) or _NONE,
    )


def _judges(status: Status) -> Iterator[str]:
    """A line for each judge: what it said, what it could not say and why, what it used of its tokens."""
    for each in status.assistants:
        if (judge := each.judge) is None:
            continue
        lost = ", ".join(f"{reason} {count}" for reason, count in judge.lost.items() if count)
        why = f"no price of {judge.model} is known" if judge.stopped == "price" else f"{judge.stopped} is used up"
        stopped = f", STOPPED: {why}" if judge.stopped else ""
        yield (
            f"judge of {each.name} ({judge.model}): {sum(judge.verdicts.values())} judged, {judge.waiting} waiting"
            + (f", not judged: {lost}" if lost else "")
            + f"; tokens {judge.tokens_today} of {judge.day_tokens} today"
            + f", {judge.tokens_month} of {judge.month_tokens} this month"
            + f"; cost {_cost(judge.cost_today, judge.day_cost)} today"
            + f", {_cost(judge.cost_month, judge.month_cost)} {judge.currency} this month"
            + stopped
        )


def _cost(spent: float, most: float | None) -> str:
    return f"{spent:.4f}" if most is None else f"{spent:.4f} of {most:g}"


def _bars(minutes: tuple[int, ...]) -> str:
    """Two minutes a letter; a minute with any turn is seen."""
    pairs = [sum(minutes[at : at + 2]) for at in range(0, len(minutes), 2)]
    top = max(pairs, default=0)
    return "".join(_BARS[-(-8 * count // top)] if top else _BARS[0] for count in pairs)


def watch(asker: Asker, out: TextIO, sleep: Callable[[float], None] = time.sleep) -> None:
    """Show the status on a terminal until interrupted; a console that is away for a while is said and waited for."""
    out.write(_ENTER)
    try:
        while True:
            try:
                shown = text(asker.status())
            except AskError as error:
                shown = f"{error}\n\nlooking again"
            lines = [line + _LINE for line in f"{shown}\n\nCtrl-C ends".splitlines()]
            out.write(_HOME + "\n".join(lines) + _REST)
            out.flush()
            sleep(INTERVAL)
    finally:
        out.write(_LEAVE)
        out.flush()
