"""A person who is forgotten: out of sets and conversations, while every sum stays."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from proxy.cli import main
from proxy.forgetting import ForgetError, forget
from proxy.kpi.events import Event, Rating, Turn
from proxy.kpi.groups import WHOLE
from proxy.meaning.hashing import Keyed
from proxy.settings.model import Assistant, Settings, Store
from proxy.settings.people import People
from proxy.store.apply import Applier
from proxy.store.erasure import Erased, Eraser
from proxy.store.keys import Keys
from proxy.store.settle import Settler
from proxy.store.transaction import Client
from tests.store.conftest import Server
from tests.store.making import BASE, day_sums, ledger, numbered

LATER = BASE + 9 * 86400
KEYS = Keys("rh")


def turn(name: str, user: str, conversation: str, day: int = 0) -> Turn:
    return Turn(
        id=name,
        assistant="rh",
        at=BASE + day * 86400,
        result="ok",
        conversation=conversation,
        user=user,
        department="HR",
        messages=(f"m{name}",),
        later=(f"s{name}",),
        duration=1.0,
    )


def rating(name: str, user: str, conversation: str, message: str, *, good: bool) -> Rating:
    return Rating(
        id=name,
        assistant="rh",
        at=BASE + 60,
        scale="binary",
        satisfied=good,
        conversation=conversation,
        user=user,
        message=message,
    )


EVENTS: list[Event] = [
    turn("a", "paul", "c1"),
    turn("b", "paul", "c1", 1),
    turn("c", "anna", "c2"),
    turn("d", "paul", "c3"),
    turn("e", "anna", "c3"),
    rating("r1", "paul", "c2", "mc", good=True),
    rating("r2", "anna", "c2", "mc", good=False),
]


async def holds(client: Client, word: bytes) -> list[str]:
    """Keys whose name or content has a word."""
    found = []
    async for key in client.scan_iter("*"):
        kind = await client.type(key)
        content: object = b""
        match kind:
            case b"string":
                content = await client.get(key)
            case b"set":
                content = await client.smembers(key)
            case b"zset":
                content = await client.zrange(key, 0, -1)
            case b"hash":
                content = await client.hgetall(key)
        if word in key or word in repr(content).encode():
            found.append(key.decode())
    return found


async def test_a_forgotten_person_is_nowhere_and_the_sums_are_as_they_were(client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered(EVENTS))
    before = day_sums(await ledger(client))
    assert await holds(client, b"paul")
    done = await Eraser(client, {"rh": assistant}).forget("rh", "paul", "derived")
    assert done == Erased(sets=4, conversations=1, shared=2, traces=2)
    assert await holds(client, b"paul") == []
    assert not await client.exists(KEYS.conversation("c1"), KEYS.message("ma"), KEYS.message("mb"), KEYS.trail("sa"))
    assert await client.exists(KEYS.conversation("c2"), KEYS.message("mc"), KEYS.trail("sc")) == 3
    await Settler(client, {"rh": assistant}).settle(LATER, 10)
    after = day_sums(await ledger(client))
    assert {name: count for name, count in after.items() if name.startswith(("turn", "rating", "response"))} == {
        name: count for name, count in before.items() if name.startswith(("turn", "rating", "response"))
    }
    sessions = sum(count for name, count in before.items() if name.startswith("open:") and name != "open:rated")
    assert sum(count for name, count in after.items() if name.startswith("settled:") and name != "settled:rated") == sessions
    assert not [name for name in after if name.startswith("open:")]
    assert await Eraser(client, {"rh": assistant}).forget("rh", "paul", "derived") == Erased()


async def test_counts_of_many_are_told(client: Client, assistant: Assistant):
    assistant = msgspec.structs.replace(assistant, people=People(exact=1))
    await Applier(client, {"rh": assistant}, "one").apply(numbered(EVENTS))
    done = await Eraser(client, {"rh": assistant}).forget("rh", "paul", "derived")
    assert (done.counts, done.sets) == (4, 0)
    assert await client.exists(KEYS.people("2026-10-20", "p", WHOLE, wide=True))


async def test_who_comes_back_is_counted_anew(client: Client, assistant: Assistant):
    applier = Applier(client, {"rh": assistant}, "one")
    await applier.apply(numbered(EVENTS))
    await Eraser(client, {"rh": assistant}).forget("rh", "paul", "derived")
    await applier.apply(numbered([turn("z", "paul", "c1", 2)], 100))
    assert day_sums(await ledger(client))["turns"] == 6
    assert await client.zrange(KEYS.first, 0, -1) == [b"anna", b"paul"]


def test_the_command_says_what_it_did_and_what_stays(shared_server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    command = ["forget", "Paul@Example.org", "--state", str(tmp_path), "--store", "redis://127.0.0.1:1/0"]
    assert main(command) == 1
    assert "the store can't be reached" in capsys.readouterr().err
    settings = Settings(
        assistants=(Assistant(upstream="http://127.0.0.1:1", name="rh"),), state=str(tmp_path), store=Store(url=shared_server.url)
    )
    lines = list(forget(settings, "paul@example.org", {}))
    assert lines[0] == "rh: taken out of 0 daily sets of people and 0 conversations, with 0 traces of turns and ratings"
    assert any("sums by hour and day" in line for line in lines)


def test_without_the_secret_nobody_can_be_found(tmp_path: Path):
    settings = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1"),), state=str(tmp_path))
    with pytest.raises(ForgetError, match="no secret"):
        list(forget(settings, "paul", {}))
    assert not (tmp_path / "secret").exists()


async def test_assistants_that_the_settings_do_not_name_are_told(client: Client, assistant: Assistant, tmp_path: Path):
    """The demo's, or one whose settings file was not given: nobody may believe that a person is forgotten there."""
    await Applier(client, {"rh": assistant}, "one").apply(numbered(EVENTS))
    assert await Eraser(client, {}).assistants() == ["rh"]
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    where = Store(url=f"unix://{client.connection_pool.connection_kwargs['path']}")
    other = Settings(assistants=(Assistant(upstream="http://a", name="other"),), state=str(tmp_path), store=where)
    lines = await asyncio.to_thread(lambda: list(forget(other, "paul", {})))
    assert lines[1] == "NOT looked at, since these settings do not name them: rh; give --config"
    named = msgspec.structs.replace(other, assistants=(Assistant(upstream="http://a", name="rh"),))
    assert not [line for line in await asyncio.to_thread(lambda: list(forget(named, "paul", {}))) if "NOT" in line]


async def test_the_hash_is_that_of_the_traffic(client: Client, assistant: Assistant):
    key = Keyed(b"k" * 32).user("Paul@Example.org")
    event = msgspec.structs.replace(turn("a", key, "c"), user=key)
    await Applier(client, {"rh": assistant}, "one").apply(numbered([event]))
    assert key == Keyed(b"k" * 32).user("paul@example.ORG")
    assert (await Eraser(client, {"rh": assistant}).forget("rh", key, "derived")).conversations == 1
