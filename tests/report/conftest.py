"""A month of an assistant, made up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from proxy.kpi.privacy import HIDDEN
from proxy.kpi.report import Breakdown, Completeness, Day, Figures, Group, Measure, Status
from proxy.kpi.shares import at_least, share, within_band
from proxy.report.model import Facts
from proxy.report.month import Month
from proxy.settings.model import Assistant
from tests.kpi.worths import report_of

OCTOBER = Month(2026, 10)


def figures(month: Month, **kpis: Measure) -> Figures:
    """Figures of a month in which 620 of 1,000 sessions were automated, but for the given ones."""
    found = {
        "automation_rate": within_band(share(620, 1000), (0.5, 0.8)),
        "automation_rate_confirmed": share(310, 1000),
        "handover_rate": within_band(share(150, 1000), (0.1, 0.2)),
        "handover_request_rate": share(90, 1000),
        "response_time": Measure(value=3.24, p50=2.6, p95=8.1, p99=14.0, n=3000, target=(None, 10.0), status="met"),
        "response_time_within_target": share(2900, 3000),
        "csat": at_least(share(180, 200), 0.8),
        "csat_response_rate": share(200, 1000),
        "adoption": at_least(share(30, 60), 0.6),
        "turns": Measure(value=3000.0),
        "sessions": Measure(value=1000.0),
        "mau": Measure(value=41.0),
        **kpis,
    }
    outcomes = {
        "resolved_confirmed": 310,
        "resolved_assumed": 310,
        "handed_over": 150,
        "no_answer": 130,
        "abandoned": 60,
        "failed": 40,
        "excluded": 4,
    }
    return Figures(
        assistant="rh <b>",
        from_=month.first.isoformat(),
        to=month.last.isoformat(),
        time_zone="Europe/Paris",
        kpis=found,
        provisional={},
        outcomes=outcomes,
        open_sessions=5,
        completeness=Completeness(captured=1.0, decoded=0.998, attributed=None, dropped=2),
    )


@pytest.fixture
def facts() -> Facts:
    days = [
        Day(date=(OCTOBER.first + timedelta(days=at)).isoformat(), kpis={"automation_rate": share(20 + at % 3, 32)})
        for at in range(31)
    ]
    return Facts(
        month=OCTOBER,
        today=date(2026, 11, 2),
        launched=date(2026, 9, 1),
        figures=figures(OCTOBER),
        before=figures(OCTOBER.before, automation_rate=within_band(share(520, 1000), (0.5, 0.8))),
        days=days,
        departments=Breakdown(
            assistant="rh <b>",
            by="department",
            from_="2026-09-28",
            to="2026-11-01",
            time_zone="Europe/Paris",
            groups=[
                Group(label="", hidden=False, kpis={"adoption": share(2, 4)}),
                Group(label="Law | <i>", hidden=True, kpis={"adoption": HIDDEN}),
                Group(label="Sales", hidden=False, kpis={"adoption": share(12, 40), "mau": Measure(value=17.0)}),
                Group(label="HR", hidden=False, kpis={"adoption": share(18, 20), "sessions": Measure(value=400.0)}),
            ],
            suppressed_groups=1,
        ),
        value=report_of(Assistant(upstream="http://a"), OCTOBER.first, OCTOBER.last),
    )


def with_measure(facts: Facts, name: str, **changes: Any) -> Facts:
    """The same month with one figure changed."""
    kpis = facts.figures.kpis
    changed = {**kpis, name: msgspec.structs.replace(kpis[name], **changes)}
    return msgspec.structs.replace(facts, figures=msgspec.structs.replace(facts.figures, kpis=changed))


def with_status(facts: Facts, name: str, status: Status) -> Facts:
    """The same month with one figure judged otherwise."""
    return with_measure(facts, name, status=status)
