"""What the leader reads for its gauges: people by group only as they may be shown, and not at every look."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, cast

from proxy.export.gauges import Crowd
from proxy.kpi.groups import WHOLE, Scope
from proxy.kpi.report import Breakdown, Completeness, Figures, Group, Measure
from proxy.observer.reading import CROWDS, Reading
from proxy.settings.model import Assistant
from proxy.store.activity import Activity
from proxy.store.figures import Ledger
from proxy.store.topics import Themes

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
ASSISTANT = Assistant(upstream="http://127.0.0.1:1", name="rh")


class CannedLedger:
    """The same figures for every period."""

    async def figures(self, assistant: Assistant, *_: Any) -> Figures:
        complete = Completeness(captured=None, decoded=None, attributed=None, dropped=0)
        return Figures(
            assistant="rh",
            from_="2026-11-01",
            to="2026-11-25",
            time_zone="UTC",
            kpis={},
            provisional={},
            outcomes={},
            open_sessions=0,
            completeness=complete,
        )

    async def active(self, *_: Any) -> dict[str, int]:
        return {"day": 3}


class CannedGroups:
    """Departments, of which one is hidden and one is what no label is known of; notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, date, date]] = []

    async def breakdown(self, assistant: Assistant, heads: object, by: str, first: date, last: date, *_: Any) -> Breakdown:
        self.asked.append((by, first, last))
        people = {
            "wau": Measure(value=15.0),
            "mau": Measure(value=25.0),
            "adoption": Measure(value=0.5, numerator=20, denominator=40),
        }
        nothing = dict.fromkeys(people, Measure(value=None, reason="small_group"))
        groups = [
            Group(label="Sales", hidden=False, kpis=people),
            Group(label="Law", hidden=True, kpis=nothing),
            Group(label="", hidden=False, kpis=people),
        ]
        return Breakdown(
            assistant="rh",
            by=by,
            from_=None,
            to=None,
            time_zone="UTC",
            groups=groups if by == "department" else [],
            suppressed_groups=1,
        )


class Roll:
    """Sixty people in every week."""

    def groups(self, week: date) -> dict[Scope, int]:
        return {WHOLE: 60}


async def test_people_by_group_are_of_whole_weeks_and_read_seldom() -> None:
    now = [NOW.timestamp()]
    ledger, groups = CannedLedger(), CannedGroups()
    reading = Reading(cast("Ledger", ledger), cast("Activity", ledger), cast("Themes", ledger), {"rh": Roll()}, lambda: now[0])
    reading._groups = groups  # type: ignore[assignment]  # a stand-in for the store's
    (snapshot,) = await reading.snapshots((ASSISTANT,))
    assert snapshot.eligible == 60
    assert snapshot.crowds == (
        Crowd(dimension="department", label="Sales", active={"last_4_weeks": 25.0, "last_week": 15.0}, eligible=40),
    )
    assert groups.asked[:2] == [
        ("department", date(2026, 11, 16), date(2026, 11, 22)),
        ("department", date(2026, 10, 26), date(2026, 11, 22)),
    ]
    asked = len(groups.asked)
    now[0] += CROWDS - 1
    assert (await reading.snapshots((ASSISTANT,)))[0].crowds == snapshot.crowds
    assert len(groups.asked) == asked
    now[0] += 1
    await reading.snapshots((ASSISTANT,))
    assert len(groups.asked) == 2 * asked
