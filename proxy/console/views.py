"""The views: which figures stand on a page as tiles, and what is drawn below them. Declared here, drawn elsewhere.

The first page is a view for each audience: it opens on the figures that its reader answers for. The address says which;
nothing is remembered, so a link shows everybody the same.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from proxy.console.tiles import FIVE
from proxy.kpi.precision import FIGURES
from proxy.report.model import Audience

Name = Literal["glance", "realtime", "quality", "strategic"]

PanelName = Literal[
    "outcomes", "flow", "ends", "times", "rhythm", "handovers", "topics", "cohorts", "departments", "channels", "basis"
]


Fold = Literal["ratings", "tone", "answers"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One page of figures. Those in `folds` stand below the tiles, by what they are about, and open at a click."""

    name: Name
    path: str
    tiles: tuple[str, ...]
    panels: tuple[PanelName, ...]
    folds: tuple[tuple[Fold, tuple[str, ...]], ...] = ()
    days: int = 28  # when the address names no period
    live: bool = False  # begins with the last hour
    weekly: bool = False  # of figures that are counted by the week: its charts have no place for a day

    @property
    def figures(self) -> tuple[str, ...]:
        """All that the page has, and that its chart can be of."""
        return (*self.tiles, *(name for _, names in self.folds for name in names))


_GLANCE: Final[dict[Audience, tuple[tuple[str, ...], tuple[PanelName, ...]]]] = {
    "owner": (FIVE, ("outcomes", "basis")),
    "operations": (
        ("turns", "availability", "response_time", "response_time_within_target", "failure_rate"),
        ("times", "rhythm", "outcomes", "basis"),
    ),
    "cio": (
        ("availability", "response_time", "response_time_within_target", "failure_rate", "adoption"),
        ("times", "ends", "flow", "basis"),
    ),
    "cfo": (
        ("sessions", "automation_rate", "cost_per_automated_session", "cost_avoided", "roi"),
        ("flow", "ends", "outcomes", "basis"),
    ),
    "manager": (("adoption", "wau", "stickiness", "csat", "time_saved"), ("departments", "cohorts", "rhythm", "basis")),
}

_VIEWS: Final = (
    View(
        name="realtime",
        path="/realtime",
        tiles=("turns", "availability", "response_time", "response_time_within_target", "time_to_first"),
        panels=("times", "rhythm", "channels", "basis"),
        days=1,
        live=True,
    ),
    View(
        name="quality",
        path="/quality",
        tiles=(
            *("automation_rate", "handover_rate", "csat", "answer_precision_explicit"),
            *("no_answer_rate", "durable_resolution_rate", "recontact_rate", "reformulation_rate"),
        ),
        folds=(
            (
                "ratings",
                (
                    *("csat_response_rate", "csat_response_rate_automated", "csat_response_rate_handed_over"),
                    *("typed_satisfaction", "nps"),
                ),
            ),
            ("tone", ("sentiment", "sentiment_negative", "sentiment_shift")),
            ("answers", (*[name for name in FIGURES if name != "answer_precision_explicit"], "judge_agreement")),
        ),
        panels=("topics", "handovers", "flow", "ends", "basis"),
    ),
    View(
        name="strategic",
        path="/strategic",
        tiles=(
            *("adoption", "mau", "stickiness", "sessions"),
            *("time_saved", "cost_per_automated_session", "cost_avoided", "roi"),
        ),
        panels=("departments", "cohorts", "ends", "flow", "rhythm", "basis"),
        days=91,
    ),
)

NAMES: Final[tuple[Name, ...]] = ("glance", *(view.name for view in _VIEWS))
FIRST: Final[Audience] = "owner"


def view(name: str | None, audience: Audience) -> View:
    """The view of a name; the first page for what names none. Only that one is another for each audience."""
    found = next((each for each in _VIEWS if each.name == name), None)
    if found is not None:
        return found
    tiles, panels = _GLANCE[audience]
    return View(
        name="glance",
        path="/",
        tiles=tiles,
        panels=panels,
        live=audience in {"owner", "operations"},
        weekly=audience == "manager",
    )


def of_department(found: View) -> tuple[PanelName, ...]:
    """The panels of a view that can be of one department; the others are of everybody."""
    return tuple(name for name in found.panels if name not in {"rhythm", "cohorts", "channels", "topics"})


def figures() -> set[str]:
    """Every figure that some view has."""
    return {name for tiles, _ in _GLANCE.values() for name in tiles} | {name for each in _VIEWS for name in each.figures}
