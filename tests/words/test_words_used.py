"""Every sentence that pages and report say is in the catalogue, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import proxy
from proxy.access.invitations import Scale
from proxy.console import trials, views
from proxy.console.pairings import ROWS as ROWS_BESIDE
from proxy.console.pairings import WAYS
from proxy.console.periods import CHOICES
from proxy.console.reader import Alone, Grain
from proxy.console.sessions import BRANCHES
from proxy.console.tiles import ASIDE, FIVE, HINTS
from proxy.kpi.agreement import AGREEMENTS, SCORES
from proxy.kpi.changes import HandoverReason
from proxy.kpi.events import MarkSource, TurnResult
from proxy.kpi.evidence import FORMULAS
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.outcome import FROM_BEST, OUTCOMES
from proxy.kpi.prices import Source
from proxy.kpi.report import Status
from proxy.kpi.scenarios import ScenarioName
from proxy.kpi.usage import KINDS
from proxy.kpi.value import VALUE
from proxy.meaning import shapes
from proxy.records import LEVELS
from proxy.report.compose import ROWS
from proxy.report.course import STEADY, Course
from proxy.report.model import AUDIENCES
from proxy.report.worth import PARTS
from proxy.settings.model import AnnotationKind
from proxy.words.catalogue import CATALOGUE
from proxy.words.written import COUNTED, ICONS

ROOMS = ("console", "report")
FACES = ("apart", "empty", "hidden", "nothing", "running")


def sources() -> str:
    house = Path(proxy.__file__).parent
    return "".join(
        path.read_text() for room in ROOMS for path in [*(house / room).glob("*.py"), *(house / room).glob("templates/*")]
    )


def test_each_sentence_that_is_said_exists_and_none_is_left_over() -> None:
    said = set(re.findall(r"""(?:words|\bt)\(\s*["']([a-z_.0-9]*[a-z_0-9])["']""", sources()))
    assert said <= CATALOGUE.keys()
    built = {
        *(f"{family}{name}" for name in FIVE for family in ("", "about.", "aside.")),
        *(f"of.{what}" for what in COUNTED.values()),
        *(name for names in ROWS.values() for name in names),
        *(f"status.{name}" for name in get_args(Status)),
        *(f"outcome.{name}" for name in FROM_BEST),
        *(f"days.{days}" for days in CHOICES),
        *(f"basis.{stage}" for stage in ("captured", "decoded", "attributed", "derived", "identified")),
        *(f"{kind}.{part}" for kind in ("missing", "fault", "refused", "denied") for part in ("title", "text")),
        *("denied.department", "chart.soft", "soft", "settled", "missing.assistant"),
        *("live.rate", "live.p95", "live.errors", "live.open"),
        *(f"group.{name}" for name in DIMENSIONS),
        *(f"compare.{way}" for way in WAYS),
        *(f"login.{fault}" for fault in ("wait", "wrong")),
        *ROWS_BESIDE,
        *(f"note.{kind}" for kind in get_args(AnnotationKind)),
        *(f"groups.empty.{name}" for name in ("people", "traffic")),
        *(f"live.level.{level}" for level in LEVELS[1:]),
        *(key for key in CATALOGUE if key.startswith("reason.")),
        *(f"audience.{audience}" for audience in AUDIENCES),
        *(f"column.{name}" for name in ("figure", "value", "target", "state", "interval", "counted", "before", "change")),
        *(f"change.{verdict}" for verdict in ("higher", "lower", "chance", "unjudged")),
        *(f"assume.{name}" for name in ("zone", "settled", "assumed", "change", "few", "small")),
        *(f"{kind}.{name}.{status}" for kind in ("means", "next") for name in FIVE for status in judged(name)),
        *(key for key in re.findall(r'"(next\.[a-z_.]+)"', sources())),
        *(f"means.{name}" for name in (*STEADY, "cost_per_automated_session", "roi.gain", "roi.loss")),
        *(f"next.{name}.{way}" for name in STEADY for way in get_args(Course)),
        *(f"next.cost.{part}" for part in PARTS if part != "total"),
        *(f"value.{name}" for name in get_args(ScenarioName)),
        *(f"value.cost.{part}" for part in PARTS),
        *(f"value.tokens.{kind}" for kind in KINDS),
        *(f"value.price.{source}" for source in (*get_args(Source), "none")),
        *(f"value.{name}" for name in re.findall(r'line\("([a-z_]+)"', sources())),
        *re.findall(r'head = \((("value\.[a-z]+", )+)', sources())[0][0].replace('"', "").split(", ")[:-1],
        *("value.amount", "value.price"),
        *(f"workshop.try.{kind}" for kind in trials.KINDS),
        *(f"workshop.kind.{kind}" for kind in get_args(shapes.Leaf)),
        *VALUE,
        *(f"survey.{name}" for name in (*get_args(Scale), "taken", "used", "over", "failed", "up", "down", "of")),
        *("means.not_enough_data", "means.adoption.not_due"),
        *(f"{family}{name}" for name in views.figures() for family in ("", "about.")),
        *(f"unset.{name}" for name in HINTS),
        *(f"view.{name}" for name in views.NAMES),
        *(f"reader.{audience}" for audience in AUDIENCES),
        *(f"{face}.{part}" for face in FACES for part in ("title", "text")),
        *(f"{family}.{grain}" for grain in get_args(Grain) for family in ("chart", "table")),
        *(f"flow.{branch}" for branch in BRANCHES),
        *(f"partial.{stage}" for stage in ("captured", "decoded")),
        *(f"handover.reason.{reason}" for reason in get_args(HandoverReason)),
        *(f"handover.source.{source}" for source in get_args(MarkSource)),
        *(f"{family}{name}" for name in FORMULAS for family in ("", "about.")),
        *(f"evidence.{name}{part}" for name in ("counted", "considered", "excluded") for part in ("", ".about")),
        *(f"evidence.head.{name}" for name in ("day", "session", "outcome", "turns", "part", "rules")),
        *(f"outcome.{name}" for name in OUTCOMES),
        *(f"moment.head.{name}" for name in ("when", "what", "how", "times", "rules")),
        *(f"moment.{kind}" for kind in ("turn", "round", "rating")),
        *(f"moment.result.{result}" for result in get_args(TurnResult)),
        *(f"moment.rated.{said}" for said in ("good", "bad", "neutral")),
        *(f"reviews.{name}" for name in (*SCORES, "taken", "gone", "none_given")),
        *(f"reviews.{face}{part}" for face in ("unset", "none", "down") for part in ("", ".about")),
        *(f"{part}{name}" for part in ("", "about.") for name in AGREEMENTS),
        *(f"compared.{why}" for why in get_args(Alone)),
        *(f"fold.{fold}" for fold in get_args(views.Fold)),
        "change.point",
        *("foot.privacy", "foot.sampled"),
        *("chart", "status.unset", "week.of", "login.wrong", "login.wait"),
    }
    assert built - CATALOGUE.keys() == set()
    assert CATALOGUE.keys() - said - built == set()
    assert set(ICONS) == set(get_args(Status))
    assert set(ASIDE) == set(FIVE)


def judged(name: str) -> tuple[str, ...]:
    """What can become of a figure that is held against a target."""
    return ("met", "below", "above") if name in ("automation_rate", "handover_rate") else ("met", "not_met")
