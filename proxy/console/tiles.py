"""Tiles in words: what a page writes first and the stream refreshes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from proxy.console.status import Health, Live
from proxy.kpi.opinions import FIGURES as OPINIONS
from proxy.kpi.report import Figures, Measure, Status
from proxy.records import LEVELS
from proxy.report import saying
from proxy.words import formats, written
from proxy.words.catalogue import Words
from proxy.words.formats import NONE
from proxy.words.written import ICONS

FIVE: Final = ("automation_rate", "response_time", "csat", "adoption", "handover_rate")
ASIDE: Final[Mapping[str, str]] = {
    "automation_rate": "automation_rate_confirmed",
    "response_time": "response_time_within_target",
    "csat": "csat_response_rate",
    "adoption": "mau",
    "handover_rate": "handover_request_rate",
}
"""The figure that keeps each of the five honest, shown beside it."""

Face = Literal["down", "empty", "hidden", "running", "figures"]
"""What a page shows: that nothing can be read, that nothing was seen yet, that a group is too small to be shown, that no week of
it is over yet, or figures."""

HINTS: Final = ("answer_precision_review", "answer_precision_judge", "judge_agreement", *OPINIONS)
"""Figures that nothing is known of until somebody chooses how to know it."""

UNSET: Final = frozenset({"no_value", "no_costs", "no_assumptions", "no_handling", "unset"})
"""Reasons that somebody's settings can change."""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One figure in words. Empty words take no place on the page."""

    name: str
    value: str
    status: Status | Literal["unset"]
    icon: str
    verdict: str
    target: str
    basis: str
    spread: str
    aside: str
    provisional: str
    change: str = ""


def tile(name: str, figures: Figures, words: Words, before: Figures | None = None) -> Tile:
    """Words of a measure, beside the same of the time before; a figure that can't be given says why."""
    measure = figures.kpis.get(name, Measure(value=None, reason="unset"))
    status: Status | Literal["unset"] = measure.status
    if measure.value is None and status == "no_target":
        status = "unset" if measure.reason in UNSET else "not_enough_data"
    return Tile(
        name=name,
        value=written.value(name, measure.value, words.language, measure.currency),
        status=status,
        icon=NONE if status == "unset" else ICONS[status],
        verdict=words(f"status.{status}"),
        target=_target(name, measure, words),
        basis=_why_not(name, measure, words) if measure.value is None else saying.based(name, measure, words),
        spread=_spread(name, measure, words),
        aside=_aside(name, figures, words),
        provisional=_provisional(name, figures, words),
        change=_change(name, measure, before, words),
    )


def shown(figures: Figures | None) -> Face:
    """Which of its faces a page has."""
    if figures is None:
        return "down"
    turns = figures.kpis.get("turns")
    if turns is not None and turns.value is None and turns.reason == "small_group":
        return "hidden"
    if turns is not None and turns.value is None and turns.reason == "running":
        return "running"
    seen = any(figures.outcomes.values()) or figures.open_sessions or (turns is not None and turns.value)
    return "figures" if seen else "empty"


def texts(tiles: Sequence[Tile]) -> dict[str, str]:
    """What may change while a page is open, by the key under which the page wrote it."""
    return {
        f"{each.name}.{key}": getattr(each, key)
        for each in tiles
        for key in ("value", "icon", "verdict", "basis", "spread", "aside", "provisional")
    }


def live_texts(live: Live, health: Health, words: Words) -> dict[str, str]:
    """The live strip in words."""
    language = words.language
    return {
        "live.rate": formats.number(live.rate, language),
        "live.p95": NONE if live.p95 is None else formats.seconds(live.p95, language),
        "live.errors": NONE if live.errors is None else formats.percent(live.errors, language),
        "live.open": formats.number(live.open_sessions, language),
        "live.state": _state(health, words),
    }


def health_state(health: Health) -> str:
    """For the dot beside it: down, waiting, partial or fine."""
    if health.relays == 0:
        return "down"
    if not health.store_up:
        return "waiting"
    partial = health.relays < health.relays_wanted or health.dropped or health.stale or health.keyless
    return "partial" if partial else "fine"


def _state(health: Health, words: Words) -> str:
    language = words.language
    match health_state(health):
        case "down":
            said = words("live.relays")
        case "waiting":
            said = words("live.store", pending=formats.number(health.books.pending, language))
        case _:
            lag = formats.seconds(health.lag, language)
            said = words("live.ok", relays=health.relays, wanted=health.relays_wanted, lag=lag)
    if health.dropped:
        said += " · " + words("live.dropped", dropped=formats.number(health.dropped, language))
    if health.stale:
        said += " · " + words("live.people", names=", ".join(health.stale))
    if health.keyless:
        said += " · " + words("live.keys", names=", ".join(health.keyless))
    if health.level:
        said += " · " + words(f"live.level.{LEVELS[health.level]}")
    books = {name: formats.number(count, language) for name, count in msgspec.structs.asdict(health.books).items()}
    return f"{said} · {words('live.books', **books)}"


def _target(name: str, measure: Measure, words: Words) -> str:
    low, high = measure.target or (None, None)
    if low is not None and high is not None:
        return words("target.between", range=formats.percents(low, high, words.language, 0))  # times have one bound
    if low is not None:
        return words("target.above", low=written.round_number(name, low, words.language))
    return "" if high is None else words("target.below", high=written.round_number(name, high, words.language))


def _why_not(name: str, measure: Measure, words: Words) -> str:
    return words(f"unset.{name}") if measure.reason == "unset" and name in HINTS else words.reason(measure.reason)


def _spread(name: str, measure: Measure, words: Words) -> str:
    language = words.language
    said = []
    if measure.interval is not None:
        said.append(words("interval", range=written.interval(name, measure, language)))
    if measure.p50 is not None and measure.p95 is not None:
        said.append(words("percentiles", p50=formats.seconds(measure.p50, language), p95=formats.seconds(measure.p95, language)))
    return " · ".join(said)


def _aside(name: str, figures: Figures, words: Words) -> str:
    measure = figures.kpis.get(ASIDE[name]) if name in ASIDE else None
    if measure is None or measure.value is None:
        return ""
    people = ASIDE[name] == "mau"
    value = formats.number(measure.value, words.language) if people else formats.percent(measure.value, words.language)
    return words(f"aside.{name}", value=value)


def _change(name: str, now: Measure, before: Figures | None, words: Words) -> str:
    measure = before.kpis.get(name) if before is not None else None
    if measure is None or measure.value is None or now.value is None:
        return ""
    return saying.change(name, now, measure, words)


def _provisional(name: str, figures: Figures, words: Words) -> str:
    if name == "adoption":  # counted by week: there is no other figure, but the week may not be over
        return words("running") if name in figures.kpis and figures.kpis[name].provisional else ""
    measure = figures.provisional.get(name)
    return (
        ""
        if measure is None or measure.value is None
        else words("provisional", value=written.value(name, measure.value, words.language))
    )
