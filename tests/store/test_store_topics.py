"""Themes in the store: readable from the tenth person on, by nobody before, for five weeks."""

from datetime import UTC, datetime, time

import msgspec
import pytest

import proxy.store.topics
from proxy.kpi.calendar import monday
from proxy.kpi.events import Turn
from proxy.kpi.topics import Topic
from proxy.meaning.topics import Sealing
from proxy.settings.model import Assistant
from proxy.settings.model import Topics as Wanted
from proxy.store.apply import Applier
from proxy.store.entries import read
from proxy.store.keys import Keys, expiry
from proxy.store.topics import KEPT, Themes
from proxy.store.transaction import Client
from tests.store.making import numbered

CANARY = "quetzalcoatl"
SEALING = Sealing(b"secret", "rh", 10)
WEEK = 7 * 86400.0
MONDAY = monday(datetime.now(UTC).date())
"""Of this week: what is older than five is dropped by the server, whose clock is not ours to set."""
BASE = datetime.combine(MONDAY, time(12), UTC).timestamp()


def unanswered(person: int, at: float = 0.0, text: str = f"Le {CANARY} du solde ?") -> Turn:
    user = f"user{person}"
    return Turn(
        id=f"{person}/{at}",
        assistant="rh",
        at=BASE + at,
        result="no_answer",
        conversation=f"c{person}",
        user=user,
        topics=SEALING.shares(text, user, "no_answer", ()),
    )


@pytest.fixture
def keeping(assistant: Assistant) -> Assistant:
    return msgspec.structs.replace(assistant, topics=Wanted(kept=True))


async def holds(client: Client, word: str) -> bool:
    """Say whether the store has a word anywhere, in names or in values."""
    return word in "".join([repr(entry) async for batch in read(client, hold=False) for entry in batch])


async def test_a_theme_is_read_from_the_tenth_person_on_and_by_nobody_before(client: Client, keeping: Assistant):
    applier, themes = Applier(client, {"rh": keeping}, "one"), Themes(client)
    events = [*[unanswered(person) for person in range(9)], unanswered(0, 60.0), unanswered(1, WEEK)]
    await applier.apply(numbered(events))
    found = await themes.of(keeping, BASE + WEEK)
    assert (found.topics, found.hidden) == ([], 1), "nine people, one twice and one again a week later"
    assert not await holds(client, CANARY)
    assert CANARY.encode() not in msgspec.msgpack.encode(events)
    await applier.apply([(99, unanswered(9, 2 * WEEK))])
    found = await themes.of(keeping, BASE + 2 * WEEK)
    assert found.topics == [Topic(words=[CANARY, "solde"], people=10, turns=12)]
    assert found.hidden == 0
    assert not await holds(client, CANARY), "what is opened is stored nowhere"


async def test_hosts_add_to_the_same_themes_and_a_repeated_commit_adds_nothing(client: Client, keeping: Assistant):
    for host in range(2):
        batch = numbered([unanswered(person) for person in range(host * 6, host * 6 + 6)])
        for _ in range(2):
            await Applier(client, {"rh": keeping}, f"host{host}").apply(batch)
    (topic,) = (await Themes(client).of(keeping, BASE)).topics
    assert (topic.people, topic.turns) == (12, 12)


async def test_themes_end_after_five_weeks_and_are_not_shown_when_switched_off(
    client: Client, keeping: Assistant, assistant: Assistant
):
    await Applier(client, {"rh": keeping}, "one").apply(numbered([unanswered(person) for person in range(10)]))
    key = Keys("rh").topics(MONDAY.isoformat())
    assert await client.expiretime(key) == expiry(MONDAY.isoformat(), KEPT)
    assert len((await Themes(client).of(keeping, BASE + 4 * WEEK)).topics) == 1
    assert (await Themes(client).of(keeping, BASE + 5 * WEEK)).topics == []
    off = await Themes(client).of(assistant, BASE)
    assert (off.kept, off.topics, off.hidden) == (False, [], 0)


async def test_a_full_week_takes_no_more_and_says_so(client: Client, keeping: Assistant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(proxy.store.topics, "FIELDS", 12)
    applier = Applier(client, {"rh": keeping}, "one")
    await applier.apply(numbered([unanswered(person) for person in range(10)]))
    await applier.apply([(50, unanswered(50, text="badge")), (51, unanswered(51, WEEK, text="badge"))])
    found = await Themes(client).of(keeping, BASE + WEEK)
    assert found.full
    assert (len(found.topics), found.hidden) == (1, 1), "the next week has room"
