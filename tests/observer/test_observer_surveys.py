"""A rating by invitation: kept once, whatever store and disk do."""

from __future__ import annotations

import asyncio

import pytest

from proxy.access.invitations import invited
from proxy.kpi.events import Rating
from proxy.meaning.hashing import Keyed
from proxy.observer.surveys import Surveys

AT = 1_800_000_000.0
UNTIL = int(AT) + 60


class Names:
    """The store's names; can be away."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.away = False

    async def take(self, name: str, seconds: int) -> bool:
        if self.away:
            raise ConnectionError
        if name in self.taken:
            return False
        self.taken[name] = seconds
        return True

    async def free(self, name: str) -> None:
        if self.away:
            raise ConnectionError
        self.taken.pop(name, None)


class Disk:
    """The outbox; can be full."""

    def __init__(self) -> None:
        self.kept: list[Rating] = []
        self.full = False

    def keep(self, rating: Rating) -> asyncio.Future[object]:
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if self.full:
            done.set_exception(OSError("full"))
        else:
            self.kept.append(rating)
            done.set_result(None)
        return done


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def disk() -> Disk:
    return Disk()


def host(names: Names, disk: Disk) -> Surveys:
    return Surveys(Keyed(b"secret"), names, disk.keep, away=(ConnectionError,), unwritable=(OSError,))


async def test_a_rating_names_its_conversation_and_is_judged_by_its_scale(names: Names, disk: Disk) -> None:
    surveys = host(names, disk)
    conversation = surveys.conversation("rh", "c1")
    assert conversation == Keyed(b"secret").conversation("rh", "c1")
    for score, satisfied in ((5, True), (3, None), (1, False)):
        assert await surveys.rate(invited("rh", conversation, "five", UNTIL), score, AT) == "taken"
        rating = disk.kept[-1]
        assert (rating.conversation, rating.scale, rating.satisfied, rating.score) == (conversation, "five", satisfied, score)
    assert names.taken[disk.kept[0].id.removeprefix("survey:")] == 61


@pytest.mark.parametrize(("scale", "score"), [("five", 0), ("five", 6), ("binary", 2), ("nps", 11), ("five", float("nan"))])
async def test_what_is_on_no_scale_uses_no_invitation(names: Names, disk: Disk, scale, score) -> None:
    surveys, invitation = host(names, disk), invited("rh", "c", scale, UNTIL)
    assert await surveys.rate(invitation, score, AT) == "no_score"
    assert await surveys.rate(invitation, 1, AT) == "taken"


async def test_no_other_host_takes_it_a_second_time(names: Names, disk: Disk) -> None:
    invitation = invited("rh", "c", "five", UNTIL)
    assert await host(names, disk).rate(invitation, 5, AT) == "taken"
    assert await host(names, disk).rate(invitation, 1, AT) == "used"


async def test_without_the_store_a_host_takes_it_once(names: Names, disk: Disk) -> None:
    names.away = True
    surveys, invitation = host(names, disk), invited("rh", "c", "five", UNTIL)
    assert await surveys.rate(invitation, 5, AT) == "taken"
    assert await surveys.rate(invitation, 5, AT) == "used"
    assert await host(names, disk).rate(invitation, 1, AT) == "taken"
    assert len({rating.id for rating in disk.kept}) == 1  # which the ledger counts once


async def test_a_full_disk_gives_the_invitation_back(names: Names, disk: Disk) -> None:
    surveys, invitation = host(names, disk), invited("rh", "c", "five", UNTIL)
    disk.full = True
    assert await surveys.rate(invitation, 5, AT) == "unwritable"
    disk.full = False
    assert await surveys.rate(invitation, 5, AT) == "taken"
