"""Evidence is made once for as long as the ledger says the same, and no longer."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import msgspec

from proxy.kpi.evidence import FORMULAS, Page
from proxy.kpi.report import Completeness, Figures, Measure
from proxy.observer.lastmade import LastMade
from proxy.observer.proofs import Proofs
from proxy.settings.model import Assistant
from tests.kpi.test_kpi_timeline import AT, TRACES

DAY = date(2026, 10, 20)
RH = Assistant(upstream="http://127.0.0.1:1", name="rh", time_zone="Europe/Paris")


class Counted:
    """A ledger and its traces; says what was asked."""

    def __init__(self) -> None:
        self.turns = 4.0
        self.asked: list[tuple[date, date]] = []

    async def figures(self, assistant: Assistant, first: date, last: date) -> Figures:
        return Figures(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            kpis={**dict.fromkeys(FORMULAS, Measure(value=None)), "turns": Measure(value=self.turns)},
            provisional={},
            outcomes={},
            open_sessions=0,
            completeness=Completeness(captured=1.0, decoded=1.0, attributed=1.0, dropped=0),
        )

    async def of(self, _: Assistant, __: Any, first: date, last: date, ___: float) -> Any:
        self.asked.append((first, last))
        return TRACES

    async def since(self, *_: Any) -> date:
        return DAY


def proofs(counted: Counted) -> Proofs:
    both: Any = counted
    return Proofs(both, both, lambda: AT + 10 * 86400)


async def test_another_figure_and_the_next_page_read_no_turn_again() -> None:
    counted = Counted()
    found = proofs(counted)
    first, csat = await asyncio.gather(
        found.evidence(RH, "turns", DAY, DAY, Page()), found.evidence(RH, "csat", DAY, DAY, Page(limit=1))
    )
    assert (first.agrees, first.considered, csat.hits, csat.left_out) == (True, 3, 1, 2)
    assert counted.asked == [(DAY, DAY)]
    counted.turns = 5.0
    changed = await found.evidence(RH, "turns", DAY, DAY, Page())
    assert (changed.agrees, changed.figure.value, len(counted.asked)) == (False, 5.0, 2)
    await found.evidence(RH, "turns", DAY, date(2026, 10, 21), Page())
    assert len(counted.asked) == 3, "another period"


async def test_a_session_is_told_of_its_own_days() -> None:
    counted = Counted()
    found = proofs(counted)
    month = date(2026, 10, 1), date(2026, 10, 31)
    lines = (await found.evidence(RH, "csat", *month, Page())).sessions
    told = await found.timeline(RH, lines[0].session, *month)
    assert told is not None
    assert [moment.kind for moment in told.moments] == ["turn", "turn", "rating"]
    assert counted.asked == [month, (DAY, DAY)]
    assert await found.timeline(RH, "0" * 16, *month) is None
    assert len(counted.asked) == 2


async def test_what_is_kept_is_bounded_in_size_and_time() -> None:
    counted = Counted()
    made = await proofs(counted)._made(RH, DAY, DAY)
    few, brief = LastMade(sessions=len(made.found) - 1), LastMade(lasts=0.0)
    for kept in (few, brief):
        kept.keep(made)
    assert few.of("rh", DAY, DAY, made.figures) is None
    assert brief.of("rh", DAY, DAY, made.figures) is made
    assert brief.of("it", DAY, DAY, made.figures) is None
    gone = asyncio.Event()
    asyncio.get_running_loop().call_later(0.0, gone.set)
    await gone.wait()
    assert brief.of("rh", DAY, DAY, msgspec.structs.replace(made.figures)) is None
