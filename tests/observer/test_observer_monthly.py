"""Reports that are written by themselves: once, when settled, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from proxy.console.unanswered import Unavailable
from proxy.kpi.calendar import Interval
from proxy.kpi.groups import Dimension
from proxy.kpi.report import Breakdown, Completeness, Day, Figures, Measure, Stretch
from proxy.kpi.topics import Topics
from proxy.kpi.value import ValueReport
from proxy.observer.monthly import Monthly
from proxy.settings.model import Assistant, Reports
from tests.kpi.worths import report_of


class BriefLedger:
    """Some turns in every month, or none; can be away."""

    def __init__(self) -> None:
        self.turns = 120.0
        self.away = False

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date) -> Breakdown:
        return Breakdown(
            assistant=assistant.name,
            by=by,
            from_=None,
            to=None,
            time_zone=assistant.time_zone,
            groups=[],
            suppressed_groups=0,
        )

    async def figures(self, assistant: Assistant, first: date, last: date) -> Figures:
        if self.away:
            raise Unavailable("away")
        return Figures(
            assistant=assistant.name,
            from_=first.isoformat(),
            to=last.isoformat(),
            time_zone=assistant.time_zone,
            kpis={"turns": Measure(value=self.turns)},
            provisional={},
            outcomes={},
            open_sessions=0,
            completeness=Completeness(captured=1.0, decoded=1.0, attributed=1.0, dropped=0),
        )

    async def days(self, assistant: Assistant, first: date, last: date) -> list[Day]:
        return []

    async def series(self, assistant: Assistant, interval: Interval, first: date, last: date) -> list[Stretch]:
        return []

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        return report_of(assistant, first, last)

    async def topics(self, assistant: Assistant) -> Topics:
        return Topics(from_="2026-10-05", to="2026-11-02", kept=False, smallest=10, topics=[], hidden=0)


class World:
    """A clock, a ledger, and what lies in the directory."""

    def __init__(self, folder: Path, settings: Reports) -> None:
        self.now = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
        self.ledger = BriefLedger()
        self.folder = folder
        assistants = (Assistant(upstream="http://127.0.0.1:1", name="rh"),)
        self.monthly = Monthly(assistants, settings, self.ledger, folder, lambda: self.now)

    def files(self) -> Iterator[str]:
        return (str(path.relative_to(self.folder)) for path in sorted(self.folder.rglob("*.*")))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, Reports())


async def test_a_month_is_written_once_its_last_session_can_have_settled(world: World) -> None:
    world.now = datetime(2026, 11, 2, 0, 29, tzinfo=UTC)  # in Paris 1:29; settled are 24 h 30 min after the month, and an hour
    assert await world.monthly.write() == []
    world.now = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
    await world.monthly.write()
    assert list(world.files()) == ["rh/2026-10-en.html", "rh/2026-10-fr.html"]
    assert "le service rendu en octobre" in (world.folder / "rh/2026-10-fr.html").read_text()


async def test_what_was_handed_round_stays_what_it_was(world: World) -> None:
    first, _ = await world.monthly.write()
    before = first.read_bytes()
    world.ledger.turns = 5000.0
    assert await world.monthly.write() == []
    assert first.read_bytes() == before


async def test_a_month_without_turns_has_no_report(world: World) -> None:
    world.ledger.turns = 0.0
    assert await world.monthly.write() == []
    assert list(world.files()) == []


async def test_with_the_store_away_it_is_written_at_the_next_look(world: World) -> None:
    world.ledger.away = True
    with pytest.raises(Unavailable):
        await world.monthly.write()
    world.ledger.away = False
    assert len(await world.monthly.write()) == 2


async def test_as_many_months_are_kept_as_the_settings_say_in_their_formats(tmp_path: Path) -> None:
    world = World(tmp_path, Reports(formats=("csv", "md"), languages=("fr",), keep=2))
    for month in (9, 10, 11, 12):
        world.now = datetime(2026, month, 15, tzinfo=UTC)
        await world.monthly.write()
    assert list(world.files()) == ["rh/2026-10-fr.csv", "rh/2026-10-fr.md", "rh/2026-11-fr.csv", "rh/2026-11-fr.md"]


async def test_a_directory_that_can_not_be_written_is_told_and_ends_nothing(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "rh").mkdir()
    (tmp_path / "rh/2026-10-en.html.part").mkdir()
    await world.monthly.write()
    assert "can't be written" in caplog.text
    assert "rh/2026-10-fr.html" in list(world.files())


async def test_without_formats_there_are_none(tmp_path: Path) -> None:
    world = World(tmp_path, Reports(formats=()))
    assert await world.monthly.write() == []
