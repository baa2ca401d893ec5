"""What the tests of the export tell it, and how they read the text of a scrape."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from proxy.export.gauges import Snapshot
from proxy.export.telemetry import Telemetry
from proxy.kpi.changes import (
    Change,
    HandoverMoved,
    HandoverStarted,
    RatingCounted,
    SessionSettled,
    SessionStarted,
    TurnCounted,
)
from proxy.kpi.events import Turn
from proxy.kpi.report import Completeness, Figures, Measure
from proxy.records import OVERHEAD_BOUNDS, Counts
from proxy.settings.model import Assistant, Settings

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

SETTINGS = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1", name="rh", channel="web"),))


def turn(**fields: Any) -> TurnCounted:
    return TurnCounted(Turn(**{"id": "t", "assistant": "rh", "at": 0.0, "result": "ok", "channel": "web", **fields}))


CHANGES: list[Change] = [
    turn(duration=2.5, first_text=0.4, tokens_in=12, tokens_out=90, model="gpt-9"),
    turn(duration=12.0),
    turn(result="error", error="server_error", duration=0.1),
    turn(continues=True, tokens_in=8, model="gpt-9"),
    SessionStarted("rh", "web"),
    SessionSettled("rh", "web", "resolved_assumed"),
    HandoverStarted("rh", "tool_call", "user_request"),
    HandoverMoved("rh", "accepted"),
    RatingCounted("rh", "binary", True),
    RatingCounted("rh", "five", None),
]


def counts(requests: int, open_now: int = 1) -> Counts:
    overhead = (requests,) + (0,) * len(OVERHEAD_BOUNDS)
    values = {
        ("requests", "rh", "2xx"): requests,
        ("errors", "rh", "timeout"): 1,
        ("bytes", "rh", "in"): 100,
        ("connections", "client", "opened"): 100 + open_now,
        ("connections", "client", "closed"): 100,
        ("dropped", "body", "ring_full"): 2,
    }
    return Counts(values, overhead, 0.00002 * requests, 0, 0)


FIGURES = Figures(
    assistant="rh",
    from_="2026-11-17",
    to="2026-11-23",
    time_zone="Europe/Paris",
    kpis={
        "automation_rate": Measure(value=0.62, numerator=620, denominator=1000),
        "csat": Measure(value=None, reason="no_ratings"),
        "adoption": Measure(value=0.5, numerator=30, denominator=60),
        "wau": Measure(value=30.0),
    },
    provisional={},
    outcomes={},
    open_sessions=0,
    completeness=Completeness(captured=1.0, decoded=0.5, attributed=None, dropped=0),
)

SNAPSHOT = Snapshot(figures={"7d": FIGURES, "28d": FIGURES}, active={"day": 9, "week": 30, "28d": 41, "month": 35}, eligible=60)


async def scraped(telemetry: Telemetry) -> Samples:
    body, content_type = await telemetry.scrape()
    assert content_type.startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))
