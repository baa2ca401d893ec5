"""Who leads shows the figures, who does not shows none, and a lost lead is noticed without the store."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from proxy.export.gauges import Snapshot
from proxy.observer.fleet import LIFE, PACE, RENEW, Fleet

SNAPSHOT = Snapshot(figures={})


class AwayError(Exception):
    """What this store raises when it can't be reached."""


class World:
    """A lease that does as it is told, a clock, and what is shown."""

    def __init__(self) -> None:
        self.ours = True
        self.away = False
        self.now = 0.0
        self.shown: Sequence[Snapshot] = ()
        self.released = False
        self.fleet = Fleet(self, self.read, self.show, clock=lambda: self.now, away=(AwayError,))

    async def hold(self, seconds: float) -> bool:
        if self.away:
            raise AwayError
        return self.ours

    async def release(self) -> None:
        if self.away:
            raise AwayError
        self.released = True

    async def read(self) -> Sequence[Snapshot]:
        if self.away:
            raise AwayError
        return [SNAPSHOT]

    def show(self, latest: Sequence[Snapshot]) -> None:
        self.shown = latest


@pytest.fixture
def world() -> World:
    return World()


async def test_the_leader_shows_the_figures(world: World) -> None:
    await world.fleet.look()
    assert not world.shown
    await world.fleet.renew()
    await world.fleet.look()
    assert world.fleet.leading
    assert list(world.shown) == [SNAPSHOT]


async def test_who_loses_the_lead_shows_nothing(world: World) -> None:
    await world.fleet.renew()
    await world.fleet.look()
    world.ours = False
    await world.fleet.renew()
    assert not world.fleet.leading
    assert not world.shown


async def test_with_the_store_away_a_lead_lasts_as_long_as_it_was_given(world: World) -> None:
    await world.fleet.renew()
    await world.fleet.look()
    world.away = True
    world.now = LIFE - 0.1
    await world.fleet.renew()
    await world.fleet.look()
    assert list(world.shown) == [SNAPSHOT]
    world.now = LIFE
    await world.fleet.renew()
    assert not world.shown


async def test_a_lead_lost_while_figures_are_read_shows_nothing(world: World) -> None:
    await world.fleet.renew()

    async def slow() -> Sequence[Snapshot]:
        world.now += LIFE
        return [SNAPSHOT]

    world.fleet._read = slow
    await world.fleet.look()
    assert not world.shown


async def test_at_the_end_the_lead_is_given_up(world: World) -> None:
    await world.fleet.renew()
    await world.fleet.finish()
    assert world.released
    assert not world.fleet.leading
    world.away = True
    await world.fleet.finish()  # it runs out by itself


def test_another_leads_within_twenty_seconds() -> None:
    assert LIFE + RENEW <= 16
    assert RENEW * 2 < LIFE
    assert PACE < LIFE
